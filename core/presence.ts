import type { AnalysisSettings } from './camera-settings';
import { FRAME_ZONE } from './frame-zone';
import { type Box, footPoint, intersectionOverUnion, isInsidePolygon } from './geometry';
import { mendHiddenParts, type Sighting, type StillRun } from './hidden-part';
import type { Presence, SampledFrame } from './segment-result';

/** Boxes that overlap at least this much are the same thing in the same place. */
export const SAME_PLACE_IOU = 0.7;
/** In the same place for this long, and in at least three samples, is `still`. */
const STILL_SECONDS = 10;
const STILL_SAMPLES = 3;
/** Samples that a thing may be missing from and still be the same: a passer-by hides it, a detector blinks. */
const MISSED_SAMPLES = 2;

export interface PresenceInput {
  readonly frames: readonly SampledFrame[];
  /** Instant of `atSeconds` 0, ISO. */
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly settings: Pick<AnalysisSettings, 'zones'>;
}

/**
 * Presence of each class in each zone. A sample stands for the time until the next one, the last until
 * the end. What stays in the same place for 10 s is `still`, everything else `moving`.
 */
export function presencesOf({
  frames,
  startedAt,
  durationSeconds,
  settings,
}: PresenceInput): Presence[] {
  const startMs = Date.parse(startedAt);
  const at = (seconds: number): string =>
    new Date(startMs + Math.round(seconds * 1000)).toISOString();
  const ends = frames.map((_, index) => frames[index + 1]?.atSeconds ?? durationSeconds);
  const seen = frames.flatMap(({ detections }, sample) =>
    detections.map((detection): Sighting => ({ sample, detection })),
  );
  const { runs, sightings } = mendHiddenParts(seen, {
    runs: stillRuns(seen, frames),
    maxSamples: MISSED_SAMPLES + 1,
  });
  const isStill = new Set(runs.flatMap((run) => run.sightings));
  const zones = [FRAME_ZONE, ...Object.keys(settings.zones)];
  const classes = [...new Set(sightings.map(({ detection }) => detection.className))].sort();

  return classes.flatMap((className) =>
    zones.flatMap((zone): Presence[] => {
      const isHere = ({ detection }: Sighting): boolean =>
        detection.className === className && isInZone(detection.box, zone, settings.zones);
      const here = sightings.filter(isHere);
      if (here.length === 0) return [];
      const moving = here.filter((sighting) => !isStill.has(sighting));
      const best = bestOf(moving.length > 0 ? moving : here);
      return [
        {
          className,
          zone,
          moving: intervalsOf(moving).map(({ first, last, peak }) => ({
            from: at(frames[first]!.atSeconds),
            to: at(ends[last]!),
            peak,
          })),
          still: runs
            .filter((run) => isHere(run.sightings[0]!))
            .map(({ sightings: own }) => ({
              from: at(frames[own[0]!.sample]!.atSeconds),
              to: at(ends[own.at(-1)!.sample]!),
              box: own[0]!.detection.box,
            })),
          peakCount: Math.max(...intervalsOf(here).map(({ peak }) => peak)),
          bestConfidence: best.detection.confidence,
          bestAt: at(frames[best.sample]!.atSeconds),
          snapshotKey: null,
        },
      ];
    }),
  );
}

export function isInZone(box: Box, zone: string, zones: AnalysisSettings['zones']): boolean {
  return zone === FRAME_ZONE || isInsidePolygon(footPoint(box), zones[zone] ?? []);
}

/** Follows each thing from its first box; what moves away from it starts a run of its own. */
function stillRuns(sightings: readonly Sighting[], frames: readonly SampledFrame[]): StillRun[] {
  const runs: { sightings: Sighting[] }[] = [];
  for (const sighting of sightings) {
    const run = bestRun(runs, sighting);
    if (run) run.sightings.push(sighting);
    else runs.push({ sightings: [sighting] });
  }
  return runs.filter(({ sightings: seen }) => {
    const seconds = frames[seen.at(-1)!.sample]!.atSeconds - frames[seen[0]!.sample]!.atSeconds;
    return seen.length >= STILL_SAMPLES && seconds >= STILL_SECONDS;
  });
}

function bestRun<Run extends StillRun>(
  runs: readonly Run[],
  { sample, detection }: Sighting,
): Run | null {
  let best: Run | null = null;
  let bestOverlap = SAME_PLACE_IOU;
  for (const run of runs) {
    const [first] = run.sightings;
    const last = run.sightings.at(-1)!;
    const isOpen = last.sample < sample && sample - last.sample <= MISSED_SAMPLES + 1;
    if (!isOpen || first!.detection.className !== detection.className) continue;
    const overlap = intersectionOverUnion(first!.detection.box, detection.box);
    if (overlap < bestOverlap) continue;
    best = run;
    bestOverlap = overlap;
  }
  return best;
}

/** Runs of consecutive samples, with the most sightings in one sample. */
function intervalsOf(
  sightings: readonly Sighting[],
): { first: number; last: number; peak: number }[] {
  const counts = new Map<number, number>();
  for (const { sample } of sightings) counts.set(sample, (counts.get(sample) ?? 0) + 1);
  const intervals: { first: number; last: number; peak: number }[] = [];
  for (const [sample, count] of [...counts].sort(([a], [b]) => a - b)) {
    const open = intervals.at(-1);
    if (open && open.last === sample - 1) {
      open.last = sample;
      open.peak = Math.max(open.peak, count);
    } else intervals.push({ first: sample, last: sample, peak: count });
  }
  return intervals;
}

function bestOf(sightings: readonly Sighting[]): Sighting {
  return sightings.reduce((best, sighting) =>
    sighting.detection.confidence > best.detection.confidence ? sighting : best,
  );
}
