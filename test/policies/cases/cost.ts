import * as cost from '../../../policies/cost';
import { made, spoil, without } from '../judged';
import type { ThemeCases } from './case';

const tags = {
  'tierwatch:environment': 'prod',
  'tierwatch:component': 'gpu',
  'tierwatch:owner': 'platform',
};
const configuration = made('aws:sagemaker/endpointConfiguration:EndpointConfiguration', 'gpu', {
  name: 'gpu-1',
  productionVariants: [{ variantName: 'champion', instanceType: 'ml.g4dn.xlarge' }],
});
const endpoint = made(
  'aws:sagemaker/endpoint:Endpoint',
  'gpu',
  { name: 'gpu', tags, endpointConfigName: 'gpu-1' },
  { endpointConfigName: [configuration] },
);
const scaling = made(
  'aws:appautoscaling/target:Target',
  'gpu',
  { minCapacity: 1, maxCapacity: 1, resourceId: 'endpoint/gpu/variant/champion' },
  { resourceId: [endpoint] },
);
const night = made(
  'aws:appautoscaling/scheduledAction:ScheduledAction',
  'gpu',
  { resourceId: 'endpoint/gpu/variant/champion' },
  { resourceId: [scaling] },
);
const budget = made('aws:budgets/budget:Budget', 'budget', {});
const lambda = made('aws:lambda/function:Function', 'detect-cpu', { name: 'detect-cpu', tags });
const warm = made(
  'aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig',
  'detect-cpu',
  { provisionedConcurrentExecutions: 2, functionName: 'detect-cpu' },
  { functionName: [lambda] },
);
const warmScaling = made(
  'aws:appautoscaling/target:Target',
  'warm',
  { minCapacity: 0, maxCapacity: 4, resourceId: 'function:detect-cpu:live' },
  { resourceId: [lambda] },
);
const tracking = made(
  'aws:appautoscaling/policy:Policy',
  'warm',
  {
    targetTrackingScalingPolicyConfiguration: { targetValue: 0.7 },
    resourceId: 'function:detect-cpu:live',
  },
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
const good = [
  ...[configuration, endpoint, scaling, night, budget],
  ...[lambda, warm, warmScaling, tracking, bucket, lifecycle, logs],
];
const ofVariant = (instanceType: string) =>
  spoil(good, configuration, { productionVariants: [{ instanceType }] });

/** endpoint-power makes and scales the endpoint of a configuration, and stops it. */
const power = made('aws:lambda/function:Function', 'endpoint-power', {
  tags,
  imageConfig: { commands: ['handlers/endpoint-power.handler'] },
  environment: {
    variables: {
      TIERWATCH_GPU_ENDPOINT: 'gpu',
      TIERWATCH_GPU_SCALING: JSON.stringify({ max: 1 }),
    },
  },
});
const stop = made('aws:scheduler/schedule:Schedule', 'stop', {
  target: { input: '{"action":"stop"}' },
});
const powered = [configuration, power, stop, budget];

const GPU = '"gpu": expected autoscaling to at most 1, down by schedule or to zero, and a budget';
const WARM = '"detect-cpu": expected at most 4 warm environments, scaled';
const UPLOADS = '"footage": expected a lifecycle that ends incomplete uploads';

export const COST: ThemeCases = {
  good,
  rules: [
    {
      rule: cost.gpuEndpointScales,
      fix: 'add an appautoscaling Target with maxCapacity, minCapacity 0 or a ScheduledAction, and a Budget',
      passes: [
        ['to zero, without a schedule', without(spoil(good, scaling, { minCapacity: 0 }), night)],
        ['a CPU endpoint without scaling', without(ofVariant('ml.c6i.xlarge'), scaling)],
        ['an endpoint that endpoint-power makes and stops', powered],
        [
          'more, where the environment says so',
          spoil(good, scaling, { maxCapacity: 2 }),
          { maxInstances: 2 },
        ],
      ],
      fails: [
        [`${GPU}, found no autoscaling target`, without(good, scaling)],
        [`${GPU}, found a maximum of 2`, spoil(good, scaling, { maxCapacity: 2 })],
        [
          `${GPU}, found a maximum of 3`,
          spoil(good, night, { scalableTargetAction: { maxCapacity: 3 } }),
        ],
        [`${GPU}, found at least 1 at every hour`, without(good, night)],
        [`${GPU}, found no budget`, without(good, budget)],
        [`${GPU}, found an endpoint-power that never stops it`, without(powered, stop)],
        [`${GPU}, found no budget`, without(powered, budget)],
      ],
    },
    {
      rule: cost.provisionedConcurrencyIsBounded,
      limits: { maxEnvironments: 4 },
      fix: 'lower it, and add an appautoscaling Target with maxCapacity and target tracking or a ScheduledAction',
      fails: [
        [`${WARM}, found 5`, spoil(good, warm, { provisionedConcurrentExecutions: 5 })],
        [`${WARM}, found no autoscaling target`, without(good, warmScaling)],
        [`${WARM}, found a maximum of 5`, spoil(good, warmScaling, { maxCapacity: 5 })],
        [`${WARM}, found neither a schedule nor target tracking`, without(good, tracking)],
        [
          '"detect-cpu": expected at most 0 warm environments, scaled, found 2',
          good,
          { maxEnvironments: 0 },
        ],
      ],
    },
    {
      rule: cost.noNatGateway,
      fix: 'use gateway endpoints for S3 and DynamoDB, an interface endpoint for the rest',
      fails: [
        [
          '"nat": expected no NAT gateway, found one',
          [...good, made('aws:ec2/natGateway:NatGateway', 'nat', {})],
        ],
      ],
    },
    {
      rule: cost.bucketHasLifecycle,
      fix: 'add a BucketLifecycleConfiguration with abortIncompleteMultipartUpload, Enabled',
      fails: [
        [`${UPLOADS}, found no lifecycle`, without(good, lifecycle)],
        [
          `${UPLOADS}, found one that keeps them`,
          spoil(good, lifecycle, { rules: [{ status: 'Enabled' }] }),
        ],
        [
          `${UPLOADS}, found one that keeps them`,
          spoil(good, lifecycle, {
            rules: [
              { status: 'Disabled', abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
            ],
          }),
        ],
      ],
    },
    {
      rule: cost.logRetentionIsBounded,
      fix: 'set retentionInDays, or raise the limit of this environment in policies/<environment>.json',
      passes: [
        [
          'longer, where the environment says so',
          spoil(good, logs, { retentionInDays: 90 }),
          { maxDays: 90 },
        ],
      ],
      fails: [
        [
          '"route": expected logs to be kept at most 30 days, found for ever',
          spoil(good, logs, { retentionInDays: undefined }),
        ],
        [
          '"route": expected logs to be kept at most 30 days, found 31 days',
          spoil(good, logs, { retentionInDays: 31 }),
        ],
      ],
    },
    {
      rule: cost.instanceTypeIsAllowed,
      fix: 'use one of them, or add the type in policies/<environment>.json',
      passes: [
        [
          'another, where the environment says so',
          ofVariant('ml.g6.xlarge'),
          { types: ['ml.g6.xlarge'] },
        ],
      ],
      fails: [
        [
          '"gpu": expected one of ml.g4dn.xlarge, db.influx.medium, found ml.p4d.24xlarge',
          ofVariant('ml.p4d.24xlarge'),
        ],
        [
          '"series": expected one of ml.g4dn.xlarge, db.influx.medium, found db.influx.16xlarge',
          [
            made('aws:timestreaminfluxdb/dbInstance:DbInstance', 'series', {
              dbInstanceType: 'db.influx.16xlarge',
            }),
          ],
        ],
        [
          '"bastion": expected one of ml.g4dn.xlarge, db.influx.medium, found m7i.large',
          [made('aws:ec2/instance:Instance', 'bastion', { instanceType: 'm7i.large' })],
        ],
      ],
    },
    {
      rule: cost.costIsTagged,
      fix: 'tag it with tierwatch:environment, tierwatch:component, tierwatch:owner: infra/tags.ts',
      fails: [
        [
          '"footage": expected its cost allocation tags, found no tierwatch:owner',
          spoil(good, bucket, { tags: { ...tags, 'tierwatch:owner': '' } }),
        ],
        [
          '"footage": expected its cost allocation tags, found no tierwatch:environment, tierwatch:component, tierwatch:owner',
          spoil(good, bucket, { tags: undefined }),
        ],
      ],
    },
  ],
};
