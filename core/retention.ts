import type { EventItem, Stay } from './events';
import { quietTest } from './quiet';
import { atOnce, groupInSteps, type Steps } from './steps';

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
export function planRetention(input: RetentionInput): Expired[] {
  return atOnce(planRetentionInSteps(input));
}

/** As `planRetention`: a camera may have 100,000 segments. */
export function* planRetentionInSteps({
  segments,
  items,
  stays,
  settings,
  now,
}: RetentionInput): Steps<Expired[]> {
  const bySegment = yield* groupInSteps(items, versionKey);
  const isQuiet = quietTest(stays);
  const looked: Looked[] = [];
  for (const segment of segments) {
    looked.push(lookAt(segment, { items: bySegment.get(versionKey(segment)) ?? [], isQuiet }));
    yield;
  }
  const byAge = looked.toSorted(
    (a, b) => a.fromMs - b.fromMs || a.segment.segmentKey.localeCompare(b.segment.segmentKey),
  );
  const standings = yield* standingsOf(byAge, settings);
  const nowMs = Date.parse(now);
  const expired = new Map<StoredSegment, string>();
  for (const { segment, toMs } of looked) {
    const standing = standings.get(segment)!;
    const days = standing === 'quiet' ? settings.quietDays : settings.eventDays;
    if (standing !== 'pending' && (nowMs - toMs) / DAY_MS > days)
      expired.set(segment, `${standing} for more than ${days} days`);
    yield;
  }
  for (const segment of overBudget(byAge, standings, { expired, maxBytes: settings.maxBytes })) {
    expired.set(segment, `over maxBytes ${settings.maxBytes}`);
  }
  return [...expired].map(([{ objectKey, objectVersion }, reason]) => ({
    objectKey,
    objectVersion,
    reason,
  }));
}

/** What a segment's own items say. */
interface Looked {
  readonly segment: StoredSegment;
  readonly fromMs: number;
  readonly toMs: number;
  readonly isEvidence: boolean;
  readonly isAnalysed: boolean;
}

function lookAt(
  segment: StoredSegment,
  {
    items,
    isQuiet,
  }: {
    readonly items: readonly AnalysedItem[];
    readonly isQuiet: (item: AnalysedItem) => boolean;
  },
): Looked {
  const [fromMs, toMs] = [Date.parse(segment.startedAt), Date.parse(segment.endedAt)];
  const isEvidence = !items.every(isQuiet);
  return { segment, fromMs, toMs, isEvidence, isAnalysed: isCovered(toMs - fromMs, items) };
}

/** Whether every range was looked at, however much of it the file had: what was cut off never comes. */
function isCovered(spanMs: number, items: readonly AnalysedItem[]): boolean {
  const coveredMs = items.reduce((sum, { range }) => {
    const [fromMs, toMs] = range.split('-').map(Number) as [number, number];
    return sum + toMs - fromMs;
  }, 0);
  // A length that was probed is not rounded as the ranges are.
  return items.length > 0 && coveredMs >= spanMs - ROUNDING_MS;
}

function* standingsOf(
  byAge: readonly Looked[],
  rolls: RetentionSettings,
): Steps<Map<StoredSegment, Standing>> {
  const longestMs = byAge.reduce((most, { fromMs, toMs }) => Math.max(most, toMs - fromMs), 0);
  const standings = new Map<StoredSegment, Standing>();
  for (const [at, { segment, isAnalysed }] of byAge.entries()) {
    const near = isAnalysed ? neighboursOf(byAge, at, { ...rolls, longestMs }) : [];
    standings.set(segment, isAnalysed ? standingAmong(near) : 'pending');
    yield;
  }
  return standings;
}

/** @param near an analysed segment and its neighbours */
function standingAmong(near: readonly Looked[]): Standing {
  if (near.some(({ isEvidence }) => isEvidence)) return 'evidence';
  return near.every(({ isAnalysed }) => isAnalysed) ? 'quiet' : 'pending';
}

/** Segments whose evidence one may be roll of, itself included: later ones reach back by the pre-roll, earlier ones on by the post-roll. */
function neighboursOf(
  byAge: readonly Looked[],
  at: number,
  {
    preRollSeconds,
    postRollSeconds,
    longestMs,
  }: Pick<RetentionSettings, 'preRollSeconds' | 'postRollSeconds'> & { readonly longestMs: number },
): Looked[] {
  const { fromMs, toMs } = byAge[at]!;
  const near = [byAge[at]!];
  for (let next = at + 1; next < byAge.length; next++) {
    if (byAge[next]!.fromMs - preRollSeconds * 1000 >= toMs) break;
    near.push(byAge[next]!);
  }
  for (let before = at - 1; before >= 0; before--) {
    if (byAge[before]!.fromMs + longestMs + postRollSeconds * 1000 <= fromMs) break;
    if (byAge[before]!.toMs + postRollSeconds * 1000 > fromMs) near.push(byAge[before]!);
  }
  return near;
}

/** What must go, beside what goes anyway, until the rest fits. */
function overBudget(
  byAge: readonly Looked[],
  standings: ReadonlyMap<StoredSegment, Standing>,
  {
    expired,
    maxBytes,
  }: { readonly expired: ReadonlyMap<StoredSegment, string>; readonly maxBytes: number | null },
): StoredSegment[] {
  if (maxBytes === null) return [];
  const left = byAge.map(({ segment }) => segment).filter((segment) => !expired.has(segment));
  let excess = left.reduce((sum, { bytes }) => sum + bytes, 0) - maxBytes;
  const chosen: StoredSegment[] = [];
  for (const standing of ['quiet', 'evidence'] as const) {
    for (const segment of left) {
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
