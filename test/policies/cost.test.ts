import { describe, expect, it } from 'vitest';
import * as cost from '../../policies/cost';
import { made, messages, spoil, without } from './judged';

const tags = {
  'tierwatch:environment': 'prod',
  'tierwatch:component': 'gpu',
  'tierwatch:owner': 'platform',
};
const configuration = made('aws:sagemaker/endpointConfiguration:EndpointConfiguration', 'gpu', {
  productionVariants: [{ variantName: 'champion', instanceType: 'ml.g4dn.xlarge' }],
});
const endpoint = made(
  'aws:sagemaker/endpoint:Endpoint',
  'gpu',
  { tags },
  { endpointConfigName: [configuration] },
);
const scaling = made(
  'aws:appautoscaling/target:Target',
  'gpu',
  { minCapacity: 1, maxCapacity: 1 },
  { resourceId: [endpoint] },
);
const night = made(
  'aws:appautoscaling/scheduledAction:ScheduledAction',
  'gpu',
  {},
  { resourceId: [scaling] },
);
const budget = made('aws:budgets/budget:Budget', 'budget', {});
const lambda = made('aws:lambda/function:Function', 'detect-cpu', { tags });
const warm = made(
  'aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig',
  'detect-cpu',
  { provisionedConcurrentExecutions: 2 },
  { functionName: [lambda] },
);
const warmScaling = made(
  'aws:appautoscaling/target:Target',
  'warm',
  { minCapacity: 0, maxCapacity: 4 },
  { resourceId: [lambda] },
);
const tracking = made(
  'aws:appautoscaling/policy:Policy',
  'warm',
  { targetTrackingScalingPolicyConfiguration: { targetValue: 0.7 } },
  { resourceId: [warmScaling] },
);
const bucket = made('aws:s3/bucket:Bucket', 'footage', { tags });
const lifecycle = made(
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration',
  'footage',
  { rules: [{ status: 'Enabled', abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } }] },
  { bucket: [bucket] },
);
const logs = made('aws:cloudwatch/logGroup:LogGroup', 'route', { retentionInDays: 30, tags });
const GOOD = [
  ...[configuration, endpoint, scaling, night, budget],
  ...[lambda, warm, warmScaling, tracking, bucket, lifecycle, logs],
];
const WARM = { maxEnvironments: 4 };

describe('the rules of cost', () => {
  it.each(cost.COST_RULES)('$name passes a good stack', (rule) => {
    const limits = rule === cost.provisionedConcurrencyIsBounded ? WARM : undefined;
    expect(messages(rule, GOOD, limits)).toEqual([]);
  });

  it.each([
    ['no autoscaling target', without(GOOD, scaling)],
    ['a maximum of 2', spoil(GOOD, scaling, { maxCapacity: 2 })],
    ['at least 1 at every hour', without(GOOD, night)],
    ['no budget', without(GOOD, budget)],
  ])('a GPU endpoint scales: %s', (found, stack) => {
    expect(messages(cost.gpuEndpointScales, stack)).toEqual([
      `"gpu": expected autoscaling to at most 1, down by schedule or to zero, and a budget, found ${found}; add an appautoscaling Target with maxCapacity, minCapacity 0 or a ScheduledAction, and a Budget`,
    ]);
  });

  it('a GPU endpoint that scales to zero needs no schedule, and a CPU endpoint no scaling', () => {
    const toZero = without(spoil(GOOD, scaling, { minCapacity: 0 }), night);
    expect(messages(cost.gpuEndpointScales, toZero)).toEqual([]);
    const productionVariants = [{ instanceType: 'ml.c6i.xlarge' }];
    const onCpu = without(spoil(GOOD, configuration, { productionVariants }), scaling);
    expect(messages(cost.gpuEndpointScales, onCpu)).toEqual([]);
  });

  it.each([
    ['5', spoil(GOOD, warm, { provisionedConcurrentExecutions: 5 })],
    ['no autoscaling target', without(GOOD, warmScaling)],
    ['a maximum of 5', spoil(GOOD, warmScaling, { maxCapacity: 5 })],
    ['neither a schedule nor target tracking', without(GOOD, tracking)],
  ])('warm environments are bounded and scaled: %s', (found, stack) => {
    expect(messages(cost.provisionedConcurrencyIsBounded, stack, WARM)).toEqual([
      `"detect-cpu": expected at most 4 warm environments, scaled, found ${found}; lower it, and add an appautoscaling Target with maxCapacity and target tracking or a ScheduledAction`,
    ]);
  });

  it('there is no NAT gateway', () => {
    const nat = made('aws:ec2/natGateway:NatGateway', 'nat', {});
    expect(messages(cost.noNatGateway, [...GOOD, nat])).toEqual([
      '"nat": expected no NAT gateway, found one; use gateway endpoints for S3 and DynamoDB, an interface endpoint for the rest',
    ]);
  });

  it.each([
    ['no lifecycle', without(GOOD, lifecycle)],
    ['one that keeps them', spoil(GOOD, lifecycle, { rules: [{ status: 'Enabled' }] })],
  ])('a bucket has a lifecycle: %s', (found, stack) => {
    expect(messages(cost.bucketHasLifecycle, stack)).toEqual([
      `"footage": expected a lifecycle that ends incomplete uploads, found ${found}; add a BucketLifecycleConfiguration with abortIncompleteMultipartUpload, Enabled`,
    ]);
  });

  it.each([
    ['for ever', undefined],
    ['31 days', 31],
  ])('logs are kept %s at most', (found, retentionInDays) => {
    const stack = spoil(GOOD, logs, { retentionInDays });
    expect(messages(cost.logRetentionIsBounded, stack)).toEqual([
      `"route": expected logs to be kept at most 30 days, found ${found}; set retentionInDays, or raise the limit of this environment in policies/<environment>.json`,
    ]);
    expect(messages(cost.logRetentionIsBounded, GOOD, { maxDays: 90 })).toEqual([]);
  });

  it('an instance type is one of the agreed ones', () => {
    const productionVariants = [{ instanceType: 'ml.p4d.24xlarge' }];
    const stack = spoil(GOOD, configuration, { productionVariants });
    expect(messages(cost.instanceTypeIsAllowed, stack)).toEqual([
      '"gpu": expected one of ml.g4dn.xlarge, db.influx.medium, found ml.p4d.24xlarge; use one of them, or add the type in policies/<environment>.json',
    ]);
  });

  it('what costs money is tagged', () => {
    const stack = spoil(GOOD, bucket, { tags: { ...tags, 'tierwatch:owner': '' } });
    expect(messages(cost.costIsTagged, stack)).toEqual([
      '"footage": expected its cost allocation tags, found no tierwatch:owner; tag it with tierwatch:environment, tierwatch:component, tierwatch:owner: infra/tags.ts',
    ]);
  });
});
