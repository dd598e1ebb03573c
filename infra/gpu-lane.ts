import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { MAX_PENDING } from '../core/endpoint-contract';
import { gpuHours } from '../core/fleet/gpu-hours';
import type { Fleet } from '../core/fleet/schema';
import { breakEvenOf } from '../core/gpu-break-even';
import type { GpuConfig, InfraConfig } from '../core/infra-config';
import { LANE_SWITCH_KEY, UNDECIDED } from '../core/lane-switch';
import { DETECT_GPU } from '../core/price-work';
import { US_EAST_1 } from '../core/prices/us-east-1';
import type { FunctionName } from '../handlers/all.permissions';
import { feedFromQueue, feedFromSchedule } from './feed';
import { CHALLENGER, type Gpu, isPowered } from './gpu';
import type { ImageFunction } from './image-function';
import type { LaneQueue } from './lane-queue';
import { tagsOf } from './tags';

export interface GpuLaneArgs {
  readonly config: InfraConfig;
  readonly settings: GpuConfig;
  readonly gpu: Gpu;
  readonly fleet: Fleet;
  readonly queue: LaneQueue;
  readonly functionOf: (name: FunctionName, memoryMb: number) => ImageFunction;
}

const SMALL_MEMORY_MB = 256;
const SWITCH_RATE = 'rate(5 minutes)';

/** The functions of the gpu lane: who works its queue, who decides on it, and who starts and stops its endpoint. */
export function serveGpuLane(name: string, args: GpuLaneArgs): void {
  const { config, settings, queue, functionOf } = args;
  feedFromQueue(
    `${name}-detect-gpu`,
    {
      queue: queue.queue,
      target: functionOf('detect-gpu', DETECT_GPU.memoryMb),
      batchSize: DETECT_GPU.batchSize,
      maxConcurrency: detectMostAtOnce(settings),
      isPaused: config.isPaused,
    },
    {},
  );
  if (settings.lane === 'auto') {
    const target = functionOf('lane-switch', SMALL_MEMORY_MB);
    feedFromSchedule(`${name}-lane-switch`, { target, rate: SWITCH_RATE }, {});
  }
  if (isPowered(settings)) powerEndpoint(name, args);
}

/** Functions whose batches the instances hold all at once; AWS takes two or more. What more would send is answered 503. */
function detectMostAtOnce({ maxInstances }: GpuConfig): number {
  return Math.max(2, Math.floor((maxInstances * MAX_PENDING) / DETECT_GPU.batchSize));
}

/** Who makes, changes and deletes the endpoint: by the hour, as lane-switch says, and at the end of the stack. */
function powerEndpoint(name: string, { settings, fleet, gpu, functionOf }: GpuLaneArgs): void {
  const target = functionOf('endpoint-power', SMALL_MEMORY_MB);
  const schedule = (part: string, action: string, rate: string, timezone?: string): void => {
    const zone = timezone === undefined || rate.startsWith('rate(') ? {} : { timezone };
    const when = { target, rate, input: { action }, ...zone };
    feedFromSchedule(`${name}-endpoint-${part}`, when, {});
  };
  const { power } = settings;
  if (!power) schedule('follow', 'follow', SWITCH_RATE);
  else if (power === 'fleet') {
    const { timezone, changes } = gpuHours(fleet);
    for (const [index, { action, cron }] of changes.entries()) {
      schedule(`${action}-${index}`, action, cron, timezone);
    }
  } else {
    schedule('start', 'start', power.start, power.timezone);
    schedule('stop', 'stop', power.stop, power.timezone);
  }
  // An endpoint that is made anew lacks its scaling until it is in service, and a late one its newest configuration.
  schedule('tend', 'tend', 'rate(5 minutes)');
  // Asks at once when the configuration changes, and has the endpoint deleted with the stack.
  new aws.lambda.Invocation(
    `${name}-endpoint-power`,
    {
      functionName: target.lambda.name,
      qualifier: target.alias.name,
      input: pulumi.jsonStringify({ action: 'tend', configuration: gpu.configurationName }),
      lifecycleScope: 'CRUD',
    },
    { dependsOn: [target] },
  );
}

/**
 * The decision that route reads, before lane-switch has made one; from then on the object is its own.
 * @returns the object's ARN
 */
export function laneSwitchObject(name: string, bucket: aws.s3.Bucket): pulumi.Output<string> {
  new aws.s3.BucketObjectv2(
    `${name}-lane-switch`,
    {
      bucket: bucket.id,
      key: LANE_SWITCH_KEY,
      content: JSON.stringify(UNDECIDED),
      contentType: 'application/json',
    },
    { ignoreChanges: ['content', 'contentType', 'etag'] },
  );
  return pulumi.interpolate`${bucket.arn}/${LANE_SWITCH_KEY}`;
}

function pricedBy(settings: GpuConfig, { architecture }: InfraConfig) {
  const { instanceType, minInstances, cpuMsPerFrame, concurrentRequests } = settings;
  return {
    instanceType,
    instances: minInstances,
    architecture: architecture === 'arm64' ? ('arm64' as const) : ('x86' as const),
    cpuMsPerFrame,
    concurrentRequests,
  };
}

/** With a small model an instance's vCPUs are full before it has saved what it costs, however many cameras there are. */
function warnOfIdleGpu(priced: ReturnType<typeof pricedBy>): void {
  const { framesPerSecond, instances, instanceFramesPerSecond } = breakEvenOf(priced, US_EAST_1);
  if (framesPerSecond <= instances * instanceFramesPerSecond) return;
  pulumi.log.warn(
    `gpu: at ${priced.cpuMsPerFrame} ms of CPU a frame Lambda never costs as much as ${priced.instanceType}; ` +
      'gpu.cpuMsPerFrame says what your model takes, and lane: off leaves its cameras on the cpu lane (docs/decisions/gpu-break-even.md)',
  );
}

/** What the lane's functions are told. */
export function gpuVariables(
  gpu: Gpu,
  queue: LaneQueue,
  { config, environment }: { readonly config: InfraConfig; readonly environment: string },
) {
  const settings = config.gpu!;
  const { minInstances: min, maxInstances: max, concurrentRequests: target, lane } = settings;
  const { schedules, challenger, dwellMinutes } = settings;
  const tags = tagsOf({ environment, owner: config.owner, component: 'gpu' });
  const priced = pricedBy(settings, config);
  warnOfIdleGpu(priced);
  const rule = { ...priced, dwellMinutes };
  return {
    gpuQueueUrl: queue.queue.url,
    gpuEndpoint: gpu.endpointName,
    gpuEndpointConfig: gpu.configurationName,
    gpuVariant: gpu.variant,
    gpuScaling: JSON.stringify({ min, max, target, schedules }),
    gpuTags: JSON.stringify(tags),
    ...(challenger ? { gpuVariants: JSON.stringify({ [challenger.name]: CHALLENGER }) } : {}),
    gpuLane: lane,
    ...(lane === 'auto' ? { gpuLaneRule: JSON.stringify(rule) } : {}),
  };
}
