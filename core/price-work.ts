import type { HourlyUsage, Price, PriceBook, TierPriceOptions } from './price-book';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MB_PER_VCPU = 1769;
/** Slowest S3 to Lambda rate of the secondary sources that measured it. */
const FETCH_BYTES_PER_SECOND = 80e6;
/** Send, receive and delete on the intake queue and on the lane's queue. */
const QUEUE_REQUESTS_PER_SEGMENT = 6;
/** The routing function and the detecting one. */
const INVOCATIONS_PER_SEGMENT = 2;
/** The most write units that a quiet segment's row may take, indexes included. */
const WRITE_UNITS_PER_ROW = 3;

/** detect-gpu works 10 to 20 ms a segment and waits for the rest, for a whole batch at once: what is paid is memory. */
export const DETECT_GPU = { memoryMb: 1024, batchSize: 10 } as const;
const WAITING_GB = DETECT_GPU.memoryMb / 1024;

/** What is paid by the unit: the price's name, and how many. */
export type Item = readonly [priceName: string, unitsPerMonth: number];

/**
 * Dollars of the work that some segments took on Lambda: compute and requests, as in `priceTier`. The gpu lane's function
 * is paid while it waits for the endpoint; the endpoint itself is paid by the hour, whatever it does. Storage and the analytics instance are paid by time, so they are no part of it.
 * @param used sums over `segments` of them
 */
export function priceWork(
  used: HourlyUsage & { readonly segments: number },
  { architecture, memoryMb }: Pick<TierPriceOptions, 'architecture' | 'memoryMb'>,
  book: PriceBook,
): number {
  const { segments, ...usage } = used;
  const items: readonly Item[] = [
    [`lambda.${architecture}.gbSecond`, gbSecondsOf(usage, memoryMb)],
    ...requestItems(usage, segments),
    ...laneRequests(segments),
  ];
  return items.reduce((sum, [name, units]) => sum + priceOf(book, name).usd * units, 0);
}

/** What landing, reading and recording segments asks of S3 and DynamoDB. */
export function requestItems(used: HourlyUsage, segments: number): readonly Item[] {
  return [
    ['s3.put', segments + used.snapshotsWritten],
    ['s3.get', segments],
    ['dynamodb.onDemand.wru', used.rowsWritten * WRITE_UNITS_PER_ROW],
  ];
}

/** What a lane asks of queues and functions for so many segments. */
export function laneRequests(segments: number): readonly Item[] {
  return [
    ['sqs.standard.request', segments * QUEUE_REQUESTS_PER_SEGMENT],
    ['lambda.request', segments * INVOCATIONS_PER_SEGMENT],
  ];
}

/** Lambda's GB-seconds of some work: its CPU, the fetching, and the waiting for an endpoint in detect-gpu's memory. */
export function gbSecondsOf(used: HourlyUsage, memoryMb: number): number {
  const threads = Math.max(1, Math.floor(memoryMb / MB_PER_VCPU));
  const vcpus = Math.min(threads, memoryMb / MB_PER_VCPU);
  const fetchSeconds = used.bytesRead / FETCH_BYTES_PER_SECOND;
  const waiting = (used.waitSeconds ?? 0) * WAITING_GB;
  return (used.cpuSeconds / vcpus + fetchSeconds) * (memoryMb / 1024) + waiting;
}

/** What `usd` pay of waiting for an endpoint (s). */
export function waitedSecondsOf(
  usd: number,
  architecture: TierPriceOptions['architecture'],
  book: PriceBook,
): number {
  return usd / (priceOf(book, `lambda.${architecture}.gbSecond`).usd * WAITING_GB);
}

/** One price of the book. @throws {RangeError} where it lacks it */
export function priceOf(book: PriceBook, name: string): Price {
  const price = book.prices[name];
  if (price) return price;
  throw new RangeError(`"${name}": expected a price of ${book.region}, found none; add it`);
}
