import * as pulumi from '@pulumi/pulumi';
import { expect, it, vi } from 'vitest';
import type { Statement } from '../../core/iam/evaluate';
import { laneDecisionSchema } from '../../core/lane-switch';
import { PlannedEnvironment } from './environments';
import type { Asked } from './mocks';

const GPU = {
  image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/tierwatch-endpoint:v1',
  model: 's3://models/high.tar.gz',
  schedules: [
    { cron: 'cron(0 7 ? * MON-FRI *)', timezone: 'Europe/Berlin', min: 1, max: 2 },
    { cron: 'cron(0 12 ? * MON-FRI *)', timezone: 'Europe/Berlin', min: 1, max: 1 },
  ],
  power: { start: 'cron(40 6 ? * * *)', stop: 'cron(0 19 ? * * *)', timezone: 'Europe/Berlin' },
};

it('makes the gpu lane where it is configured: endpoint, scaling, queue and function, and routes to it', async () => {
  const planned = await PlannedEnvironment.run('dev', {
    gpu: { ...GPU, power: undefined, async: { maxInstances: 3 } },
  });
  const find = (type: string, name: string) => planned.one(type, name);
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
  const targets = planned.all.filter(({ type }) => type === 'aws:appautoscaling/target:Target');
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
  // Lambda is paid while it waits: for ten answers at once, and never for more than two instances hold.
  expect(find('aws:lambda/function:Function', 'tierwatch-dev-detect-gpu').memorySize).toBe(1024);
  expect(
    find('aws:lambda/eventSourceMapping:EventSourceMapping', 'tierwatch-dev-detect-gpu'),
  ).toMatchObject({ batchSize: 10, scalingConfig: { maximumConcurrency: 12 } });
  const { environment } = find('aws:lambda/function:Function', 'tierwatch-dev-route') as {
    environment: { variables: Record<string, string> };
  };
  expect(environment.variables.TIERWATCH_LANES).toBe('cpu,gpu');
  expect(planned.all.filter(({ name }) => name.includes('endpoint-power'))).toEqual([]);
  // The asynchronous one beside it: S3 in and out, from none to three by both policies.
  expect(
    find('aws:sagemaker/endpointConfiguration:EndpointConfiguration', 'tierwatch-dev-gpu-async'),
  ).toMatchObject({
    productionVariants: [{ inferenceAmiVersion: 'al2023-ami-sagemaker-inference-gpu-4-1' }],
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
  const planned = await PlannedEnvironment.run('dev', { gpu: given });
  const find = (type: string, name: string) => planned.one(type, name);
  const owned = ['aws:sagemaker/endpoint:Endpoint', 'aws:appautoscaling/target:Target'];
  const isGpu = ({ type, name }: Asked) => owned.includes(type) && name.includes('gpu');
  expect(planned.all.filter(isGpu)).toEqual([]);
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
  expect(productionVariants.map(({ inferenceAmiVersion }) => inferenceAmiVersion)).toEqual(
    Array(2).fill('al2023-ami-sagemaker-inference-gpu-4-1'),
  );
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
  const planned = await PlannedEnvironment.run('dev', {
    gpu: { ...given, lane: 'auto', dwellMinutes: 90 },
  });
  const find = (type: string, name: string) => planned.one(type, name);
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
    cpuMsPerFrame: 8.8,
    concurrentRequests: 16,
  });
  const rates = ['lane-switch', 'endpoint-follow', 'endpoint-tend'].map(
    (name) => find('aws:scheduler/schedule:Schedule', `tierwatch-dev-${name}`).scheduleExpression,
  );
  expect(rates).toEqual(['rate(5 minutes)', 'rate(5 minutes)', 'rate(5 minutes)']);
});

it('warns of a model so small that no number of cameras pays for a GPU, and of no other', async () => {
  const warn = vi.spyOn(pulumi.log, 'warn').mockResolvedValue();
  for (const cpuMsPerFrame of [8.8, 34.7]) {
    await PlannedEnvironment.run('dev', { gpu: { ...GPU, cpuMsPerFrame } });
  }
  expect(warn.mock.calls.map(([message]) => message)).toEqual([
    expect.stringMatching(/^gpu: at 8\.8 ms of CPU a frame Lambda never costs as much as ml\.g4dn/),
  ]);
  warn.mockRestore();
});

it('makes nothing of the gpu lane where gpu.lane is off', async () => {
  const off = await PlannedEnvironment.run('dev', { gpu: { ...GPU, lane: 'off' } });
  expect(off.all.filter(({ type }) => type.startsWith('aws:sagemaker/'))).toEqual([]);
  const { environment } = off.one('aws:lambda/function:Function', 'tierwatch-dev-route') as {
    environment: { variables: Record<string, string> };
  };
  expect(environment.variables.TIERWATCH_LANES).toBe('cpu');
});

it('keeps a share of what the endpoint is asked and answers, where that is configured, for so many days', async () => {
  const capture = { percent: 5, days: 3 };
  const planned = await PlannedEnvironment.run('prod', { gpu: { ...GPU, capture } });
  const key = 'arn:aws:kms:us-east-1:123456789012:tierwatch-prod';
  const bucket = 'tierwatch-prod-gpu-capture';
  const { dataCaptureConfig } = planned.one(
    'aws:sagemaker/endpointConfiguration:EndpointConfiguration',
    'tierwatch-prod-gpu',
  );
  expect(dataCaptureConfig).toEqual({
    enableCapture: true,
    initialSamplingPercentage: 5,
    destinationS3Uri: `s3://${bucket}-id/captured`,
    captureOptions: [{ captureMode: 'Input' }, { captureMode: 'Output' }],
    kmsKeyId: key,
  });
  const lifecycle = 'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration';
  const { rules } = planned.one(lifecycle, bucket) as { rules: object[] };
  expect(rules.slice(1)).toEqual([
    { id: 'expire-after-3-days', status: 'Enabled', filter: {}, expiration: { days: 3 } },
  ]);
  const { policy } = planned.one('aws:iam/rolePolicy:RolePolicy', 'tierwatch-prod-gpu');
  const { Statement } = JSON.parse(String(policy)) as { Statement: Statement[] };
  expect(Statement.slice(-2)).toEqual([
    { Effect: 'Allow', Action: ['s3:PutObject'], Resource: `arn:aws:s3:::${bucket}-id/*` },
    { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: key },
  ]);
});
