/** Long files are cut into ranges of this length; each stands alone, as a landed segment would (s). */
const RANGE_SECONDS = 60;

export interface FileRange {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** The ranges that a file is analysed in; what is left over of a second at its end belongs to the last. */
export function analysisRanges(durationSeconds: number): FileRange[] {
  const count = Math.max(1, Math.ceil((durationSeconds - 1) / RANGE_SECONDS));
  return Array.from({ length: count }, (_, index) => ({
    fromSeconds: index * RANGE_SECONDS,
    toSeconds: index === count - 1 ? durationSeconds : (index + 1) * RANGE_SECONDS,
  }));
}
