import { compareEvents } from '../core/compare-events';
import { FRAME_ZONE } from '../core/frame-zone';
import type { DetectionEvent, SampledFrame } from '../core/segment-result';
import { type Clip, type TrueEvent, truthOf } from '../model-build/simulator/clips';
import { expectedEvents } from '../model-build/simulator/scripts';
import { QUIET_GAP_SECONDS, type TierOutcome } from './run-tier';

type Span = Pick<DetectionEvent, 'className' | 'zone' | 'startedAt' | 'endedAt'>;

/** What a tier made of simulated footage, against its truth. */
export interface EventTally {
  /** Of the truth. */
  readonly events: number;
  readonly found: number;
  /** Overlap no event of the truth. */
  readonly falseEvents: number;
  /** Into which events of the truth came apart, beyond the first of each. */
  readonly pieces: number;
  readonly samples: number;
  /** Samples that count more of a class than are there. */
  readonly overcounts: number;
  readonly seconds: number;
}

/** Events against those of the clip's truth, by class and overlap in time; counts against who is there at each sample. */
export function tallyClip(
  clip: Clip,
  { events, frames }: Pick<TierOutcome, 'events' | 'frames'>,
): EventTally {
  const truth = expectedEvents(clip, QUIET_GAP_SECONDS).map(toSpan);
  const { lost, gained } = compareEvents(truth, events);
  const partsOf = (event: Span): number =>
    events.length - compareEvents([event], events).gained.length;
  return {
    events: truth.length,
    found: truth.length - lost.length,
    falseEvents: gained.length,
    pieces: truth.reduce((sum, event) => sum + Math.max(0, partsOf(event) - 1), 0),
    samples: frames.length,
    overcounts: frames.filter((frame) => isOvercount(frame, truthOf(clip))).length,
    seconds: clip.seconds,
  };
}

export function sumTallies(tallies: readonly EventTally[]): EventTally {
  const sum = (of: (one: EventTally) => number): number =>
    tallies.reduce((total, one) => total + of(one), 0);
  return {
    events: sum((one) => one.events),
    found: sum((one) => one.found),
    falseEvents: sum((one) => one.falseEvents),
    pieces: sum((one) => one.pieces),
    samples: sum((one) => one.samples),
    overcounts: sum((one) => one.overcounts),
    seconds: sum((one) => one.seconds),
  };
}

function toSpan({ className, fromSeconds, toSeconds }: TrueEvent): Span {
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
  return { className, zone: FRAME_ZONE, startedAt: at(fromSeconds), endedAt: at(toSeconds) };
}

function isOvercount(
  { atSeconds, detections }: SampledFrame,
  truth: readonly TrueEvent[],
): boolean {
  const counted = Map.groupBy(detections, ({ className }) => className);
  return [...counted].some(([name, { length }]) => {
    const there = truth.filter(
      ({ className, fromSeconds, toSeconds }) =>
        className === name && fromSeconds <= atSeconds && atSeconds <= toSeconds,
    );
    return length > there.length;
  });
}
