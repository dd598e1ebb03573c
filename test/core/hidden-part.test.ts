import { describe, expect, it } from 'vitest';
import { staysOf, stitchEvents } from '../../core/events';
import type { Box } from '../../core/geometry';
import { presencesOf } from '../../core/presence';
import { quietTest } from '../../core/quiet';
import type { Presence, SampledFrame } from '../../core/segment-result';
import { ORIGIN_MS, quietItem } from './segment-items';

type Seen = readonly [className: string, confidence: number, box: Box];

const CAR: Seen = ['vehicle', 0.77, [0.253, 0.571, 0.53, 0.738]];
/** What the shipped model saw at 34 to 39 s of two minutes of the simulator's "parking": somebody passes before the car. */
const PASSING: readonly (readonly Seen[])[] = [
  [['person', 0.8, [0.638, 0.394, 0.74, 0.93]], CAR],
  [CAR, ['person', 0.76, [0.54, 0.381, 0.638, 0.917]]],
  [
    ['person', 0.8, [0.435, 0.372, 0.54, 0.942]],
    ['vehicle', 0.67, [0.252, 0.574, 0.524, 0.734]],
    ['vehicle', 0.4, [0.22, 0.529, 0.639, 0.75]],
  ],
  [
    ['person', 0.57, [0.34, 0.411, 0.45, 0.952]],
    ['vehicle', 0.41, [0.276, 0.608, 0.34, 0.733]],
    ['vehicle', 0.4, [0.27, 0.481, 0.364, 0.699]],
  ],
  [
    ['person', 0.77, [0.235, 0.378, 0.346, 0.927]],
    ['vehicle', 0.7, [0.24, 0.575, 0.539, 0.744]],
  ],
  [['person', 0.85, [0.139, 0.379, 0.247, 0.944]], CAR],
];

/** One minute, a sample a second. */
function presences(seenAt: (second: number) => readonly Seen[], minute = 0): Presence[] {
  const frames = Array.from({ length: 60 }, (_, second): SampledFrame => {
    const detections = seenAt(second).map(([className, confidence, box]) => ({
      className,
      confidence,
      box,
    }));
    return { atSeconds: second, source: 'inferred', detections };
  });
  const startedAt = new Date(ORIGIN_MS + minute * 60_000).toISOString();
  return presencesOf({ frames, startedAt, durationSeconds: 60, settings: { zones: {} } });
}

const at = (seconds: number): string => new Date(ORIGIN_MS + seconds * 1000).toISOString();
const intervals = (found: readonly Presence[]) =>
  found.map(({ className, moving, still, peakCount }) => ({
    className,
    moving: moving.map(({ from, to }) => [from, to]),
    still: still.map(({ from, to }) => [from, to]),
    peakCount,
  }));
const parkedWhileSomebodyPasses = (second: number): readonly Seen[] =>
  PASSING[second - 34] ?? [CAR];

describe('a parked car that somebody passes before', () => {
  it('stays where it is: the part that is seen of it, and the box around both, are no cars that move', () => {
    expect(intervals(presences(parkedWhileSomebodyPasses))).toEqual([
      { className: 'person', moving: [[at(34), at(40)]], still: [], peakCount: 1 },
      { className: 'vehicle', moving: [], still: [[at(0), at(60)]], peakCount: 1 },
    ]);
  });

  it('is one event in eight hours of passers-by, and all segments without one are quiet', () => {
    const items = Array.from({ length: 480 }, (_, minute) =>
      quietItem({
        index: minute,
        presences: presences(minute % 3 === 0 ? parkedWhileSomebodyPasses : () => [CAR], minute),
      }),
    );
    const settings = {
      quietGapSeconds: 10,
      stationaryAfterMinutes: 10,
      analysis: { classFilters: {} },
    };
    const events = stitchEvents(items, settings);
    const cars = events.filter(({ className }) => className === 'vehicle');
    expect(
      cars.map(({ isStationary, startedAt, endedAt }) => [isStationary, startedAt, endedAt]),
    ).toEqual([[true, at(0), at(480 * 60)]]);
    const quiet = items.filter(quietTest(staysOf(items, settings))).length;
    expect([quiet, events.length]).toEqual([320, 161]);
  });
});

describe('what is another thing stays one', () => {
  const near: Seen = ['person', 0.9, [0.3, 0.1, 0.7, 0.95]];
  const far = (second: number): Seen => {
    const x = 0.32 + (second - 20) * 0.03;
    return ['person', 0.6, [x, 0.3, x + 0.04, 0.5]];
  };

  it('somebody far off who passes behind somebody near, who is seen whole', () => {
    const found = presences((second) =>
      second >= 20 && second < 30 ? [near, far(second)] : [near],
    );
    expect(intervals(found)).toEqual([
      { className: 'person', moving: [[at(20), at(30)]], still: [[at(0), at(60)]], peakCount: 2 },
    ]);
  });

  it('a car that comes to the place and leaves it, and one that passes before it', () => {
    const driving = (x: number): Seen => ['vehicle', 0.8, [x, 0.56, x + 0.3, 0.76]];
    const found = presences((second) => {
      if (second < 3) return [driving(0.19 + second * 0.02)];
      if (second === 30) return [driving(0.4)];
      if (second === 31) return [driving(0.6)];
      return second < 57 ? [CAR] : [driving(0.19 - (second - 57) * 0.06)];
    });
    expect(intervals(found)).toEqual([
      {
        className: 'vehicle',
        moving: [
          [at(0), at(3)],
          [at(30), at(32)],
          [at(57), at(60)],
        ],
        still: [[at(3), at(57)]],
        peakCount: 1,
      },
    ]);
  });
});
