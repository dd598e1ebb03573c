import { type Box, intersectionOverUnion } from './geometry';
import { SAME_PLACE_IOU } from './presence';
import type { Steps } from './steps';

/** A time of one thing; ms since the epoch. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One still interval of one item. */
export interface StillSpan extends Span {
  readonly box: Box;
}

export interface StillChain<Still extends StillSpan = StillSpan> extends Span {
  readonly spans: readonly Still[];
}

/** One inference that misses a thing costs a whole quiet segment, and one may be lost: two of 60 s are a blink. */
const LONGEST_BLINK_MS = 150_000;
/** A movement longer than this is traffic, not the arrival or departure of what is parked. */
export const LONGEST_MANOEUVRE_MS = 120_000;

export interface StayRule {
  /** Up to this long unseen, a thing may still be the same, ms. */
  readonly longestGapMs: number;
  /** A movement this close to the end of a still interval belongs to it, ms. */
  readonly quietGapMs: number;
}

/** What takes this long to count as parked may go unseen as long before it counts as gone. */
export function stayRuleOf({
  stationaryAfterMinutes,
  quietGapSeconds,
}: {
  readonly stationaryAfterMinutes: number;
  readonly quietGapSeconds: number;
}): StayRule {
  return {
    longestGapMs: Math.max(LONGEST_BLINK_MS, stationaryAfterMinutes * 60_000),
    quietGapMs: quietGapSeconds * 1000,
  };
}

/**
 * Joins still spans of one class and zone that hold the same place (IoU ≥ 0.7), whatever their order.
 * @param movements of that class and zone by start, none within the quiet gap of another
 */
export function* chainStillSpans<Still extends StillSpan>(
  spans: readonly Still[],
  movements: readonly Span[],
  rule: StayRule,
): Steps<StillChain<Still>[]> {
  const sorted = [...spans].sort(
    (a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs || a.box.join().localeCompare(b.box.join()),
  );
  const manoeuvres = movements.filter(({ fromMs, toMs }) => toMs - fromMs <= LONGEST_MANOEUVRE_MS);
  const chains: { fromMs: number; toMs: number; spans: Still[] }[] = [];
  let open: typeof chains = [];
  for (const span of sorted) {
    open = open.filter((chain) => span.fromMs - chain.toMs <= rule.longestGapMs);
    const chain = bestChain(open, span, (gap) => isSameStay(gap, manoeuvres, rule));
    if (chain) {
      chain.spans.push(span);
      chain.toMs = Math.max(chain.toMs, span.toMs);
    } else {
      const begun = { fromMs: span.fromMs, toMs: span.toMs, spans: [span] };
      chains.push(begun);
      // What stood there before has gone: its place is taken.
      open = [...open.filter((before) => overlapOf(before, span) < SAME_PLACE_IOU), begun];
    }
    yield;
  }
  return chains;
}

/** The chain whose last box is most where the span's is. */
function bestChain<Chain extends StillChain>(
  chains: readonly Chain[],
  span: StillSpan,
  mayBridge: (gap: Span) => boolean,
): Chain | null {
  let best: Chain | null = null;
  let bestOverlap = SAME_PLACE_IOU;
  for (const chain of chains) {
    const overlap = overlapOf(chain, span);
    if (overlap < bestOverlap || (best && overlap === bestOverlap)) continue;
    if (!mayBridge({ fromMs: chain.toMs, toMs: span.fromMs })) continue;
    best = chain;
    bestOverlap = overlap;
  }
  return best;
}

function overlapOf({ spans }: StillChain, { box }: StillSpan): number {
  return intersectionOverUnion(spans.at(-1)!.box, box);
}

/**
 * Whether what was still before a gap is what is still after it, in the same place. A blink is bridged, unless
 * it was seen to leave and, after a quiet while, to come; what is longer, only where neither was seen.
 */
function isSameStay(
  gap: Span,
  manoeuvres: readonly Span[],
  { quietGapMs }: Pick<StayRule, 'quietGapMs'>,
): boolean {
  const withinMs = quietGapMs;
  const leaving = nearby(manoeuvres, 'fromMs', { atMs: gap.fromMs, withinMs }).filter(
    ({ toMs }) => toMs > gap.fromMs,
  );
  const coming = nearby(manoeuvres, 'toMs', { atMs: gap.toMs, withinMs }).filter(
    ({ fromMs }) => fromMs < gap.toMs,
  );
  if (gap.toMs - gap.fromMs > LONGEST_BLINK_MS) return leaving.length + coming.length === 0;
  return !leaving.some(({ toMs }) => coming.some(({ fromMs }) => fromMs > toMs));
}

/** Spans that begin, or end, at most so far from an instant. @param spans by start, none overlapping another */
export function nearby<One extends Span>(
  spans: readonly One[],
  edge: keyof Span,
  { atMs, withinMs }: { readonly atMs: number; readonly withinMs: number },
): One[] {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]![edge] < atMs - withinMs) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < spans.length && spans[end]![edge] <= atMs + withinMs) end++;
  return spans.slice(low, end);
}
