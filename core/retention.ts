import type { EventItem, Stay } from './events';
import { quietTest } from './quiet';

/** A segment as it lies in the footage folder or bucket. */
export interface StoredSegment {
  readonly segmentKey: string;
  /** The file or object to delete. */
  readonly objectKey: string;
  readonly objectVersion: string;
  readonly camera: string;
  /** ISO instants of its span by its key. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly bytes: number;
}

export interface RetentionSettings {
  readonly quietDays: number;
  readonly eventDays: number;
  /** Most bytes of one camera's footage; null: no limit. Quiet footage goes first. */
  readonly maxBytes: number | null;
  readonly preRollSeconds: number;
  readonly postRollSeconds: number;
}

/** What of an item decides about its footage. */
export type AnalysedItem = Pick<EventItem, 'segmentKey' | 'objectVersion' | 'range' | 'presences'>;

export interface RetentionInput {
  /** All of one camera's footage, whatever its state. */
  readonly segments: readonly StoredSegment[];
  /** Its current items. */
  readonly items: readonly AnalysedItem[];
  /** Stationary events of those items: they are no evidence. */
  readonly stays: readonly Stay[];
  readonly settings: RetentionSettings;
  readonly now: string;
}

export interface Expired {
  readonly objectKey: string;
  readonly objectVersion: string;
  readonly reason: string;
}

const DAY_MS = 86_400_000;
const ROUNDING_MS = 1000;

type Standing = 'pending' | 'evidence' | 'quiet';

/**
 * Which of one camera's footage may go (contracts 12). Quiet footage expires after `quietDays`, but only if
 * every segment that overlaps its pre- and post-roll is analysed; evidence, and what lies within the rolls of
 * evidence, after `eventDays`; over `maxBytes` the oldest quiet footage goes first, then the oldest evidence.
 * What was not analysed never goes. Decided from rows alone, so in any order of arrival.
 */
export function planRetention({
  segments,
  items,
  stays,
  settings,
  now,
}: RetentionInput): Expired[] {
  const standings = standingsOf(segments, items, { stays, settings });
  const nowMs = Date.parse(now);
  const expired = new Map<StoredSegment, string>();
  for (const segment of segments) {
    const standing = standings.get(segment)!;
    if (standing === 'pending') continue;
    const days = standing === 'quiet' ? settings.quietDays : settings.eventDays;
    const ageDays = (nowMs - Date.parse(segment.endedAt)) / DAY_MS;
    if (ageDays > days) expired.set(segment, `${standing} for more than ${days} days`);
  }
  for (const segment of overBudget(segments, standings, { expired, maxBytes: settings.maxBytes })) {
    expired.set(segment, `over maxBytes ${settings.maxBytes}`);
  }
  return [...expired].map(([{ objectKey, objectVersion }, reason]) => ({
    objectKey,
    objectVersion,
    reason,
  }));
}

function standingsOf(
  segments: readonly StoredSegment[],
  items: readonly AnalysedItem[],
  { stays, settings }: Pick<RetentionInput, 'stays' | 'settings'>,
): Map<StoredSegment, Standing> {
  const bySegment = Map.groupBy(items, versionKey);
  const itemsOf = (segment: StoredSegment): AnalysedItem[] =>
    bySegment.get(versionKey(segment)) ?? [];
  const isQuiet = quietTest(stays);
  const evidence = new Set(segments.filter((segment) => !itemsOf(segment).every(isQuiet)));
  const analysed = new Set(segments.filter((segment) => isCovered(segment, itemsOf(segment))));
  const hasEvidence = (segment: StoredSegment): boolean => evidence.has(segment);
  const isAnalysed = (segment: StoredSegment): boolean => analysed.has(segment);
  const neighbours = neighboursOf(segments, settings);
  return new Map(
    segments.map((segment): [StoredSegment, Standing] => {
      if (!isAnalysed(segment)) return [segment, 'pending'];
      const near = neighbours(segment);
      if (near.some(hasEvidence)) return [segment, 'evidence'];
      return [segment, near.every(isAnalysed) ? 'quiet' : 'pending'];
    }),
  );
}

/** Whether every range was looked at, however much of it the file had: what was cut off never comes. */
function isCovered(segment: StoredSegment, items: readonly AnalysedItem[]): boolean {
  const coveredMs = items.reduce((sum, { range }) => {
    const [fromMs, toMs] = range.split('-').map(Number) as [number, number];
    return sum + toMs - fromMs;
  }, 0);
  // A length that was probed is not rounded as the ranges are.
  return items.length > 0 && coveredMs >= spanMs(segment) - ROUNDING_MS;
}

/** Segments whose evidence a segment may be roll of, itself included: later ones reach back by the pre-roll, earlier ones on by the post-roll. */
function neighboursOf(
  segments: readonly StoredSegment[],
  { preRollSeconds, postRollSeconds }: RetentionSettings,
): (segment: StoredSegment) => StoredSegment[] {
  const spans = segments
    .map((segment) => ({
      segment,
      fromMs: Date.parse(segment.startedAt),
      toMs: Date.parse(segment.endedAt),
    }))
    .sort((a, b) => a.fromMs - b.fromMs);
  const index = new Map(spans.map(({ segment }, at) => [segment, at]));
  const longestMs = spans.reduce((most, { fromMs, toMs }) => Math.max(most, toMs - fromMs), 0);
  return (segment) => {
    const at = index.get(segment)!;
    const { fromMs, toMs } = spans[at]!;
    const near = [segment];
    for (let next = at + 1; next < spans.length; next++) {
      if (spans[next]!.fromMs - preRollSeconds * 1000 >= toMs) break;
      near.push(spans[next]!.segment);
    }
    for (let before = at - 1; before >= 0; before--) {
      if (spans[before]!.fromMs + longestMs + postRollSeconds * 1000 <= fromMs) break;
      if (spans[before]!.toMs + postRollSeconds * 1000 > fromMs) near.push(spans[before]!.segment);
    }
    return near;
  };
}

/** What must go, beside what goes anyway, until the rest fits. */
function overBudget(
  segments: readonly StoredSegment[],
  standings: ReadonlyMap<StoredSegment, Standing>,
  {
    expired,
    maxBytes,
  }: { readonly expired: ReadonlyMap<StoredSegment, string>; readonly maxBytes: number | null },
): StoredSegment[] {
  if (maxBytes === null) return [];
  const left = segments.filter((segment) => !expired.has(segment));
  let excess = left.reduce((sum, { bytes }) => sum + bytes, 0) - maxBytes;
  const byAge = left.toSorted(
    (a, b) => a.startedAt.localeCompare(b.startedAt) || a.segmentKey.localeCompare(b.segmentKey),
  );
  const chosen: StoredSegment[] = [];
  for (const standing of ['quiet', 'evidence'] as const) {
    for (const segment of byAge) {
      if (excess <= 0) return chosen;
      if (standings.get(segment) !== standing) continue;
      chosen.push(segment);
      excess -= segment.bytes;
    }
  }
  return chosen;
}

function versionKey({
  segmentKey,
  objectVersion,
}: {
  segmentKey: string;
  objectVersion: string;
}): string {
  return `${segmentKey}\n${objectVersion}`;
}

function spanMs({ startedAt, endedAt }: { startedAt: string; endedAt: string }): number {
  return Date.parse(endedAt) - Date.parse(startedAt);
}
