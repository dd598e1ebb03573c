import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Statement } from '../../core/iam/evaluate';
import { idleCost, idleUsdPerMonth } from '../../core/idle-cost';
import { laneDecisionSchema } from '../../core/lane-switch';
import { platformPermissions } from '../../core/permissions';
import { US_EAST_1 } from '../../core/prices/us-east-1';
import { FUNCTION_ACCESS } from '../../handlers/all.permissions';
import { checkNotify, parseConfig, readFleet } from '../../infra/config';
import { createPlatform } from '../../infra/platform';
import { tagEverything } from '../../infra/tags';
import { type Asked, runProgram } from './mocks';

const ROOT = join(__dirname, '../..');
const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;

/** The stack's configuration as Pulumi hands it over: texts, and JSON for what is none. */
function stackConfig(environment: string): Record<string, string> {
  const { config } = parse(readFileSync(join(ROOT, `Pulumi.${environment}.yaml`), 'utf8')) as {
    config: Record<string, unknown>;
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

const programs = new Map<string, readonly Asked[]>();
beforeAll(async () => {
  for (const environment of ENVIRONMENTS) {
    const config = parseConfig(stackConfig(environment), environment);
    const fleet = readFleet(join(ROOT, config.fleet));
    const asked = await runProgram(
      () => {
        tagEverything({ environment, owner: config.owner });
        return createPlatform({ environment, config, fleet });
      },
      { stack: environment },
    );
    programs.set(environment, asked);
  }
});

const of = (environment: string, type: string): readonly Asked[] =>
  programs.get(environment)!.filter((asked) => asked.type === type);
const one = (environment: string, type: string, name: string): Asked['inputs'] =>
  of(environment, type).find((asked) => asked.name === name)!.inputs;

const GPU = {
  image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/tierwatch-endpoint:v1',
  model: 's3://models/high.tar.gz',
  schedules: [
    { cron: 'cron(0 7 ? * MON-FRI *)', timezone: 'Europe/Berlin', min: 1, max: 2 },
    { cron: 'cron(0 12 ? * MON-FRI *)', timezone: 'Europe/Berlin', min: 1, max: 1 },
  ],
  power: { start: 'cron(40 6 ? * * *)', stop: 'cron(0 19 ? * * *)', timezone: 'Europe/Berlin' },
};

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

  it('hides a message six timeouts long, and moves it to its own dead letters after five deliveries', () => {
    const queue = one(environment, 'aws:sqs/queue:Queue', `${name}-cpu`);
    expect(queue).toMatchObject({
      visibilityTimeoutSeconds: 720,
      messageRetentionSeconds: 345_600,
    });
    expect(JSON.parse(String(queue.redrivePolicy))).toEqual({
      deadLetterTargetArn: `arn:aws:sqs:us-east-1:123456789012:${name}-cpu-dead`,
      maxReceiveCount: 5,
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

it('protects prod’s table and buckets, and encrypts with its own key', () => {
  const table = one('prod', 'aws:dynamodb/table:Table', 'tierwatch-prod');
  expect(table).toMatchObject({
    deletionProtectionEnabled: true,
    pointInTimeRecovery: { enabled: true },
    ttl: { enabled: true, attributeName: 'expiresAt' },
    serverSideEncryption: { enabled: true, kmsKeyArn: expect.stringContaining(':kms:') },
  });
  expect(one('dev', 'aws:dynamodb/table:Table', 'tierwatch-dev').deletionProtectionEnabled).toBe(
    false,
  );
});

it('archives large evidence, and lets all footage expire, however small', () => {
  const type = 'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration';
  const { rules } = one('prod', type, 'tierwatch-prod-footage') as { rules: object[] };
  expect(rules.slice(1)).toEqual([
    {
      id: 'archive',
      status: 'Enabled',
      filter: { objectSizeGreaterThan: 131_072 },
      transitions: [{ days: 30, storageClass: 'GLACIER_IR' }],
    },
    { id: 'expire-after-365-days', status: 'Enabled', filter: {}, expiration: { days: 365 } },
  ]);
});

it('has a key for alarms where there is no other, and tells people of them', () => {
  const keys = (environment: string) => of(environment, 'aws:kms/key:Key').map(({ name }) => name);
  expect([keys('dev'), keys('prod')]).toEqual([['tierwatch-dev-operations'], ['tierwatch-prod']]);
  const { kmsMasterKeyId } = one('dev', 'aws:sns/topic:Topic', 'tierwatch-dev-operations');
  expect(kmsMasterKeyId).toContain(':kms:');
  const subscriptions = of('prod', 'aws:sns/topicSubscription:TopicSubscription');
  const heard = subscriptions.filter(({ inputs }) => /-operations$/.test(String(inputs.topic)));
  expect(heard.map(({ inputs }) => [inputs.protocol, inputs.endpoint])).toEqual([
    ['email', 'platform@example.com'],
    ['email', 'operations@example.com'],
  ]);
});

it('subscribes who hears of alerts to the topic of their notify name', async () => {
  const notify = {
    ops: { email: ['a@example.com'], https: ['https://alerts.example.com/in'] },
  };
  const config = parseConfig(
    { ...stackConfig('dev'), 'tierwatch:notify': JSON.stringify(notify) },
    'dev',
  );
  const fleet = readFleet(join(ROOT, config.fleet));
  const asked = await runProgram(() => createPlatform({ environment: 'dev', config, fleet }), {
    stack: 'dev',
  });
  const topic = 'arn:aws:sns:us-east-1:123456789012:tierwatch-dev-ops';
  expect(
    asked
      .filter(({ type }) => type === 'aws:sns/topicSubscription:TopicSubscription')
      .map(({ inputs }) => inputs)
      .filter((inputs) => inputs.topic === topic),
  ).toEqual([
    { topic, protocol: 'email', endpoint: 'a@example.com' },
    {
      topic,
      protocol: 'https',
      endpoint: 'https://alerts.example.com/in',
      rawMessageDelivery: true,
    },
  ]);
});

it('lets S3, EventBridge, CloudWatch and budgets of this account hand over what prod’s key encrypts', () => {
  const { policy } = one('prod', 'aws:kms/key:Key', 'tierwatch-prod');
  const { Statement } = JSON.parse(String(policy)) as { Statement: object[] };
  expect(Statement[1]).toEqual({
    Sid: 'Senders',
    Effect: 'Allow',
    Principal: {
      Service: [
        's3.amazonaws.com',
        'events.amazonaws.com',
        'cloudwatch.amazonaws.com',
        'budgets.amazonaws.com',
      ],
    },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: '*',
    Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
  });
});

it('keeps environments warm only in the hours that the fleet’s schedules make busy, by target tracking', () => {
  expect(of('dev', 'aws:appautoscaling/target:Target')).toEqual([]);
  expect(of('prod', 'aws:appautoscaling/policy:Policy')[0]?.inputs).toMatchObject({
    policyType: 'TargetTrackingScaling',
    targetTrackingScalingPolicyConfiguration: { targetValue: 0.7 },
  });
  expect(
    of('prod', 'aws:appautoscaling/scheduledAction:ScheduledAction').map(({ inputs }) => inputs),
  ).toMatchObject([
    {
      schedule: 'cron(0 7 ? * MON,TUE,WED,THU,FRI,SAT *)',
      timezone: 'Australia/Melbourne',
      scalableTargetAction: { minCapacity: 1, maxCapacity: 20 },
    },
    {
      schedule: 'cron(0 19 ? * MON,TUE,WED,THU,FRI,SAT *)',
      timezone: 'Australia/Melbourne',
      scalableTargetAction: { minCapacity: 0, maxCapacity: 0 },
    },
  ]);
});

it('leaves to scaling what scaling moves: a refresh at another hour finds no drift', () => {
  const ignoredBy = (type: string) =>
    of('prod', type).map(({ name, ignoreChanges }) => [name, ignoreChanges]);
  const provisioned = 'aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig';
  const bounds = ['minCapacity', 'maxCapacity'];
  expect(ignoredBy(provisioned)).toEqual([
    ['tierwatch-prod-detect-cpu', ['provisionedConcurrentExecutions']],
  ]);
  expect(ignoredBy('aws:appautoscaling/target:Target')).toEqual([
    ['tierwatch-prod-detect-cpu', bounds],
  ]);
});

it('costs nothing idle but storage, unless configured: prod’s time series and its door', () => {
  const costlyIn = (environment: string): string[] =>
    programs
      .get(environment)!
      .map(({ type }) => type)
      .filter((type) => /natGateway|instance:|endpoint:|dbInstance|loadBalancer/i.test(type))
      .sort();
  expect(ENVIRONMENTS.map(costlyIn)).toEqual([
    [],
    [],
    ['aws:ec2/vpcEndpoint:VpcEndpoint', 'aws:timestreaminfluxdb/dbInstance:DbInstance'],
  ]);
});

it('lets nothing into prod’s time series but its functions, and them to nothing else', () => {
  const rules = (type: string) =>
    of('prod', type).map(({ inputs }) => [
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
  for (const asked of of('prod', 'aws:lambda/function:Function')) {
    const isInside = /-analytics(-query|-setup)?$/.test(asked.name);
    expect(Boolean(asked.inputs.vpcConfig)).toBe(isInside);
  }
  const influx = 'aws:timestreaminfluxdb/dbInstance:DbInstance';
  expect(one('prod', influx, 'tierwatch-prod-analytics')).toMatchObject({
    publiclyAccessible: false,
    vpcSecurityGroupIds: [series],
  });
});

it('makes the gpu lane where it is configured: endpoint, scaling, queue and function, and routes to it', async () => {
  const config = parseConfig(
    {
      ...stackConfig('dev'),
      'tierwatch:gpu': JSON.stringify({ ...GPU, power: undefined, async: { maxInstances: 3 } }),
    },
    'dev',
  );
  const fleet = readFleet(join(ROOT, config.fleet));
  const asked = await runProgram(() => createPlatform({ environment: 'dev', config, fleet }), {
    stack: 'dev',
  });
  const find = (type: string, name: string) =>
    asked.find((one_) => one_.type === type && one_.name === name)!.inputs;
  expect(find('aws:sagemaker/model:Model', 'tierwatch-dev-gpu')).toMatchObject({
    enableNetworkIsolation: true,
    primaryContainer: {
      image: GPU.image,
      modelDataUrl: GPU.model,
      environment: {
        TIERWATCH_ENDPOINT_DEVICE: 'cuda',
        TIERWATCH_ENDPOINT_MODEL: '/opt/ml/model',
      },
    },
  });
  const scaling = { resourceId: 'endpoint/tierwatch-dev-gpu/variant/main' };
  const targets = asked.filter(({ type }) => type === 'aws:appautoscaling/target:Target');
  // Hours move the bounds of the one; nothing moves the other's.
  expect(Object.fromEntries(targets.map((one_) => [one_.name, one_.ignoreChanges]))).toEqual({
    'tierwatch-dev-gpu': ['minCapacity', 'maxCapacity'],
    'tierwatch-dev-gpu-async': [],
  });
  expect(find('aws:appautoscaling/target:Target', 'tierwatch-dev-gpu')).toMatchObject({
    ...scaling,
    minCapacity: 1,
    maxCapacity: 2,
  });
  expect(find('aws:appautoscaling/policy:Policy', 'tierwatch-dev-gpu')).toMatchObject({
    ...scaling,
    targetTrackingScalingPolicyConfiguration: {
      targetValue: 16,
      predefinedMetricSpecification: {
        predefinedMetricType: 'SageMakerVariantConcurrentRequestsPerModelHighResolution',
      },
    },
  });
  expect(
    find('aws:appautoscaling/scheduledAction:ScheduledAction', 'tierwatch-dev-gpu-1'),
  ).toMatchObject({ ...scaling, scalableTargetAction: { minCapacity: 1, maxCapacity: 1 } });
  const { policy } = find('aws:iam/rolePolicy:RolePolicy', 'tierwatch-dev-gpu');
  const { Statement } = JSON.parse(String(policy)) as { Statement: Statement[] };
  expect(Statement.map(({ Resource }) => Resource)).toEqual([
    expect.stringMatching(/^arn:aws:cloudwatch:.*:tierwatch-dev-gpu:\*$/),
    'arn:aws:ecr:us-east-1:123456789012:repository/tierwatch-endpoint',
    '*',
    '*',
    'arn:aws:s3:::models/high.tar.gz',
  ]);
  const lane = find('aws:iam/rolePolicy:RolePolicy', 'tierwatch-dev-detect-gpu');
  const granted = JSON.parse(String(lane.policy)) as { Statement: Statement[] };
  const invoking = granted.Statement.find(({ Action }) =>
    (Action as string[]).includes('sagemaker:InvokeEndpoint'),
  );
  expect(invoking!.Resource).toMatch(/tierwatch-dev-gpu$/);
  const { environment } = find('aws:lambda/function:Function', 'tierwatch-dev-route') as {
    environment: { variables: Record<string, string> };
  };
  expect(environment.variables.TIERWATCH_LANES).toBe('cpu,gpu');
  expect(asked.filter(({ name }) => name.includes('endpoint-power'))).toEqual([]);
  // The asynchronous one beside it: S3 in and out, from none to three by both policies.
  expect(
    find('aws:sagemaker/endpointConfiguration:EndpointConfiguration', 'tierwatch-dev-gpu-async'),
  ).toMatchObject({
    asyncInferenceConfig: {
      outputConfig: {
        s3OutputPath: 's3://tierwatch-dev-gpu-async-answers-id/answers/',
        s3FailurePath: 's3://tierwatch-dev-gpu-async-answers-id/failures/',
      },
    },
  });
  const backlog = { resourceId: 'endpoint/tierwatch-dev-gpu-async/variant/main' };
  expect(find('aws:appautoscaling/target:Target', 'tierwatch-dev-gpu-async')).toMatchObject({
    ...backlog,
    minCapacity: 0,
    maxCapacity: 3,
  });
  const scaling_ = (part: string) =>
    find('aws:appautoscaling/policy:Policy', `tierwatch-dev-gpu-async-${part}`);
  expect(scaling_('backlog')).toMatchObject({
    ...backlog,
    targetTrackingScalingPolicyConfiguration: {
      customizedMetricSpecification: { metricName: 'ApproximateBacklogSizePerInstance' },
    },
  });
  expect(scaling_('first')).toMatchObject({ ...backlog, policyType: 'StepScaling' });
  expect(
    find('aws:cloudwatch/metricAlarm:MetricAlarm', 'tierwatch-dev-gpu-async-first'),
  ).toMatchObject({
    metricName: 'HasBacklogWithoutCapacity',
    dimensions: { EndpointName: 'tierwatch-dev-gpu-async' },
    alarmActions: [expect.stringMatching(/tierwatch-dev-gpu-async-first$/)],
  });
  const asyncRole = find('aws:iam/rolePolicy:RolePolicy', 'tierwatch-dev-gpu-async');
  const allowed = JSON.parse(String(asyncRole.policy)) as { Statement: Statement[] };
  expect(allowed.Statement.slice(-2)).toEqual([
    {
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: expect.stringMatching(/footage-id\/\*$/),
    },
    {
      Effect: 'Allow',
      Action: ['s3:PutObject'],
      Resource: expect.stringMatching(/answers-id\/\*$/),
    },
  ]);
});

it('leaves an endpoint that has hours to endpoint-power: made, scaled, changed and deleted by it alone', async () => {
  const given = {
    ...GPU,
    challenger: { name: 'yolox-s', model: 's3://models/yolox-s.tar.gz' },
    rollbackTo: 'tierwatch-dev-gpu-1a2b3c4',
  };
  const config = parseConfig(
    { ...stackConfig('dev'), 'tierwatch:gpu': JSON.stringify(given) },
    'dev',
  );
  const fleet = readFleet(join(ROOT, config.fleet));
  const asked = await runProgram(() => createPlatform({ environment: 'dev', config, fleet }), {
    stack: 'dev',
  });
  const find = (type: string, name: string) =>
    asked.find((one_) => one_.type === type && one_.name === name)!.inputs;
  const owned = ['aws:sagemaker/endpoint:Endpoint', 'aws:appautoscaling/target:Target'];
  const isGpu = ({ type, name }: Asked) => owned.includes(type) && name.includes('gpu');
  expect(asked.filter(isGpu)).toEqual([]);
  const { environment } = find('aws:lambda/function:Function', 'tierwatch-dev-endpoint-power') as {
    environment: { variables: Record<string, string> };
  };
  const { variables } = environment;
  expect(JSON.parse(variables.TIERWATCH_GPU_SCALING!)).toEqual({
    min: 1,
    max: 2,
    target: 16,
    schedules: GPU.schedules,
  });
  expect([
    variables.TIERWATCH_GPU_ENDPOINT,
    variables.TIERWATCH_GPU_ENDPOINT_CONFIG,
    JSON.parse(variables.TIERWATCH_GPU_VARIANTS!),
    JSON.parse(variables.TIERWATCH_GPU_TAGS!),
  ]).toEqual([
    'tierwatch-dev-gpu',
    'tierwatch-dev-gpu-1a2b3c4',
    { 'yolox-s': 'challenger' },
    {
      'tierwatch:environment': 'dev',
      'tierwatch:owner': 'platform',
      'tierwatch:component': 'gpu',
    },
  ]);
  const { productionVariants } = find(
    'aws:sagemaker/endpointConfiguration:EndpointConfiguration',
    'tierwatch-dev-gpu',
  ) as { productionVariants: Record<string, unknown>[] };
  expect(
    productionVariants.map((one_) => [one_.variantName, one_.modelName, one_.initialVariantWeight]),
  ).toEqual([
    ['main', 'tierwatch-dev-gpu', 1],
    ['challenger', 'tierwatch-dev-gpu-challenger', 0],
  ]);
  const power = find('aws:iam/rolePolicy:RolePolicy', 'tierwatch-dev-endpoint-power');
  const may = JSON.parse(String(power.policy)) as { Statement: Statement[] };
  const account = 'us-east-1:123456789012';
  expect(may.Statement.slice(0, 4).map(({ Resource }) => Resource)).toEqual([
    `arn:aws:sagemaker:${account}:endpoint/tierwatch-dev-gpu`,
    expect.stringMatching(/tierwatch-dev-gpu-1a2b3c4$/),
    `arn:aws:application-autoscaling:${account}:scalable-target/*`,
    expect.stringMatching(/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint$/),
  ]);
  const schedule = (action: string) =>
    find('aws:scheduler/schedule:Schedule', `tierwatch-dev-endpoint-${action}`);
  expect(schedule('stop')).toMatchObject({
    scheduleExpression: GPU.power.stop,
    scheduleExpressionTimezone: 'Europe/Berlin',
    target: { input: '{"action":"stop"}' },
  });
  expect(schedule('tend').scheduleExpressionTimezone).toBeUndefined();
  expect(find('aws:lambda/invocation:Invocation', 'tierwatch-dev-endpoint-power')).toMatchObject({
    lifecycleScope: 'CRUD',
    input: '{"action":"tend","configuration":"tierwatch-dev-gpu-1a2b3c4"}',
  });
});

it('lets lane-switch decide where gpu.lane is auto: its object, its schedule, an endpoint that follows', async () => {
  const { power: _, ...given } = GPU;
  const config = parseConfig(
    {
      ...stackConfig('dev'),
      'tierwatch:gpu': JSON.stringify({ ...given, lane: 'auto', dwellMinutes: 90 }),
    },
    'dev',
  );
  const fleet = readFleet(join(ROOT, config.fleet));
  const asked = await runProgram(() => createPlatform({ environment: 'dev', config, fleet }), {
    stack: 'dev',
  });
  const find = (type: string, name: string) =>
    asked.find((one_) => one_.type === type && one_.name === name)!.inputs;
  const object = find('aws:s3/bucketObjectv2:BucketObjectv2', 'tierwatch-dev-lane-switch');
  expect([object.key, laneDecisionSchema.parse(JSON.parse(String(object.content))).lane]).toEqual([
    'lane-switch.json',
    'cpu',
  ]);
  const { policy } = find('aws:iam/rolePolicy:RolePolicy', 'tierwatch-dev-lane-switch');
  const { Statement } = JSON.parse(String(policy)) as { Statement: Statement[] };
  expect(Statement.slice(0, 2)).toEqual([
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject'],
      Resource: expect.stringMatching(/-fleet-id\/lane-switch\.json$/),
    },
    { Effect: 'Allow', Action: ['cloudwatch:GetMetricData'], Resource: '*' },
  ]);
  const variablesOf = (name: string) =>
    (find('aws:lambda/function:Function', name).environment as Record<string, unknown>)
      .variables as Record<string, string>;
  expect(variablesOf('tierwatch-dev-route').TIERWATCH_GPU_LANE).toBe('auto');
  expect(JSON.parse(variablesOf('tierwatch-dev-lane-switch').TIERWATCH_GPU_LANE_RULE!)).toEqual({
    instanceType: 'ml.g4dn.xlarge',
    instances: 1,
    architecture: 'x86',
    dwellMinutes: 90,
  });
  const rates = ['lane-switch', 'endpoint-follow', 'endpoint-tend'].map(
    (name) => find('aws:scheduler/schedule:Schedule', `tierwatch-dev-${name}`).scheduleExpression,
  );
  expect(rates).toEqual(['rate(5 minutes)', 'rate(5 minutes)', 'rate(5 minutes)']);
});

it('makes nothing of the gpu lane where gpu.lane is off, and refuses hours of power beside auto', async () => {
  const config = (lane: string) => ({
    ...stackConfig('dev'),
    'tierwatch:gpu': JSON.stringify({ ...GPU, lane }),
  });
  const off = parseConfig(config('off'), 'dev');
  const fleet = readFleet(join(ROOT, off.fleet));
  const asked = await runProgram(() => createPlatform({ environment: 'dev', config: off, fleet }), {
    stack: 'dev',
  });
  expect(asked.filter(({ type }) => type.startsWith('aws:sagemaker/'))).toEqual([]);
  const route = asked.find(({ name }) => name === 'tierwatch-dev-route')!;
  expect(JSON.stringify(asked.filter(({ name }) => name === route.name))).toContain(
    '"TIERWATCH_LANES":"cpu"',
  );
  expect(() => parseConfig(config('auto'), 'dev')).toThrow(
    'expected none with lane: auto, which starts and stops the endpoint itself',
  );
});

it('makes LiveAnalytics’ table for the accounts that have it, in no network', async () => {
  const config = parseConfig(
    {
      ...stackConfig('dev'),
      'tierwatch:analytics': 'live-analytics',
      'tierwatch:acknowledgesLiveAnalyticsClosed': 'true',
      'tierwatch:isTraced': 'true',
    },
    'dev',
  );
  const fleet = readFleet(join(ROOT, config.fleet));
  const asked = await runProgram(() => createPlatform({ environment: 'dev', config, fleet }), {
    stack: 'dev',
  });
  const find = (type: string, name: string) =>
    asked.find((one_) => one_.type === type && one_.name === name)!.inputs;
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
  expect(asked.some(({ name }) => name === 'tierwatch-dev-analytics-setup')).toBe(false);
});

it('sums the table’s rows hourly where there is no time series, and answers from there', () => {
  const variablesOf = (name: string) =>
    (one('dev', 'aws:lambda/function:Function', name).environment as Record<string, unknown>)
      .variables;
  expect(variablesOf('tierwatch-dev-roll-up')).toEqual({
    TIERWATCH_ENVIRONMENT: 'dev',
    TIERWATCH_TABLE: 'tierwatch-dev',
  });
  expect(variablesOf('tierwatch-dev-analytics-query')).toEqual({
    TIERWATCH_ENVIRONMENT: 'dev',
    TIERWATCH_ROLL_UP_TABLE: 'tierwatch-dev',
  });
  const schedule = one('dev', 'aws:scheduler/schedule:Schedule', 'tierwatch-dev-roll-up');
  expect(schedule).toMatchObject({
    scheduleExpression: 'cron(20 * * * ? *)',
    target: { arn: expect.stringMatching(/tierwatch-dev-roll-up$/) },
  });
  const { policy } = one('dev', 'aws:iam/rolePolicy:RolePolicy', 'tierwatch-dev-roll-up');
  const { Statement } = JSON.parse(String(policy)) as { Statement: Statement[] };
  const table = 'arn:aws:dynamodb:us-east-1:123456789012:tierwatch-dev';
  expect(Statement.map(({ Resource }) => Resource)).toEqual([
    table,
    `${table}/index/by-time`,
    expect.stringMatching(/:tierwatch-dev-roll-up:\*$/),
  ]);
  const inProd = programs.get('prod')!.filter(({ name }) => name.includes('roll-up'));
  expect(inProd).toEqual([]);
});

it('costs an idle environment little: dev at most $5 a month, item by item', () => {
  const linesOf = (environment: string) => idleCost(programs.get(environment)!, US_EAST_1);
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
      .flatMap(({ type, name, inputs }) => physicalNames(type, name, inputs));
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
    programs.get(environment)!.map(({ type }) => type),
  );
  expect([...new Set(types.filter((type) => type.startsWith('awsx:')))]).toEqual([
    'awsx:ecr:Image',
  ]);
});

describe('configuration that is wrong', () => {
  it('names every key at once, before anything is created', () => {
    const wrong = {
      ...stackConfig('dev'),
      'tierwatch:budgetUsdPerMonth': '-1',
      'tierwatch:analytics': 'live-analytics',
      'tierwatch:colour': 'red',
      'tierwatch:detectMaxConcurrency': '5000',
    };
    expect(() => parseConfig(wrong, 'dev')).toThrow(
      /Pulumi.dev.yaml: nothing was created; correct/,
    );
    const message = messageOf(() => parseConfig(wrong, 'dev'));
    for (const part of [
      'tierwatch:budgetUsdPerMonth',
      'tierwatch:detectMaxConcurrency',
      '"colour"',
    ]) {
      expect(message).toContain(part);
    }
  });

  it('refuses LiveAnalytics without the acknowledgement, saying what to write', () => {
    const closed = { ...stackConfig('dev'), 'tierwatch:analytics': 'live-analytics' };
    expect(messageOf(() => parseConfig(closed, 'dev'))).toContain('write "influxdb", or set');
  });

  it('refuses subscribers of a notify name that the fleet lacks', () => {
    const notify = JSON.stringify({ opps: { email: ['a@example.com'] } });
    const config = parseConfig({ ...stackConfig('dev'), 'tierwatch:notify': notify }, 'dev');
    expect(messageOf(() => checkNotify(config, ['ops']))).toBe(
      'tierwatch:notify: expected names of "notify" in fleet/dev.yaml (ops), found opps; nothing was created',
    );
  });

  it('refuses a fleet that is not there', () => {
    expect(() => readFleet('/nowhere/fleet.yaml')).toThrow(
      /expected a fleet file or folder, found none/,
    );
  });
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

function messageOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
