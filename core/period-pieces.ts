/** A part of a period that is answered from sums of one length, or from the rows themselves. */
export interface Piece {
  readonly spanMs: number | null;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Parts a period: as much as possible into long spans, the ends into shorter ones, what is left into rows. */
export function piecesOf(fromMs: number, toMs: number, spans: readonly number[]): Piece[] {
  if (fromMs >= toMs) return [];
  const [spanMs, ...shorter] = spans;
  if (spanMs === undefined) return [{ spanMs: null, fromMs, toMs }];
  const first = Math.ceil(fromMs / spanMs) * spanMs;
  const last = Math.floor(toMs / spanMs) * spanMs;
  if (first >= last) return piecesOf(fromMs, toMs, shorter);
  return [
    ...piecesOf(fromMs, first, shorter),
    { spanMs, fromMs: first, toMs: last },
    ...piecesOf(last, toMs, shorter),
  ];
}
