import type { PacketFact } from './ports';

/** One frame to look at: `packetIndex` points into the packets it was planned on. */
export interface Sample {
  readonly packetIndex: number;
  readonly atSeconds: number;
  readonly isKeyframe: boolean;
  /** No earlier sample is decoded from the same keyframe. */
  readonly isFirstOfGop: boolean;
}

export interface SamplingRange {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/**
 * Chooses one frame an interval, on a grid from the start of the range. Where keyframes are at least as
 * frequent as samples, every sample is the keyframe nearest to its grid point; otherwise the first
 * frame at or past it. The first sample is always the first frame of the range.
 * @param intervalSeconds seconds between samples, > 0
 */
export function planSamples(
  packets: readonly PacketFact[],
  intervalSeconds: number,
  { fromSeconds, toSeconds }: SamplingRange,
): Sample[] {
  const shown = packets
    .map((packet, packetIndex) => ({ ...packet, packetIndex }))
    .filter((packet) => packet.atSeconds >= fromSeconds - EPSILON_SECONDS)
    .filter((packet) => packet.atSeconds < toSeconds - EPSILON_SECONDS)
    .sort((a, b) => a.atSeconds - b.atSeconds);
  const keyframes = shown.filter((packet) => packet.isKeyframe);
  const snaps =
    longestGapSeconds(keyframes, toSeconds, fromSeconds) <= intervalSeconds * SNAP_SLACK;
  const chosen = snaps
    ? nearestTo(keyframes, intervalSeconds, { fromSeconds, toSeconds })
    : firstAtOrPast(shown, intervalSeconds, fromSeconds);
  return withGops(chosen, keyframes);
}

/** Frame times are rounded to the stream's time base: a frame this close to a grid point is on it. */
const EPSILON_SECONDS = 1e-4;
/** A camera's nominal keyframe interval wobbles by a frame. */
const SNAP_SLACK = 1.05;

type Candidate = PacketFact & { readonly packetIndex: number };

function longestGapSeconds(
  keyframes: readonly Candidate[],
  toSeconds: number,
  fromSeconds: number,
): number {
  let previous = fromSeconds;
  let longest = 0;
  for (const { atSeconds } of keyframes) {
    longest = Math.max(longest, atSeconds - previous);
    previous = atSeconds;
  }
  return keyframes.length === 0
    ? Number.POSITIVE_INFINITY
    : Math.max(longest, toSeconds - previous);
}

function nearestTo(
  candidates: readonly Candidate[],
  intervalSeconds: number,
  { fromSeconds, toSeconds }: SamplingRange,
): Candidate[] {
  const samples: Candidate[] = [];
  let next = 0;
  for (let slot = 0; next < candidates.length; slot++) {
    const at = fromSeconds + slot * intervalSeconds;
    if (at >= toSeconds - EPSILON_SECONDS) break;
    while (
      next + 1 < candidates.length &&
      Math.abs(candidates[next + 1]!.atSeconds - at) <= Math.abs(candidates[next]!.atSeconds - at)
    ) {
      next++;
    }
    const nearest = candidates[next]!;
    if (samples.length > 0 && nearest.atSeconds - at > intervalSeconds / 2 + EPSILON_SECONDS)
      continue;
    samples.push(nearest);
    next++;
  }
  return samples;
}

function firstAtOrPast(
  candidates: readonly Candidate[],
  intervalSeconds: number,
  fromSeconds: number,
): Candidate[] {
  const samples: Candidate[] = [];
  let slot = -1;
  for (const candidate of candidates) {
    const reached = Math.floor(
      (candidate.atSeconds - fromSeconds + EPSILON_SECONDS) / intervalSeconds,
    );
    if (reached <= slot) continue;
    slot = reached;
    samples.push(candidate);
  }
  return samples;
}

/** Samples and keyframes by rising time. */
function withGops(chosen: readonly Candidate[], keyframes: readonly Candidate[]): Sample[] {
  let gop = 0;
  let previousGop = -1;
  return chosen.map(({ packetIndex, atSeconds, isKeyframe }) => {
    while (gop < keyframes.length && keyframes[gop]!.atSeconds <= atSeconds) gop++;
    const isFirstOfGop = gop !== previousGop;
    previousGop = gop;
    return { packetIndex, atSeconds, isKeyframe, isFirstOfGop };
  });
}
