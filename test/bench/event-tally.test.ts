import { expect, it } from 'vitest';
import { sumTallies, tallyClip } from '../../bench/event-tally';
import type { StitchedEvent } from '../../core/events';
import type { SampledFrame } from '../../core/segment-result';
import { type Actor, type Clip, car, DAY, person } from '../../model-build/simulator/clips';

const walk = (fromSeconds: number, toSeconds: number): Actor =>
  person(1, 0.7, [
    { atSeconds: fromSeconds, x: -0.1, y: 0.9 },
    { atSeconds: toSeconds, x: 1.1, y: 0.9 },
  ]);
const drive = (fromSeconds: number, toSeconds: number): Actor =>
  car(2, 0.8, [
    { atSeconds: fromSeconds, x: -0.4, y: 0.8 },
    { atSeconds: toSeconds, x: 1.4, y: 0.8 },
  ]);
const clip = (...actors: Actor[]): Clip => ({
  ...{ place: 'street', seed: 1, widthPx: 640, heightPx: 360, fps: 2, seconds: 120 },
  ...{ clutter: 0, lightAt: DAY, actors },
});

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
const event = (className: string, fromSeconds: number, toSeconds: number): StitchedEvent => ({
  id: `${className}-${fromSeconds}`,
  camera: 'bench/clip',
  className,
  zone: 'frame',
  startedAt: at(fromSeconds),
  endedAt: at(toSeconds),
  isStationary: false,
  isOpen: false,
  peakCount: 1,
  bestConfidence: 0.9,
  snapshotKey: null,
  segmentKeys: [],
  partIds: [],
});
const frame = (atSeconds: number, ...classNames: string[]): SampledFrame => ({
  atSeconds,
  source: 'inferred',
  detections: classNames.map((className) => ({ className, confidence: 0.9, box: [0, 0, 1, 1] })),
});
const NONE = { events: 0, found: 0, falseEvents: 0, pieces: 0, samples: 0, overcounts: 0 };

it.each([
  ['one found a little late', [event('person', 12, 19)], { found: 1 }],
  ['none found', [], {}],
  ['one that ends as the true one begins', [event('person', 2, 10)], { falseEvents: 1 }],
  ['one of another class at its time', [event('vehicle', 12, 19)], { falseEvents: 1 }],
  [
    'another one far from it',
    [event('person', 12, 19), event('person', 60, 61)],
    {
      ...{ found: 1, falseEvents: 1 },
    },
  ],
  [
    'one that came apart in three',
    [event('person', 10, 12), event('person', 13, 14), event('person', 18, 20)],
    { found: 1, pieces: 2 },
  ],
])('of one true event, seconds 10 to 20: %s', (_, events, expected) => {
  const tally = tallyClip(clip(walk(10, 20)), { events, frames: [] });
  expect(tally).toEqual({ ...NONE, events: 1, seconds: 120, ...expected });
});

it('one event over two true ones finds both and is no piece of either', () => {
  const both = clip(walk(10, 20), walk(50, 60));
  const tally = tallyClip(both, { events: [event('person', 15, 55)], frames: [] });
  expect(tally).toEqual({ ...NONE, events: 2, found: 2, seconds: 120 });
});

it('who follows within the quiet gap of ten seconds is the same true event', () => {
  const tally = (secondFrom: number) =>
    tallyClip(clip(walk(10, 20), walk(secondFrom, 60)), { events: [], frames: [] }).events;
  expect([tally(30), tally(30.1)]).toEqual([1, 2]);
});

it('samples that count more of a class than are there are told, not those that count fewer', () => {
  const street = clip(walk(10, 20), walk(15, 30), drive(12, 18));
  const frames = [
    frame(9, 'person'),
    frame(10, 'person'),
    frame(14, 'person', 'person'),
    frame(16, 'person', 'person', 'vehicle'),
    frame(17, 'person', 'person', 'person', 'vehicle', 'vehicle'),
    frame(19, 'vehicle'),
    frame(25),
  ];
  const tally = tallyClip(street, { events: [], frames });
  expect([tally.samples, tally.overcounts]).toEqual([7, 4]);
});

it('sums every figure of several scenes', () => {
  const one = tallyClip(clip(walk(10, 20)), {
    events: [event('person', 10, 12), event('person', 14, 20), event('vehicle', 1, 2)],
    frames: [frame(11, 'person'), frame(12, 'person', 'person')],
  });
  const empty = tallyClip(clip(), { events: [], frames: [frame(1)] });
  expect(sumTallies([one, empty])).toEqual({
    ...{ events: 1, found: 1, falseEvents: 1, pieces: 1 },
    ...{ samples: 3, overcounts: 1, seconds: 240 },
  });
  expect(sumTallies([])).toEqual({ ...NONE, seconds: 0 });
});
