import { CPU_SECONDS_A_FRAME } from './assumed-cost';
import { type PriceBook, usdOf } from './price-book';

export interface BreakEvenOptions {
  /** Instance type of the endpoint, as in the price book. */
  readonly instanceType: string;
  /** Instances that are paid whether they are used or not. */
  readonly instances: number;
  readonly architecture: 'arm64' | 'x86';
}

export interface BreakEven {
  readonly framesPerSecond: number;
  readonly endpointUsdPerHour: number;
  /** What Lambda takes to decode and infer one frame. */
  readonly lambdaUsdPerFrame: number;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const GB_PER_VCPU = 1769 / 1024;

/**
 * The sum of inferred frames a second at which Lambda costs as much as the endpoint, at the measured CPU of a frame
 * (docs/decisions/gpu-break-even.md).
 * @throws {RangeError} for an instance type that the book lacks
 */
export function breakEvenOf(
  { instanceType, instances, architecture }: BreakEvenOptions,
  book: PriceBook,
): BreakEven {
  const endpointUsdPerHour = instances * usdOf(book, `sagemaker.${instanceType}.hour`);
  const gbSecondUsd = usdOf(book, `lambda.${architecture}.gbSecond`);
  const lambdaUsdPerFrame = CPU_SECONDS_A_FRAME * GB_PER_VCPU * gbSecondUsd;
  const framesPerSecond = endpointUsdPerHour / 3600 / lambdaUsdPerFrame;
  return { framesPerSecond, endpointUsdPerHour, lambdaUsdPerFrame };
}
