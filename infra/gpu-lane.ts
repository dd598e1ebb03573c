import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { GpuConfig, InfraConfig } from '../core/infra-config';
import { LANE_SWITCH_KEY, UNDECIDED } from '../core/lane-switch';
import type { FunctionName } from '../handlers/all.permissions';
import { feedFromQueue, feedFromSchedule } from './feed';
import type { Gpu } from './gpu';
import type { ImageFunction } from './image-function';
import type { LaneQueue } from './lane-queue';

export interface GpuLaneArgs {
  readonly config: InfraConfig;
  readonly settings: GpuConfig;
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
      target: functionOf('detect-gpu', config.detectMemoryMb),
      batchSize: config.detectBatchSize,
      maxConcurrency: config.detectMaxConcurrency,
      isPaused: config.isPaused,
    },
    {},
  );
  const schedule = (part: string, when: Parameters<typeof feedFromSchedule>[1]): void => {
    feedFromSchedule(`${name}-${part}`, when, {});
  };
  const { power, lane } = settings;
  const isAuto = lane === 'auto';
  if (isAuto) {
    const target = functionOf('lane-switch', SMALL_MEMORY_MB);
    schedule('lane-switch', { target, rate: SWITCH_RATE });
  }
  if (!power && !isAuto) return;
  const target = functionOf('endpoint-power', SMALL_MEMORY_MB);
  if (power) {
    const { timezone, start, stop } = power;
    schedule('endpoint-start', { target, rate: start, timezone, input: { action: 'start' } });
    schedule('endpoint-stop', { target, rate: stop, timezone, input: { action: 'stop' } });
  }
  if (isAuto)
    schedule('endpoint-follow', { target, rate: SWITCH_RATE, input: { action: 'follow' } });
  // An endpoint that is made anew lacks its scaling until it is in service.
  schedule('endpoint-tend', { target, rate: 'rate(5 minutes)', input: { action: 'tend' } });
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

/** What the lane's functions are told. */
export function gpuVariables(gpu: Gpu, queue: LaneQueue, config: InfraConfig) {
  const settings = config.gpu!;
  const { minInstances: min, maxInstances: max, concurrentRequests: target, lane } = settings;
  const rule = {
    instanceType: settings.instanceType,
    instances: min,
    architecture: config.architecture === 'arm64' ? 'arm64' : 'x86',
    dwellMinutes: settings.dwellMinutes,
  };
  return {
    gpuQueueUrl: queue.queue.url,
    gpuEndpoint: gpu.endpointName,
    gpuEndpointConfig: gpu.configurationName,
    gpuVariant: gpu.variant,
    gpuScaling: pulumi.jsonStringify({ min, max, target }),
    gpuLane: lane,
    ...(lane === 'auto' ? { gpuLaneRule: JSON.stringify(rule) } : {}),
  };
}
