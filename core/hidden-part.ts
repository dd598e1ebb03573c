import type { Detection } from './detection';
import { type Box, boxArea, intersectionArea } from './geometry';

/** One box of one sample. */
export interface Sighting {
  readonly sample: number;
  readonly detection: Detection;
}

/** A thing that stays in its place, by sample. */
export interface StillRun {
  readonly sightings: readonly Sighting[];
}

/** A box of which this much lies within the place of what is not seen whole is a part of it. */
const PART_RATIO = 0.85;
/** With a passer-by before it: what shares this much of the smaller of the two boxes. */
const MIXED_RATIO = 0.5;
/** A box around both is at most this much larger; beyond that it is something else that passes. */
const MIXED_AREA_FACTOR = 2.5;

/**
 * Whoever passes before a parked car leaves a part of its box, or one box around both: neither has moved.
 * Such sightings become sightings of the whole, in its place. A box that lies within a thing that *is* seen
 * whole stays what it is: somebody far off, behind somebody near.
 * @param runs still things, and how far from its sightings each may be seen (samples)
 * @returns the still things with those sightings, and all sightings
 */
export function mendHiddenParts(
  sightings: readonly Sighting[],
  { runs, maxSamples }: { readonly runs: readonly StillRun[]; readonly maxSamples: number },
): { runs: StillRun[]; sightings: Sighting[] } {
  const inRuns = new Set(runs.flatMap((run) => run.sightings));
  const bySample = Map.groupBy(sightings, ({ sample }) => sample);
  const mended = runs.map((run) => ({
    run,
    bySample: new Map(run.sightings.map((one) => [one.sample, one])),
  }));
  const kept = new Set<Sighting>();
  for (const sighting of sightings) {
    const whole = inRuns.has(sighting)
      ? undefined
      : mended.find(({ run }) =>
          isPartOf(sighting, run, { maxSamples, others: bySample.get(sighting.sample)! }),
        );
    if (!whole) kept.add(sighting);
    else if (!whole.bySample.has(sighting.sample)) {
      const { sample, detection } = sighting;
      const { box } = whole.run.sightings[0]!.detection;
      const seen = { sample, detection: { ...detection, box } };
      whole.bySample.set(sample, seen);
      kept.add(seen);
    }
  }
  return {
    runs: mended.map(({ bySample: seen }) => ({
      sightings: [...seen.values()].sort((a, b) => a.sample - b.sample),
    })),
    sightings: [...kept],
  };
}

function isPartOf(
  { sample, detection: { className, box } }: Sighting,
  { sightings }: StillRun,
  { maxSamples, others }: { readonly maxSamples: number; readonly others: readonly Sighting[] },
): boolean {
  const { className: wanted, box: place } = sightings[0]!.detection;
  const [first, last] = [sightings[0]!.sample, sightings.at(-1)!.sample];
  const isNear = sample >= first - maxSamples && sample <= last + maxSamples;
  if (className !== wanted || !isNear) return false;
  const shared = intersectionArea(box, place);
  const isHidden = others.some((other) => isBefore(other, className, box));
  const isSeenWhole = sightings.some((one) => one.sample === sample);
  // Before the first and after the last sighting it may just be coming or going.
  const isMissed = !isSeenWhole && (isHidden || (sample > first && sample < last));
  if (isMissed && shared >= PART_RATIO * boxArea(box)) return true;
  const smaller = Math.min(boxArea(box), boxArea(place));
  const isMixed =
    shared >= MIXED_RATIO * smaller && boxArea(box) <= MIXED_AREA_FACTOR * boxArea(place);
  return isHidden && isMixed;
}

/** Something of another class overlaps the box. */
function isBefore({ detection }: Sighting, className: string, box: Box): boolean {
  return detection.className !== className && intersectionArea(detection.box, box) > 0;
}
