import type { Detection } from '../../core/detection';
import type { Box } from '../../core/geometry';
import type { SampledFrame } from '../../core/segment-result';

/** A box to draw over one picture of the video. */
export interface ShownBox extends Detection {
  /** Of a sample itself, or on the straight line from one sample to the next. */
  readonly isBetween: boolean;
}

/** Two boxes further apart than this part of the picture are two things. */
const MAX_STEP_RATIO = 0.6;
/** A picture this near to a sample is the sample's own (s). */
const SAME_PICTURE_SECONDS = 0.04;

/**
 * The boxes of the picture at an instant: those of its sample; between two samples those that pair up, moved along
 * the line between them, the others at the nearer sample. No box is further than `intervalSeconds` from its sample.
 * @param frames by time
 * @param seconds from the start of the recording
 */
export function boxesAt(
  frames: readonly SampledFrame[],
  seconds: number,
  intervalSeconds: number,
): ShownBox[] {
  const index = lastAtOrBefore(frames, seconds + SAME_PICTURE_SECONDS);
  const before = near(frames[index], seconds, intervalSeconds);
  const after = near(frames[index + 1], seconds, intervalSeconds);
  if (before && Math.abs(before.atSeconds - seconds) <= SAME_PICTURE_SECONDS) {
    return before.detections.map((one) => ({ ...one, isBetween: false }));
  }
  if (!before || !after) {
    return (before ?? after)?.detections.map((one) => ({ ...one, isBetween: true })) ?? [];
  }
  const ratio = (seconds - before.atSeconds) / (after.atSeconds - before.atSeconds);
  const { pairs, onlyBefore, onlyAfter } = pairUp(before.detections, after.detections);
  const moved = pairs.map(([from, to]) => ({
    className: from.className,
    confidence: Math.min(from.confidence, to.confidence),
    box: between(from.box, to.box, ratio),
    isBetween: true,
  }));
  const nearer = ratio < 0.5 ? onlyBefore : onlyAfter;
  return [...moved, ...nearer.map((one) => ({ ...one, isBetween: true }))];
}

/** Distance of the samples of a recording: the median, in seconds; null of fewer than two. */
export function samplingIntervalOf(frames: readonly SampledFrame[]): number | null {
  const gaps = frames
    .slice(1)
    .map(({ atSeconds }, index) => atSeconds - frames[index]!.atSeconds)
    .sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? null;
}

function near(
  frame: SampledFrame | undefined,
  seconds: number,
  intervalSeconds: number,
): SampledFrame | null {
  // Keyframes that stand for samples shift them a little.
  return frame && Math.abs(frame.atSeconds - seconds) <= intervalSeconds * 1.1 ? frame : null;
}

function lastAtOrBefore(frames: readonly SampledFrame[], seconds: number): number {
  let [low, high] = [0, frames.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frames[middle]!.atSeconds <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Greedy, nearest first, within a class. */
function pairUp(
  before: readonly Detection[],
  after: readonly Detection[],
): { pairs: [Detection, Detection][]; onlyBefore: Detection[]; onlyAfter: Detection[] } {
  const candidates = before
    .flatMap((from) =>
      after
        .filter(({ className }) => className === from.className)
        .map((to) => ({ from, to, step: stepOf(from.box, to.box) })),
    )
    .filter(({ step }) => step <= MAX_STEP_RATIO)
    .sort((a, b) => a.step - b.step);
  const taken = new Set<Detection>();
  const pairs: [Detection, Detection][] = [];
  for (const { from, to } of candidates) {
    if (taken.has(from) || taken.has(to)) continue;
    taken.add(from).add(to);
    pairs.push([from, to]);
  }
  return {
    pairs,
    onlyBefore: before.filter((one) => !taken.has(one)),
    onlyAfter: after.filter((one) => !taken.has(one)),
  };
}

function stepOf(a: Box, b: Box): number {
  return Math.hypot((a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2);
}

function between(from: Box, to: Box, ratio: number): Box {
  return from.map((value, index) => value + (to[index]! - value) * ratio) as unknown as Box;
}
