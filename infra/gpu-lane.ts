import * as pulumi from '@pulumi/pulumi';
import type { GpuConfig, InfraConfig } from '../core/infra-config';
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

const POWER_MEMORY_MB = 256;

/** The functions of the gpu lane: who works its queue, and who starts and stops its endpoint by the hour. */
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
  const { power } = settings;
  if (!power) return;
  const target = functionOf('endpoint-power', POWER_MEMORY_MB);
  const { timezone, start, stop } = power;
  const by = (action: string, rate: string, zone?: string): void => {
    const when = { target, rate, input: { action }, ...(zone ? { timezone: zone } : {}) };
    feedFromSchedule(`${name}-endpoint-${action}`, when, {});
  };
  by('start', start, timezone);
  by('stop', stop, timezone);
  // An endpoint that is made anew lacks its scaling until it is in service.
  by('tend', 'rate(5 minutes)');
}

/** What the lane's functions are told. */
export function gpuVariables(gpu: Gpu, queue: LaneQueue, settings: GpuConfig) {
  const { minInstances: min, maxInstances: max, concurrentRequests: target } = settings;
  return {
    gpuQueueUrl: queue.queue.url,
    gpuEndpoint: gpu.endpointName,
    gpuEndpointConfig: gpu.configurationName,
    gpuVariant: gpu.variant,
    gpuScaling: pulumi.jsonStringify({ min, max, target }),
  };
}
