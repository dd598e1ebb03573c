import { ENVIRONMENT } from '../core/environment';
import { handlerOf } from './declared-parts';
import { type Finding, type Judged, propsOf, type ResourceRule, type StackRule } from './rule';
import { attachedTo, isSet, ofType, pointsTo } from './stack';

const TARGET = 'aws:appautoscaling/target:Target';
const ACTION = 'aws:appautoscaling/scheduledAction:ScheduledAction';
const BUDGET = 'aws:budgets/budget:Budget';
const ENDPOINT_CONFIGURATION = 'aws:sagemaker/endpointConfiguration:EndpointConfiguration';

interface Variant {
  readonly instanceType?: string;
  readonly initialInstanceCount?: number;
}

export const gpuEndpointScales: StackRule<{ readonly maxInstances: number }> = {
  scope: 'stack',
  name: 'gpu-endpoint-scales',
  theme: 'cost',
  description:
    'A GPU endpoint scales up to a maximum, down by a schedule or to zero, under a budget.',
  why: 'An idle ml.g4dn.xlarge costs $538 a month: 730 h × $0.7364, https://aws.amazon.com/sagemaker/pricing/',
  fix: 'add an appautoscaling Target with maxCapacity, minCapacity 0 or a ScheduledAction, and a Budget',
  limits: { maxInstances: { strict: 1, meaning: 'GPU instances of one endpoint at most' } },
  judges: [ENDPOINT_CONFIGURATION],
  check(configuration, stack, { maxInstances }) {
    if (!variantsOf(configuration).some(({ instanceType }) => isGpu(instanceType))) return null;
    const expected = `autoscaling to at most ${maxInstances}, down by schedule or to zero, and a budget`;
    const powered = poweredBy(configuration, stack);
    if (powered) {
      if (powered.max > maxInstances) return { expected, found: `a maximum of ${powered.max}` };
      if (!powered.isStopped) return { expected, found: 'an endpoint-power that never stops it' };
      return ofType(stack, BUDGET).length > 0 ? null : { expected, found: 'no budget' };
    }
    const target = scalingOf(configuration, stack);
    if (!target) return { expected, found: 'no autoscaling target' };
    const { minCapacity = 1 } = propsOf<{ minCapacity: number }>(target);
    const most = mostOf(target, stack);
    if (most > maxInstances) return { expected, found: `a maximum of ${most}` };
    if (minCapacity > 0 && !isScheduled(target, stack)) {
      return { expected, found: `at least ${minCapacity} at every hour` };
    }
    return ofType(stack, BUDGET).length > 0 ? null : { expected, found: 'no budget' };
  },
};

function scalingOf(configuration: Judged, stack: readonly Judged[]): Judged | undefined {
  const type = 'aws:sagemaker/endpoint:Endpoint';
  const endpoints = attachedTo(configuration, { stack, type, property: 'endpointConfigName' });
  return ofType(stack, TARGET).find((target) =>
    endpoints.some((endpoint) => pointsTo(target, 'resourceId', endpoint)),
  );
}

/** How endpoint-power scales the endpoint that it makes of a configuration, and whether something has it stop. */
function poweredBy(
  configuration: Judged,
  stack: readonly Judged[],
): { readonly max: number; readonly isStopped: boolean } | null {
  const variablesOf = (one: Judged): Readonly<Record<string, string>> =>
    propsOf<{ environment: { variables?: Record<string, string> } }>(one).environment?.variables ??
    {};
  // The endpoint bears its configuration's logical name.
  const power = ofType(stack, 'aws:lambda/function:Function').find(
    (one) =>
      handlerOf(one) === 'endpoint-power' &&
      variablesOf(one)[ENVIRONMENT.gpuEndpoint] === configuration.name,
  );
  if (!power) return null;
  const { max } = JSON.parse(variablesOf(power)[ENVIRONMENT.gpuScaling] ?? '{}');
  const isStopped = ofType(stack, 'aws:scheduler/schedule:Schedule').some((schedule) => {
    const { target } = propsOf<{ target: { input?: string } }>(schedule);
    return /^\{"action":"(stop|follow)"\}$/.test(target?.input ?? '');
  });
  return { max: Number(max ?? Number.POSITIVE_INFINITY), isStopped };
}

function isScheduled(target: Judged, stack: readonly Judged[]): boolean {
  return actionsOf(target, stack).length > 0;
}

function actionsOf(target: Judged, stack: readonly Judged[]): Judged[] {
  return ofType(stack, ACTION).filter((one) => pointsTo(one, 'resourceId', target));
}

/** Most that a target lets come: by itself, or from the hour of a scheduled action on. */
function mostOf(target: Judged, stack: readonly Judged[]): number {
  const { maxCapacity = Number.POSITIVE_INFINITY } = propsOf<{ maxCapacity: number }>(target);
  const byHour = actionsOf(target, stack).map((action) => {
    const { scalableTargetAction } = propsOf<{ scalableTargetAction: { maxCapacity?: number } }>(
      action,
    );
    return scalableTargetAction?.maxCapacity ?? 0;
  });
  return Math.max(maxCapacity, ...byHour);
}

function variantsOf(configuration: Judged): readonly Variant[] {
  const { productionVariants = [], shadowProductionVariants = [] } = propsOf<{
    productionVariants: readonly Variant[];
    shadowProductionVariants: readonly Variant[];
  }>(configuration);
  return [...productionVariants, ...shadowProductionVariants];
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/notebooks-available-instance-types.html : families g and p. */
function isGpu(instanceType = ''): boolean {
  return /^ml\.[gp]\d/.test(instanceType);
}

export const provisionedConcurrencyIsBounded: StackRule<{ readonly maxEnvironments: number }> = {
  scope: 'stack',
  name: 'provisioned-concurrency-is-bounded',
  theme: 'cost',
  description: 'Warm environments follow use or the clock, up to a maximum.',
  why: 'One warm GB costs $0.0000041667 a second, used or not: https://aws.amazon.com/lambda/pricing/',
  fix: 'lower it, and add an appautoscaling Target with maxCapacity and target tracking or a ScheduledAction',
  limits: { maxEnvironments: { strict: 0, meaning: 'Warm environments of one function at most' } },
  judges: ['aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig'],
  check(provisioned, stack, { maxEnvironments }) {
    const expected = `at most ${maxEnvironments} warm environments, scaled`;
    const { provisionedConcurrentExecutions = 0 } = propsOf<{
      provisionedConcurrentExecutions: number;
    }>(provisioned);
    if (provisionedConcurrentExecutions > maxEnvironments) {
      return { expected, found: String(provisionedConcurrentExecutions) };
    }
    const lambdas = ofType(stack, 'aws:lambda/function:Function').filter((one) =>
      pointsTo(provisioned, 'functionName', one),
    );
    const target = ofType(stack, TARGET).find((one) =>
      lambdas.some((lambda) => pointsTo(one, 'resourceId', lambda)),
    );
    if (!target) return { expected, found: 'no autoscaling target' };
    const most = mostOf(target, stack);
    if (most > maxEnvironments) return { expected, found: `a maximum of ${most}` };
    const tracks = ofType(stack, 'aws:appautoscaling/policy:Policy').some(
      (one) =>
        isSet(one, 'targetTrackingScalingPolicyConfiguration') &&
        pointsTo(one, 'resourceId', target),
    );
    if (tracks || isScheduled(target, stack)) return null;
    return { expected, found: 'neither a schedule nor target tracking' };
  },
};

export const noNatGateway: ResourceRule = {
  scope: 'resource',
  name: 'no-nat-gateway',
  theme: 'cost',
  description: 'Nothing goes through a NAT gateway.',
  why: 'One costs $33 a month idle, and $0.045 a GB; endpoints of S3 and DynamoDB cost nothing: https://aws.amazon.com/vpc/pricing/',
  fix: 'use gateway endpoints for S3 and DynamoDB, an interface endpoint for the rest',
  judges: ['aws:ec2/natGateway:NatGateway'],
  check: () => ({ expected: 'no NAT gateway', found: 'one' }),
};

interface LifecycleRule {
  readonly status?: string;
  readonly abortIncompleteMultipartUpload?: { readonly daysAfterInitiation?: number };
}

export const bucketHasLifecycle: StackRule = {
  scope: 'stack',
  name: 'bucket-has-lifecycle',
  theme: 'cost',
  description: 'A bucket’s lifecycle ends what nobody needs, incomplete uploads first.',
  why: 'Storage is the largest line of the bill, and parts of broken uploads are billed and not listed.',
  fix: 'add a BucketLifecycleConfiguration with abortIncompleteMultipartUpload, Enabled',
  judges: ['aws:s3/bucket:Bucket'],
  check(bucket, stack) {
    const type = 'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration';
    const [lifecycle] = attachedTo(bucket, { stack, type, property: 'bucket' });
    const expected = 'a lifecycle that ends incomplete uploads';
    if (!lifecycle) return { expected, found: 'no lifecycle' };
    const { rules = [] } = propsOf<{ rules: readonly LifecycleRule[] }>(lifecycle);
    const ends = rules.some(
      ({ status, abortIncompleteMultipartUpload }) =>
        status === 'Enabled' && abortIncompleteMultipartUpload?.daysAfterInitiation !== undefined,
    );
    return ends ? null : { expected, found: 'one that keeps them' };
  },
};

export const logRetentionIsBounded: ResourceRule<{ readonly maxDays: number }> = {
  scope: 'resource',
  name: 'log-retention-is-bounded',
  theme: 'cost',
  description: 'Logs are kept for some days, and no longer.',
  why: 'What is kept for ever is paid for for ever; logs name cameras and what was seen.',
  fix: 'set retentionInDays, or raise the limit of this environment in policies/<environment>.json',
  limits: { maxDays: { strict: 30, meaning: 'Logs are kept (days)' } },
  judges: ['aws:cloudwatch/logGroup:LogGroup'],
  check(group, { maxDays }) {
    const { retentionInDays = 0 } = propsOf<{ retentionInDays: number }>(group);
    if (retentionInDays > 0 && retentionInDays <= maxDays) return null;
    const found = retentionInDays > 0 ? `${retentionInDays} days` : 'for ever';
    return { expected: `logs to be kept at most ${maxDays} days`, found };
  },
};

/** Where the types say which machine is rented. */
const RENTED: Readonly<Record<string, (resource: Judged) => readonly (string | undefined)[]>> = {
  [ENDPOINT_CONFIGURATION]: (one) => variantsOf(one).map(({ instanceType }) => instanceType),
  'aws:timestreaminfluxdb/dbInstance:DbInstance': (one) => [
    propsOf<{ dbInstanceType: string }>(one).dbInstanceType,
  ],
  'aws:timestreaminfluxdb/dbCluster:DbCluster': (one) => [
    propsOf<{ dbInstanceType: string }>(one).dbInstanceType,
  ],
  'aws:ec2/instance:Instance': (one) => [propsOf<{ instanceType: string }>(one).instanceType],
};

export const instanceTypeIsAllowed: ResourceRule<{ readonly types: readonly string[] }> = {
  scope: 'resource',
  name: 'instance-type-is-allowed',
  theme: 'cost',
  description: 'What is rented by the hour is of a type that this environment agreed to.',
  why: 'One letter in a type multiplies the bill: an ml.p4d.24xlarge for an ml.g4dn.xlarge.',
  fix: 'use one of them, or add the type in policies/<environment>.json',
  limits: {
    types: { strict: ['ml.g4dn.xlarge', 'db.influx.medium'], meaning: 'Instance types' },
  },
  judges: Object.keys(RENTED),
  check(resource, { types }): Finding | null {
    const rented = RENTED[resource.type]?.(resource) ?? [];
    const other = rented.filter((type) => type !== undefined && !types.includes(type));
    return other.length === 0
      ? null
      : { expected: `one of ${types.join(', ')}`, found: other.join(', ') };
  },
};

const COST_TAGS = ['tierwatch:environment', 'tierwatch:component', 'tierwatch:owner'] as const;

export const costIsTagged: ResourceRule = {
  scope: 'resource',
  name: 'cost-is-tagged',
  theme: 'cost',
  description: 'What costs money says for which environment and component, and who answers for it.',
  why: 'The budget counts by these tags; what lacks them is on nobody’s bill.',
  fix: `tag it with ${COST_TAGS.join(', ')}: infra/tags.ts`,
  judges: [
    'aws:dynamodb/table:Table',
    'aws:ecr/repository:Repository',
    'aws:lambda/function:Function',
    'aws:s3/bucket:Bucket',
    'aws:sqs/queue:Queue',
    'aws:cloudwatch/logGroup:LogGroup',
    'aws:sagemaker/endpoint:Endpoint',
    'aws:timestreaminfluxdb/dbInstance:DbInstance',
  ],
  check(resource) {
    const { tags = {} } = propsOf<{ tags: Readonly<Record<string, string>> }>(resource);
    const missing = COST_TAGS.filter((name) => !tags[name]);
    if (missing.length === 0) return null;
    return { expected: 'its cost allocation tags', found: `no ${missing.join(', ')}` };
  },
};

export const COST_RULES = [
  gpuEndpointScales,
  provisionedConcurrencyIsBounded,
  noNatGateway,
  bucketHasLifecycle,
  logRetentionIsBounded,
  instanceTypeIsAllowed,
  costIsTagged,
] as const;
