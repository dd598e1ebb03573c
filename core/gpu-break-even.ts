import { CPU_SECONDS_A_FRAME } from './assumed-cost';
import { type PriceBook, usdOf } from './price-book';
import { DETECT_GPU } from './price-work';

export interface BreakEvenOptions {
  /** Instance type of the endpoint, as in the price book. */
  readonly instanceType: string;
  /** Instances that are paid whether they are used or not. */
  readonly instances: number;
  readonly architecture: 'arm64' | 'x86';
  /** CPU to decode and infer one frame on the cpu lane, by the model in use (ms). */
  readonly cpuMsPerFrame: number;
  /** Requests that an instance holds at once while it is busy: detect-gpu waits for them. */
  readonly concurrentRequests: number;
}

/** What either lane costs: the numbers that the lane switch decides by. */
export interface BreakEven {
  /** From here on Lambda costs as much as the instances that are always paid, if they could take as many frames. */
  readonly framesPerSecond: number;
  readonly instances: number;
  /** What one instance takes, by its vCPUs: the GPU waits for them. */
  readonly instanceFramesPerSecond: number;
  /** With the Lambda time that waits for its answers. */
  readonly instanceUsdPerHour: number;
  /** What Lambda takes to decode and infer one frame. */
  readonly lambdaUsdPerFrame: number;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const GB_PER_VCPU = 1769 / 1024;

/** https://aws.amazon.com/ec2/instance-types/g4/ , /g5/ , /g6/ */
const VCPUS: Readonly<Record<string, number>> = {
  'ml.g4dn.xlarge': 4,
  'ml.g5.xlarge': 4,
  'ml.g6.xlarge': 4,
};
/**
 * CPU seconds of the endpoint a frame: to take its packets in, decode and hand them to the GPU. 0.53 of what YOLOX-Nano takes on
 * the cpu lane, measured beside each other on four cores (docs/benchmarks.md, "On a GPU").
 */
const ENDPOINT_CPU_SECONDS_A_FRAME = 0.53 * CPU_SECONDS_A_FRAME;

/**
 * What the lanes cost, at the measured CPU of a frame (docs/decisions/gpu-break-even.md).
 * @throws {RangeError} for an instance type that the book lacks
 */
export function breakEvenOf(options: BreakEvenOptions, book: PriceBook): BreakEven {
  const { instanceType, instances, architecture, cpuMsPerFrame, concurrentRequests } = options;
  const gbSecondUsd = usdOf(book, `lambda.${architecture}.gbSecond`);
  const hourUsd = usdOf(book, `sagemaker.${instanceType}.hour`);
  const waitingGb = (DETECT_GPU.memoryMb / 1024) * (concurrentRequests / DETECT_GPU.batchSize);
  const instanceUsdPerHour = hourUsd + waitingGb * gbSecondUsd * 3600;
  const lambdaUsdPerFrame = (cpuMsPerFrame / 1000) * GB_PER_VCPU * gbSecondUsd;
  return {
    framesPerSecond: (instances * instanceUsdPerHour) / 3600 / lambdaUsdPerFrame,
    instances,
    instanceFramesPerSecond: VCPUS[instanceType]! / ENDPOINT_CPU_SECONDS_A_FRAME,
    instanceUsdPerHour,
    lambdaUsdPerFrame,
  };
}

/** Instances that so many frames a second need, never fewer than are always paid, and what they cost an hour. */
export function endpointFor(
  framesPerSecond: number,
  { instances, instanceFramesPerSecond, instanceUsdPerHour }: BreakEven,
): { readonly instances: number; readonly usdPerHour: number } {
  const needed = Math.max(instances, Math.ceil(framesPerSecond / instanceFramesPerSecond));
  return { instances: needed, usdPerHour: needed * instanceUsdPerHour };
}
