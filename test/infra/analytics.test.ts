import { beforeAll, expect, it } from 'vitest';
import type { Statement } from '../../core/iam/evaluate';
import { PlannedEnvironment } from './environments';

let dev: PlannedEnvironment;
let prod: PlannedEnvironment;
beforeAll(async () => {
  dev = await PlannedEnvironment.run('dev');
  prod = await PlannedEnvironment.run('prod');
});

it('lets nothing into prod’s time series but its functions, and them to nothing else', () => {
  const rules = (type: string) =>
    prod
      .of(type)
      .map(({ inputs }) => [
        inputs.securityGroupId,
        inputs.referencedSecurityGroupId,
        inputs.fromPort,
        inputs.toPort,
      ]);
  const group = (part: string): string => `tierwatch-prod-analytics-${part}-id`;
  const [functions, series, doors] = ['functions', 'series', 'doors'].map(group);
  expect(rules('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule')).toEqual([
    [functions, series, 8086, 8086],
    [functions, doors, 443, 443],
  ]);
  expect(rules('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule')).toEqual([
    [series, functions, 8086, 8086],
    [doors, functions, 443, 443],
  ]);
  for (const asked of prod.of('aws:lambda/function:Function')) {
    const isInside = /-analytics(-query|-setup)?$/.test(asked.name);
    expect(Boolean(asked.inputs.vpcConfig)).toBe(isInside);
  }
  const influx = 'aws:timestreaminfluxdb/dbInstance:DbInstance';
  expect(prod.one(influx, 'tierwatch-prod-analytics')).toMatchObject({
    publiclyAccessible: false,
    vpcSecurityGroupIds: [series],
  });
});

it('makes LiveAnalytics’ table for the accounts that have it, in no network', async () => {
  const planned = await PlannedEnvironment.run('dev', {
    analytics: 'live-analytics',
    acknowledgesLiveAnalyticsClosed: true,
    isTraced: true,
  });
  const find = (type: string, name: string) => planned.one(type, name);
  expect(find('aws:timestreamwrite/table:Table', 'tierwatch-dev-analytics')).toMatchObject({
    retentionProperties: {
      memoryStoreRetentionPeriodInHours: 168,
      magneticStoreRetentionPeriodInDays: 400,
    },
  });
  const { policy } = find('aws:iam/rolePolicy:RolePolicy', 'tierwatch-dev-analytics');
  const { Statement } = JSON.parse(String(policy)) as { Statement: Statement[] };
  expect(Statement.flatMap(({ Action }) => Action)).toEqual([
    'timestream:WriteRecords',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'timestream:DescribeEndpoints',
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
  ]);
  const function_ = find('aws:lambda/function:Function', 'tierwatch-dev-analytics');
  expect(function_.vpcConfig).toBeUndefined();
  expect(function_.tracingConfig).toEqual({ mode: 'Active' });
  expect(function_.environment).toMatchObject({
    variables: { POWERTOOLS_TRACE_ENABLED: 'true' },
  });
  expect(planned.all.some(({ name }) => name === 'tierwatch-dev-analytics-setup')).toBe(false);
});

it('sums the table’s rows hourly where there is no time series, and answers from there', () => {
  const variablesOf = (name: string) =>
    (dev.one('aws:lambda/function:Function', name).environment as Record<string, unknown>)
      .variables;
  const untraced = { POWERTOOLS_TRACE_ENABLED: 'false' };
  expect(variablesOf('tierwatch-dev-roll-up')).toEqual({
    ...untraced,
    TIERWATCH_ENVIRONMENT: 'dev',
    TIERWATCH_TABLE: 'tierwatch-dev',
  });
  expect(variablesOf('tierwatch-dev-analytics-query')).toEqual({
    ...untraced,
    TIERWATCH_ENVIRONMENT: 'dev',
    TIERWATCH_ROLL_UP_TABLE: 'tierwatch-dev',
  });
  const schedule = dev.one('aws:scheduler/schedule:Schedule', 'tierwatch-dev-roll-up');
  expect(schedule).toMatchObject({
    scheduleExpression: 'cron(20 * * * ? *)',
    target: { arn: expect.stringMatching(/tierwatch-dev-roll-up$/) },
  });
  const { policy } = dev.one('aws:iam/rolePolicy:RolePolicy', 'tierwatch-dev-roll-up');
  const { Statement } = JSON.parse(String(policy)) as { Statement: Statement[] };
  const table = 'arn:aws:dynamodb:us-east-1:123456789012:tierwatch-dev';
  expect(Statement.map(({ Resource }) => Resource)).toEqual([
    table,
    `${table}/index/by-time`,
    expect.stringMatching(/:tierwatch-dev-roll-up:\*$/),
  ]);
  const inProd = prod.all.filter(({ name }) => name.includes('roll-up'));
  expect(inProd).toEqual([]);
});
