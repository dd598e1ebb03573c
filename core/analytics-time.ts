import { stableHash } from './hash';
import type { AnalyticsRow } from './ports';

/**
 * The instant of a row in nanoseconds since the epoch, as text: its start to the millisecond and, below that,
 * a number that comes from its segment and range. A time series knows a point by its tags and its instant
 * alone: so a row that is written again takes its own place, and two recordings of one camera that start
 * together are two points. With a revision it comes from that too: those of one range are points apart.
 */
export function rowTimeNs({
  at,
  segmentKey,
  range,
  revision,
}: AnalyticsRow & { readonly revision?: string | undefined }): string {
  const names = [segmentKey, range, ...(revision === undefined ? [] : [revision])];
  const below = Number.parseInt(stableHash(names).slice(0, 8), 16) % 1_000_000;
  return `${Date.parse(at)}${String(below).padStart(6, '0')}`;
}
