import { type Box, intersectionOverUnion } from './geometry';
import { SAME_PLACE_IOU } from './presence';

/** One still interval of one item; times in ms since the epoch. */
export interface StillSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly box: Box;
}

export interface StillChain<Span extends StillSpan = StillSpan> {
  readonly fromMs: number;
  readonly toMs: number;
  readonly spans: readonly Span[];
}

/**
 * A thing may go unseen this long and be the same: a quiet segment whose one inference missed it, or
 * one that was lost, is bridged; two in a row at 60 s are too.
 */
export const LONGEST_GAP_MS = 150_000;

/** Joins still spans of one class and zone that hold the same place (IoU ≥ 0.7), whatever their order. */
export function chainStillSpans<Span extends StillSpan>(
  spans: readonly Span[],
): StillChain<Span>[] {
  const sorted = [...spans].sort(
    (a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs || a.box.join().localeCompare(b.box.join()),
  );
  const chains: { fromMs: number; toMs: number; spans: Span[] }[] = [];
  for (const span of sorted) {
    const match = chains
      .filter((chain) => span.fromMs - chain.toMs <= LONGEST_GAP_MS)
      .map((chain) => ({
        chain,
        overlap: intersectionOverUnion(chain.spans.at(-1)!.box, span.box),
      }))
      .filter(({ overlap }) => overlap >= SAME_PLACE_IOU)
      .reduce<{ chain: (typeof chains)[number]; overlap: number } | null>(
        (best, one) => (best === null || one.overlap > best.overlap ? one : best),
        null,
      );
    if (match) {
      match.chain.spans.push(span);
      match.chain.toMs = Math.max(match.chain.toMs, span.toMs);
    } else chains.push({ fromMs: span.fromMs, toMs: span.toMs, spans: [span] });
  }
  return chains;
}
