import { beforeAll, describe, expect, it } from 'vitest';
import type { Statement } from '../../core/iam/evaluate';
import { idleCost, idleUsdPerMonth } from '../../core/idle-cost';
import { platformPermissions } from '../../core/permissions';
import { US_EAST_1 } from '../../core/prices/us-east-1';
import { FUNCTION_ACCESS } from '../../handlers/all.permissions';
import { ENVIRONMENTS, PlannedEnvironment } from './environments';
import type { Asked } from './mocks';

const programs = new Map<string, PlannedEnvironment>();
beforeAll(async () => {
  for (const name of ENVIRONMENTS) programs.set(name, await PlannedEnvironment.run(name));
});

const of = (environment: string, type: string): readonly Asked[] =>
  programs.get(environment)!.of(type);
const one = (environment: string, type: string, name: string): Asked['inputs'] =>
  programs.get(environment)!.one(type, name);

/** Parts that an environment lacks: nobody is given access to them. */
const absentIn = (environment: string): string[] => [
  'gpuQueue',
  'modelArchive',
  'gpuEndpoint',
  'gpuEndpointConfig',
  'scalableTargets',
  'laneSwitchObject',
  'scalingRole',
  'liveTable',
  'liveEndpoints',
  ...(environment === 'prod'
    ? ['rollUpTable', 'rollUpIndex']
    : ['analyticsQueue', 'detectionsStream', 'influxReadSecret']),
];

describe.each(ENVIRONMENTS)('the %s environment', (environment) => {
  const name = `tierwatch-${environment}`;

  it('gives each function a role with its declared permissions and nothing else', () => {
    const made = of(environment, 'aws:lambda/function:Function').map((asked) => asked.name);
    expect(made.length).toBeGreaterThan(3);
    for (const [one_, access] of Object.entries(FUNCTION_ACCESS)) {
      if (!made.includes(`${name}-${one_}`)) continue;
      const { policy } = one(environment, 'aws:iam/rolePolicy:RolePolicy', `${name}-${one_}`);
      const { Statement } = JSON.parse(String(policy)) as { Statement: Statement[] };
      const declared = [
        ...access.permissions,
        ...platformPermissions({
          eventSource: access.eventSource,
          readsFootage: access.readsFootage,
          discoversEndpoints: access.discoversEndpoints,
          isInVpc: environment === 'prod' && one_.startsWith('analytics'),
          hasDataKey: environment === 'prod',
          isTraced: false,
        }),
      ].filter(({ resource }) => !absentIn(environment).includes(resource));
      expect(Statement.map(({ Action }) => Action)).toEqual(
        declared.map(({ actions }) => [...actions]),
      );
      expect(Statement.map(({ Effect }) => Effect)).toEqual(declared.map(() => 'Allow'));
      const wide = Statement.filter(({ Resource }) => Resource === '*').flatMap(
        ({ Action }) => Action as string[],
      );
      expect(wide.filter((action) => !action.startsWith('ec2:'))).toEqual([]);
    }
  });

  it('trusts the service itself, for this account alone', () => {
    for (const { inputs } of of(environment, 'aws:iam/role:Role')) {
      const { Statement } = JSON.parse(String(inputs.assumeRolePolicy)) as { Statement: object[] };
      expect(Statement).toEqual([
        {
          Effect: 'Allow',
          Principal: {
            Service: expect.stringMatching(/^(lambda|scheduler|firehose)\.amazonaws\.com$/),
          },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
        },
      ]);
    }
  });

  it('keeps every bucket private, over TLS, encrypted and with a lifecycle', () => {
    const buckets = of(environment, 'aws:s3/bucket:Bucket').map((asked) => asked.name);
    expect(buckets.sort()).toEqual([
      ...(environment === 'prod' ? [`${name}-detections`] : []),
      `${name}-fleet`,
      `${name}-footage`,
      `${name}-footage-quarantine`,
      `${name}-footage-snapshots`,
    ]);
    for (const type of [
      'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock',
      'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration',
      'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration',
      'aws:s3/bucketPolicy:BucketPolicy',
    ]) {
      expect([
        type,
        of(environment, type)
          .map((asked) => asked.name)
          .sort(),
      ]).toEqual([type, buckets.sort()]);
    }
    const { inputs } = of(
      environment,
      'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock',
    )[0]!;
    expect(inputs).toEqual({
      bucket: expect.any(String),
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
  });

  it('feeds the alias with partial batch responses and a ceiling', () => {
    const feed = one(
      environment,
      'aws:lambda/eventSourceMapping:EventSourceMapping',
      `${name}-detect-cpu`,
    );
    expect(feed).toMatchObject({
      functionName: `arn:aws:lambda:us-east-1:123456789012:${name}-detect-cpu`,
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: { dev: 5, staging: 50, prod: 200 }[environment] },
      enabled: true,
    });
  });

  it('publishes the fleet as an index and 256 shards', () => {
    const objects = of(environment, 'aws:s3/bucketObjectv2:BucketObjectv2');
    expect(objects.length).toBe(257);
  });

  it('tags what costs money with environment, owner and component', () => {
    for (const type of [
      'aws:lambda/function:Function',
      'aws:s3/bucket:Bucket',
      'aws:dynamodb/table:Table',
    ]) {
      for (const { inputs } of of(environment, type)) {
        expect(inputs.tags).toEqual({
          'tierwatch:environment': environment,
          'tierwatch:owner': 'platform',
          'tierwatch:component': expect.any(String),
        });
      }
    }
  });
});

it('costs nothing idle but storage, unless configured: prod’s time series and its door', () => {
  const costlyIn = (environment: string): string[] =>
    programs
      .get(environment)!
      .all.map(({ type }) => type)
      .filter((type) => /natGateway|instance:|endpoint:|dbInstance|loadBalancer/i.test(type))
      .sort();
  expect(ENVIRONMENTS.map(costlyIn)).toEqual([
    [],
    [],
    ['aws:ec2/vpcEndpoint:VpcEndpoint', 'aws:timestreaminfluxdb/dbInstance:DbInstance'],
  ]);
});

it('costs an idle environment little: dev at most $5 a month, item by item', () => {
  const linesOf = (environment: string) => idleCost(programs.get(environment)!.all, US_EAST_1);
  const byType = (environment: string) => {
    const lines = linesOf(environment);
    const types = [...new Set(lines.map(({ type }) => type))].sort();
    return types.map((type) => {
      const own = lines.filter((one_) => one_.type === type);
      return [type.split(':').at(-1), own.length, Number(idleUsdPerMonth(own).toFixed(2))];
    });
  };
  expect(byType('dev')).toEqual([
    ['Dashboard', 1, 3],
    ['MetricAlarm', 10, 1],
    ['Key', 1, 1],
  ]);
  expect(byType('prod')).toEqual([
    ['Target', 1, 0],
    ['Dashboard', 1, 3],
    ['MetricAlarm', 12, 1.2],
    ['VpcEndpoint', 1, 14.6],
    ['Key', 1, 1],
    ['Secret', 2, 0.8],
    ['DbInstance', 1, 89.6],
  ]);
  expect(idleUsdPerMonth(linesOf('dev'))).toBeLessThanOrEqual(5);
});

it('traces nothing unless configured', () => {
  const modes = ENVIRONMENTS.flatMap((environment) =>
    of(environment, 'aws:lambda/function:Function').map(({ inputs }) => inputs.tracingConfig),
  );
  expect(modes).toEqual(modes.map(() => ({ mode: 'PassThrough' })));
});

it('gives nothing of two environments in one account the same physical name', () => {
  const named = (environment: string): string[] =>
    programs
      .get(environment)!
      .all.flatMap(({ type, name, inputs }) => physicalNames(type, name, inputs));
  const [dev, staging, prod] = ENVIRONMENTS.map(named);
  expect(dev!.length).toBeGreaterThan(60);
  for (const [one_, other] of [
    [dev, staging],
    [dev, prod],
    [staging, prod],
  ] as const) {
    expect(one_!.filter((name) => other!.includes(name))).toEqual([]);
  }
});

it('uses awsx for the image alone', () => {
  const types = ENVIRONMENTS.flatMap((environment) =>
    programs.get(environment)!.all.map(({ type }) => type),
  );
  expect([...new Set(types.filter((type) => type.startsWith('awsx:')))]).toEqual([
    'awsx:ecr:Image',
  ]);
});

/** Inputs that AWS takes as a name of the account's or the region's; a name that Pulumi makes begins with the resource's. */
const NAME_INPUTS = ['name', 'namePrefix', 'bucket', 'databaseName', 'dashboardName', 'alarmName'];
/** What lies in something that has a name of its own. */
const WITHIN =
  /alias:Alias$|logStream|bucketObject|bucket[A-Z]\w+:|RolePolicy|scheduledAction|policy:Policy|timestreamwrite\/table/;

function physicalNames(type: string, name: string, inputs: Asked['inputs']): string[] {
  if (WITHIN.test(type) && type !== 'aws:kms/alias:Alias') return [];
  const given = NAME_INPUTS.map((key) => inputs[key]).filter((one_) => typeof one_ === 'string');
  return (given.length > 0 ? given : [name]).map((one_) => `${type} ${one_}`);
}
