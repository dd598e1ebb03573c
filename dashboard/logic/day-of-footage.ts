import type { DetectionEvent } from '../../core/segment-result';
import type { Span } from './time-scale';

/** One recording on the timeline, as the api tells it. */
export interface TimelineSegment {
  readonly segmentKey: string;
  readonly objectKey: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly status: string;
  readonly hasFootage: boolean;
  readonly expiredBy: 'retention' | 'lifecycle' | null;
  readonly expiredAt: string | null;
  readonly expiredReason: string | null;
}

/** Recordings one after the other with the same fate, as one piece of the timeline. */
export interface FootageSpan extends Span {
  readonly kind: 'footage' | 'expired';
}

/** Containers round durations: recordings this near to each other follow without a gap, ms. */
const TOUCHING_MS = 1500;

export function spanOf({ startedAt, seconds }: TimelineSegment): Span {
  const fromMs = Date.parse(startedAt);
  return { fromMs, toMs: fromMs + seconds * 1000 };
}

/** Recordings as few pieces: 1,440 of a day without a gap are one. */
export function footageSpans(segments: readonly TimelineSegment[]): FootageSpan[] {
  const spans: FootageSpan[] = [];
  for (const segment of byStart(segments)) {
    const { fromMs, toMs } = spanOf(segment);
    const kind = segment.hasFootage ? 'footage' : 'expired';
    const last = spans.at(-1);
    if (last && last.kind === kind && fromMs - last.toMs <= TOUCHING_MS) {
      spans[spans.length - 1] = { ...last, toMs: Math.max(last.toMs, toMs) };
    } else spans.push({ fromMs, toMs, kind });
  }
  return spans;
}

/** The recording of an instant: one that can be played before one that has expired. */
export function segmentAt(
  segments: readonly TimelineSegment[],
  atMs: number,
): TimelineSegment | null {
  const there = segments.filter((one) => {
    const { fromMs, toMs } = spanOf(one);
    return fromMs <= atMs && atMs < toMs;
  });
  return there.find(({ hasFootage }) => hasFootage) ?? there[0] ?? null;
}

/** The first recording with footage that starts after an instant. */
export function nextPlayable(
  segments: readonly TimelineSegment[],
  atMs: number,
): TimelineSegment | null {
  const later = byStart(segments).filter((one) => one.hasFootage && spanOf(one).fromMs > atMs);
  return later[0] ?? null;
}

/** The last recording with footage that ends before or at an instant. */
export function previousPlayable(
  segments: readonly TimelineSegment[],
  atMs: number,
): TimelineSegment | null {
  const earlier = byStart(segments).filter(
    (one) => one.hasFootage && spanOf(one).toMs <= atMs + TOUCHING_MS && spanOf(one).fromMs < atMs,
  );
  return earlier.at(-1) ?? null;
}

/** The event that starts after an instant, or before it; null: there is none. */
export function eventBeside(
  events: readonly DetectionEvent[],
  atMs: number,
  direction: 'next' | 'previous',
): DetectionEvent | null {
  const sorted = [...events].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const startOf = (event: DetectionEvent): number => Date.parse(event.startedAt);
  return direction === 'next'
    ? (sorted.find((event) => startOf(event) > atMs + 500) ?? null)
    : (sorted.findLast((event) => startOf(event) < atMs - 2000) ?? null);
}

/** Events that hold at an instant. */
export function eventsAt(events: readonly DetectionEvent[], atMs: number): DetectionEvent[] {
  return events.filter(
    ({ startedAt, endedAt }) => Date.parse(startedAt) <= atMs && atMs <= Date.parse(endedAt),
  );
}

function byStart(segments: readonly TimelineSegment[]): TimelineSegment[] {
  return [...segments].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}
