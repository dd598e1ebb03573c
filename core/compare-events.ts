import type { DetectionEvent, SampledFrame } from './segment-result';

type EventSpan = Pick<DetectionEvent, 'className' | 'zone' | 'startedAt' | 'endedAt'>;

export interface EventDifference<Event extends EventSpan> {
  /** Share of the reference's events that some found event of the same class and zone overlaps; 1 for none. */
  readonly keptRatio: number;
  readonly lost: readonly Event[];
  readonly gained: readonly Event[];
}

/** Compares two lists of events by overlap in time. */
export function compareEvents<Event extends EventSpan>(
  reference: readonly Event[],
  found: readonly Event[],
): EventDifference<Event> {
  const lost = reference.filter((event) => !found.some((other) => isSame(event, other)));
  const gained = found.filter((event) => !reference.some((other) => isSame(event, other)));
  const keptRatio = reference.length === 0 ? 1 : 1 - lost.length / reference.length;
  return { keptRatio, lost, gained };
}

function isSame(a: EventSpan, b: EventSpan): boolean {
  const overlaps = a.startedAt < b.endedAt && b.startedAt < a.endedAt;
  return overlaps && a.className === b.className && a.zone === b.zone;
}

export interface SecondsDifference {
  readonly secondsSameRatio: number;
  /** Seconds whose counts by class differ. */
  readonly differing: readonly number[];
}

/** Compares counts by class at every sample of the reference; a sample of the other holds until its next. */
export function compareFrames(
  reference: readonly SampledFrame[],
  found: readonly SampledFrame[],
): SecondsDifference {
  let at = 0;
  const differing = reference.filter((frame) => {
    while (at + 1 < found.length && found[at + 1]!.atSeconds <= frame.atSeconds + 0.05) at++;
    return countsOf(frame) !== countsOf(found[at]);
  });
  return {
    secondsSameRatio: reference.length === 0 ? 1 : 1 - differing.length / reference.length,
    differing: differing.map(({ atSeconds }) => Math.round(atSeconds)),
  };
}

function countsOf(frame: SampledFrame | undefined): string {
  const names = (frame?.detections ?? []).map(({ className }) => className);
  return names.sort().join();
}
