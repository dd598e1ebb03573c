import { ENVIRONMENT } from '../core/environment';
import { LANE_SWITCH_KEY } from '../core/lane-switch';
import {
  type Permission,
  type PlatformOptions,
  platformPermissions,
  type ResourceName,
} from '../core/permissions';
import { FUNCTION_ACCESS, type FunctionAccess } from '../handlers/all.permissions';
import { type Judged, propsOf } from './rule';
import { ofType } from './stack';

/** Where a part is in a stack: the resource's type, how its name ends, and what follows its ARN. */
interface Part {
  readonly type: string;
  readonly ends: string;
  readonly after?: string;
}

const BUCKET = 'aws:s3/bucket:Bucket';
const OBJECT = 'aws:s3/bucketObjectv2:BucketObjectv2';
const ENDPOINT = 'aws:sagemaker/endpoint:Endpoint';
const CONFIGURATION = 'aws:sagemaker/endpointConfiguration:EndpointConfiguration';
const QUEUE = 'aws:sqs/queue:Queue';
const TABLE = 'aws:dynamodb/table:Table';
const SECRET = 'aws:secretsmanager/secret:Secret';
const LIVE = 'aws:timestreamwrite/table:Table';
const INFLUX = 'aws:timestreaminfluxdb/dbInstance:DbInstance';
const FOOTAGE = '-footage';
/** The queues that functions are fed from. */
const FED = ['-landed', '-cpu', '-gpu', '-analytics', '-retention'];

const PARTS: Readonly<Partial<Record<ResourceName, Part>>> = {
  footageBucket: { type: BUCKET, ends: FOOTAGE },
  footageObjects: { type: BUCKET, ends: FOOTAGE, after: '/*' },
  footageVersions: { type: BUCKET, ends: FOOTAGE, after: '/*' },
  uploadObjects: { type: BUCKET, ends: FOOTAGE, after: '/uploads/*' },
  footageKeySecret: { type: SECRET, ends: '-footage-key' },
  quarantineObjects: { type: BUCKET, ends: '-footage-quarantine', after: '/*' },
  snapshotObjects: { type: BUCKET, ends: '-footage-snapshots', after: '/*' },
  configBucket: { type: BUCKET, ends: '-fleet' },
  configObjects: { type: BUCKET, ends: '-fleet', after: '/*' },
  table: { type: TABLE, ends: '' },
  tableByTime: { type: TABLE, ends: '', after: '/index/by-time' },
  rollUpTable: { type: TABLE, ends: '' },
  rollUpIndex: { type: TABLE, ends: '', after: '/index/by-time' },
  tableByStatus: { type: TABLE, ends: '', after: '/index/by-status' },
  landedQueue: { type: QUEUE, ends: '-landed' },
  cpuQueue: { type: QUEUE, ends: '-cpu' },
  gpuQueue: { type: QUEUE, ends: '-gpu' },
  analyticsQueue: { type: QUEUE, ends: '-analytics' },
  detectionsStream: {
    type: 'aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream',
    ends: '-detections',
  },
  analyticsReader: { type: 'aws:lambda/alias:Alias', ends: '-analytics-query' },
  influxWriteSecret: { type: SECRET, ends: '-analytics-write' },
  influxReadSecret: { type: SECRET, ends: '-analytics-read' },
  liveTable: { type: LIVE, ends: '-analytics' },
  retentionQueue: { type: QUEUE, ends: '-retention' },
};

/** The handler that a function of the image runs; null: a function that is not of the image. */
export function handlerOf(lambda: Judged): string | null {
  const { imageConfig } = propsOf<{ imageConfig: { commands?: readonly string[] } }>(lambda);
  return /^handlers\/([a-z-]+)\.handler$/.exec(imageConfig?.commands?.[0] ?? '')?.[1] ?? null;
}

/** Pairs "action on ARN" that a function's declaration gives it in this stack; null: no such declaration. */
export function declaredGrants(lambda: Judged, stack: readonly Judged[]): string[] | null {
  const access = (FUNCTION_ACCESS as Readonly<Record<string, FunctionAccess>>)[
    handlerOf(lambda) ?? ''
  ];
  if (!access) return null;
  const { tracingConfig, vpcConfig } = propsOf<{
    tracingConfig: { mode?: string };
    vpcConfig: unknown;
  }>(lambda);
  const options: PlatformOptions = {
    eventSource: access.eventSource,
    readsFootage: access.readsFootage,
    discoversEndpoints: access.discoversEndpoints,
    isInVpc: vpcConfig !== undefined && vpcConfig !== null,
    hasDataKey: dataKeysOf(stack).length > 0,
    isTraced: tracingConfig?.mode === 'Active',
  };
  return [...access.permissions, ...platformPermissions(options)].flatMap((permission) =>
    grantsOf(permission, lambda, stack),
  );
}

function grantsOf(
  { actions, resource }: Permission,
  lambda: Judged,
  stack: readonly Judged[],
): string[] {
  return arnsOf(resource, lambda, stack).flatMap((arn) =>
    actions.map((action) => `${action} on ${arn}`),
  );
}

function arnsOf(name: ResourceName, lambda: Judged, stack: readonly Judged[]): string[] {
  if (name === 'everything') return ['*'];
  if (name === 'modelArchive') {
    const archive = variablesOf(lambda)[ENVIRONMENT.modelArchive];
    return archive ? [archive.replace('s3://', 'arn:aws:s3:::')] : [];
  }
  if (ROLL_UP_PARTS.has(name) && hasSeries(stack)) return [];
  if (name === 'liveEndpoints') return usesLiveAnalytics(lambda) ? ['*'] : [];
  if (name === 'logStreams') {
    const group = `/aws/lambda/${String(lambda.props.name)}`;
    const groups = ofType(stack, 'aws:cloudwatch/logGroup:LogGroup');
    return groups.filter((one) => one.props.name === group).map((one) => `${arnOf(one)}:*`);
  }
  if (name === 'alertTopics') {
    const topics = ofType(stack, 'aws:sns/topic:Topic');
    return topics.filter((one) => !one.name.endsWith('-operations')).map(arnOf);
  }
  if (name === 'influxAdminSecret') {
    return ofType(stack, INFLUX).map(({ props }) => String(props.influxAuthParametersSecretArn));
  }
  if (name === 'fedQueues' || name === 'deadLetterQueues') {
    const ends = name === 'fedQueues' ? FED : FED.map((one) => `${one}-dead`);
    const queues = ofType(stack, QUEUE);
    return queues.filter((queue) => ends.some((end) => queue.name.endsWith(end))).map(arnOf);
  }
  if (GPU_PARTS.has(name)) return gpuArnsOf(name, lambda, stack);
  if (name === 'laneSwitchObject') {
    const isSwitched = ofType(stack, OBJECT).some((one) => one.name.endsWith('-lane-switch'));
    const fleet = ofType(stack, BUCKET).filter((one) => one.name.endsWith('-fleet'));
    return isSwitched ? fleet.map((one) => `${arnOf(one)}/${LANE_SWITCH_KEY}`) : [];
  }
  if (name === 'dataKey') return dataKeysOf(stack).map(arnOf);
  const part = PARTS[name];
  if (!part) return [];
  const found = ofType(stack, part.type).filter((one) => one.name.endsWith(part.ends));
  // A customer's own bucket is not of the stack: the function is told its name.
  const isForeign = found.length === 0 && part.ends === FOOTAGE;
  const arns = isForeign ? [`arn:aws:s3:::${footageBucketOf(lambda)}`] : found.map(arnOf);
  return arns.map((arn) => `${arn}${part.after ?? ''}`);
}

/** Sums in the table: there are none beside a time series. */
const ROLL_UP_PARTS: ReadonlySet<ResourceName> = new Set(['rollUpTable', 'rollUpIndex']);

function hasSeries(stack: readonly Judged[]): boolean {
  return ofType(stack, INFLUX).length + ofType(stack, LIVE).length > 0;
}

const GPU_PARTS: ReadonlySet<ResourceName> = new Set([
  'gpuEndpoint',
  'gpuEndpointConfig',
  'scalableTargets',
  'scalingRole',
]);
const SCALING_ROLE =
  'aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint';

/** The gpu lane's parts, of the account and region of its configuration, by the names that the function is told. */
function gpuArnsOf(name: ResourceName, lambda: Judged, stack: readonly Judged[]): string[] {
  const [configuration] = ofType(stack, CONFIGURATION).filter((one) => one.name.endsWith('-gpu'));
  if (!configuration) return [];
  const [region, account] = arnOf(configuration).split(':').slice(3, 5);
  const variables = variablesOf(lambda);
  const sagemaker = `arn:aws:sagemaker:${region}:${account}`;
  if (name === 'gpuEndpoint') {
    const own = ofType(stack, ENDPOINT).filter((one) => one.name.endsWith('-gpu'));
    // Where endpoint-power makes it, it is not of the stack.
    const made = `${sagemaker}:endpoint/${variables[ENVIRONMENT.gpuEndpoint]}`;
    return own.length > 0 ? own.map(arnOf) : [made];
  }
  if (name === 'gpuEndpointConfig') {
    const served = String(variables[ENVIRONMENT.gpuEndpointConfig]);
    return [arnOf(configuration).replace(String(configuration.props.name), served)];
  }
  if (name === 'scalingRole') return [`arn:aws:iam::${account}:role/${SCALING_ROLE}`];
  return [`arn:aws:application-autoscaling:${region}:${account}:scalable-target/*`];
}

/** The key of alarms alone encrypts nothing that a function touches. */
function dataKeysOf(stack: readonly Judged[]): Judged[] {
  return ofType(stack, 'aws:kms/key:Key').filter(({ name }) => !name.endsWith('-operations'));
}

function usesLiveAnalytics(lambda: Judged): boolean {
  return variablesOf(lambda)[ENVIRONMENT.timeSeries] === 'live-analytics';
}

function footageBucketOf(lambda: Judged): string {
  return variablesOf(lambda)[ENVIRONMENT.footageBucket] ?? '';
}

function variablesOf(lambda: Judged): Readonly<Record<string, string>> {
  const { environment } = propsOf<{
    environment: { variables?: Readonly<Record<string, string>> };
  }>(lambda);
  return environment?.variables ?? {};
}

function arnOf({ props }: Judged): string {
  return String(props.arn);
}
