import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertsOf, isSuppressed } from '../../core/alerts';
import { findEvent, staysOf, stitchEvents } from '../../core/events';
import type { Box } from '../../core/geometry';
import { presencesOf } from '../../core/presence';
import { quietTest } from '../../core/quiet';
import type { SampledFrame, SegmentItem } from '../../core/segment-result';
import { nearby } from '../../core/stationary';
import { ORIGIN_MS, quietItem } from './segment-items';

const SETTINGS = {
  quietGapSeconds: 10,
  stationaryAfterMinutes: 10,
  analysis: { classFilters: {} },
};
const at = (seconds: number): string => new Date(ORIGIN_MS + seconds * 1000).toISOString();

interface Seen {
  readonly className: string;
  readonly box: Box;
  readonly confidence?: number;
}

/** One item of 60 s sampled each 5 s; `seenAt` says what each sample shows, in seconds from the origin. */
function item(index: number, seenAt: (seconds: number) => readonly Seen[]): SegmentItem {
  const start = index * 60;
  const frames = Array.from(
    { length: 12 },
    (_, sample): SampledFrame => ({
      atSeconds: sample * 5,
      source: 'inferred',
      detections: seenAt(start + sample * 5).map((seen) => ({ confidence: 0.8, ...seen })),
    }),
  );
  const presences = presencesOf({
    frames,
    startedAt: at(start),
    durationSeconds: 60,
    settings: {
      zones: {
        left: [
          [0, 0],
          [0.5, 0],
          [0.5, 1],
          [0, 1],
        ],
      },
    },
  });
  return quietItem({ index, presences });
}

const CAR: Seen = { className: 'car', box: [0.6, 0.5, 0.8, 0.7] };
const walker = (seconds: number): Seen => {
  const x = 0.05 + ((seconds % 60) / 60) * 0.85;
  return { className: 'person', box: [x, 0.4, x + 0.05, 0.8] };
};
/** The detector's jitter: a hundredth of the picture, by the second. */
const jittered = ({ className, box }: Seen, seconds: number): Seen => {
  const shift = ((seconds * 7919) % 11) / 2000 - 0.0025;
  return { className, box: box.map((side) => side + shift) as unknown as Box };
};

describe('presence', () => {
  it('tells who moves from what stands, by class and zone', () => {
    const { presences } = item(0, (seconds) => [
      CAR,
      ...(seconds >= 20 && seconds < 40 ? [walker(seconds)] : []),
    ]);
    const rows = presences.map(({ className, zone, moving, still }) => [
      className,
      zone,
      moving.map(({ from, to }) => [from, to]),
      still.length,
    ]);
    expect(rows).toEqual([
      ['car', 'frame', [], 1],
      ['person', 'frame', [[at(20), at(40)]], 0],
      ['person', 'left', [[at(20), at(30)]], 0],
    ]);
  });

  it('keeps a person who stands from the first to the last sample', () => {
    const standing: Seen = { className: 'person', box: [0.4, 0.4, 0.45, 0.8] };
    const [presence] = item(0, () => [standing]).presences;
    expect(presence?.still).toEqual([{ from: at(0), to: at(60), box: standing.box }]);
    expect(stitchEvents([item(0, () => [standing])], SETTINGS)[0]).toMatchObject({
      className: 'person',
      startedAt: at(0),
      endedAt: at(60),
      isStationary: false,
    });
  });
});

describe('events', () => {
  it('close after ten quiet seconds and join over segments', () => {
    const items = [0, 1, 2].map((index) =>
      item(index, (s) => ((s >= 45 && s < 80) || (s >= 95 && s < 110) ? [walker(s)] : [])),
    );
    const found = stitchEvents(items, SETTINGS).filter(({ zone }) => zone === 'frame');
    expect(found.map(({ startedAt, endedAt }) => [startedAt, endedAt])).toEqual([
      [at(45), at(80)],
      [at(95), at(110)],
    ]);
  });

  it('are the same for any order, any repetition and any subset that arrived twice', () => {
    const busy = Array.from({ length: 20 }, (_, index) =>
      item(index, (s) => [
        ...(s % 180 < 70 ? [walker(s)] : []),
        ...(s > 300 ? [jittered(CAR, s)] : []),
      ]),
    );
    const expected = stitchEvents(busy, SETTINGS);
    expect(expected.length).toBeGreaterThan(3);
    const order = fc.shuffledSubarray(busy, { minLength: busy.length });
    fc.assert(
      fc.property(order, fc.subarray(busy), (shuffled, repeated) => {
        expect(stitchEvents([...shuffled, ...repeated], SETTINGS)).toEqual(expected);
      }),
    );
  });

  it('answer to an old id with the event that swallowed it', () => {
    const items = [0, 1, 2].map((index) => item(index, (s) => (s < 170 ? [walker(s)] : [])));
    const late = stitchEvents([items[2]!], SETTINGS).find(({ zone }) => zone === 'frame')!;
    const whole = stitchEvents(items, SETTINGS);
    expect(findEvent(whole, late.id)?.startedAt).toBe(at(0));
    expect(findEvent(whole, 'unknown')).toBeNull();
  });

  it('may have any number of parts', () => {
    const interval = (index: number) => {
      const [from, to] = [at(index), at(index + 1)];
      return { from, to, peak: index === 7 ? 3 : 1 };
    };
    const moving = Array.from({ length: 130_000 }, (_, index) => interval(index));
    const presence = { className: 'car', zone: 'frame', moving, still: [], peakCount: 3 };
    const seen = { ...presence, bestConfidence: 0.9, bestAt: at(0), snapshotKey: null };
    const events = stitchEvents([quietItem({ index: 0, presences: [seen] })], SETTINGS);
    expect(events.map(({ endedAt, peakCount }) => [endedAt, peakCount])).toEqual([
      [at(130_000), 3],
    ]);
  });

  it('drop what is shorter than minSeconds of its class', () => {
    const items = [item(0, (s) => (s >= 20 && s < 30 ? [walker(s)] : []))];
    const strict = { ...SETTINGS, analysis: { classFilters: { person: { minSeconds: 11 } } } };
    expect(stitchEvents(items, strict)).toEqual([]);
  });
});

describe('a car that parks for eight hours among passers-by', () => {
  const arrives = 600;
  const leaves = arrives + 8 * 3600;
  const driving = (share: number): Seen => ({
    className: 'car',
    box: [share * 0.6, 0.5, share * 0.6 + 0.2, 0.7],
  });
  const items = Array.from({ length: 8 * 60 + 20 }, (_, index) =>
    item(index, (s) => {
      const seen: Seen[] = [];
      if (s >= arrives - 10 && s < arrives) seen.push(driving((s - arrives + 10) / 12));
      else if (s >= arrives && s < leaves) seen.push(jittered(CAR, s));
      else if (s >= leaves && s < leaves + 10) seen.push(driving(1 - (s - leaves + 5) / 12));
      if (s % 1800 < 25) seen.push(walker(s));
      return seen;
    }),
  );
  const found = stitchEvents(items, SETTINGS).filter(({ zone }) => zone === 'frame');

  it('is one stationary event from arrival to departure', () => {
    const cars = found.filter(({ className }) => className === 'car');
    expect(
      cars.map(({ isStationary, startedAt, endedAt, peakCount }) => ({
        isStationary,
        startedAt,
        endedAt,
        peakCount,
      })),
    ).toEqual([
      { isStationary: true, startedAt: at(arrives - 10), endedAt: at(leaves + 10), peakCount: 1 },
    ]);
  });

  it('leaves at least 90 % of its segments quiet', () => {
    const isQuiet = quietTest(staysOf(items, SETTINGS));
    const parked = items.filter(
      ({ startedAt }) => startedAt >= at(arrives) && startedAt < at(leaves),
    );
    const quiet = parked.filter(isQuiet).length;
    expect(quiet / parked.length).toBeGreaterThanOrEqual(0.9);
    expect(isQuiet(items.find(({ startedAt }) => startedAt === at(1800))!)).toBe(false);
  });

  it('raises no alert while it stands', () => {
    const rule = { name: 'cars', classes: ['car'], cooldownMinutes: 10, notify: 'ops' };
    const camera = { alerts: [rule], timezone: 'UTC', alertMaxAgeMinutes: 15 };
    const alerting = items.filter((one) => alertsOf(one, camera, one.endedAt).length > 0);
    expect(alerting.map(({ startedAt }) => startedAt)).toEqual([at(540), at(leaves)]);
  });
});

describe('a parked car that the detector misses', () => {
  /** Seconds at which the detector finds nothing, as [from, to). */
  type Missed = readonly (readonly [number, number])[];
  const isIn = (s: number, spans: Missed): boolean => spans.some(([a, b]) => s >= a && s < b);
  const coming = (share: number): Seen => ({
    className: 'car',
    box: [share * 0.55, 0.5, share * 0.55 + 0.2, 0.7],
  });
  /** Its stays, each with ten seconds of arrival and departure where they are seen; somebody passes at times. */
  const parkingLot = (
    minutes: number,
    stays: readonly { from: number; to: number; isSeenComing?: boolean; isSeenLeaving?: boolean }[],
    missed: Missed = [],
  ): SegmentItem[] =>
    Array.from({ length: minutes }, (_, index) =>
      item(index, (s) => {
        const seen = s % 420 < 25 ? [walker(s)] : [];
        for (const { from, to, isSeenComing = true, isSeenLeaving = true } of stays) {
          if (isSeenComing && s >= from - 10 && s < from) seen.push(coming((s - from + 10) / 10));
          if (s >= from && s < to && !isIn(s, missed)) seen.push(jittered(CAR, s));
          if (isSeenLeaving && s >= to && s < to + 10) seen.push(coming(1 - (s - to + 5) / 10));
        }
        return seen;
      }),
    );
  const carsOf = (items: readonly SegmentItem[]) =>
    stitchEvents(items, SETTINGS)
      .filter(({ className, zone }) => className === 'car' && zone === 'frame')
      .map(({ isStationary, startedAt, endedAt }) => [isStationary, startedAt, endedAt]);
  const minutes = (count: number): number => count * 60;
  const stay = { from: minutes(2), to: minutes(50) };

  it.each([1, 3, 6, 10])('in %i segments in a row is one stay', (count) => {
    const missed = [[minutes(20), minutes(20 + count)]] as const;
    expect(carsOf(parkingLot(55, [stay], missed))).toEqual([
      [true, at(stay.from - 10), at(stay.to + 10)],
    ]);
  });

  it('for longer than makes it parked is two', () => {
    const missed = [[minutes(20), minutes(31)]] as const;
    expect(carsOf(parkingLot(55, [stay], missed))).toEqual([
      [true, at(stay.from - 10), at(minutes(20))],
      [true, at(minutes(31)), at(stay.to + 10)],
    ]);
  });

  it.each([
    ['both', {}, {}],
    ['only its leaving', {}, { isSeenComing: false }],
    ['only the other’s coming', { isSeenLeaving: false }, {}],
  ])(
    'is not the one that parks there five minutes after it left: %s was seen',
    (_, first, next) => {
      const items = parkingLot(60, [
        { from: minutes(5), to: minutes(25), ...first },
        { from: minutes(30), to: minutes(50), ...next },
      ]);
      expect(carsOf(items)).toEqual([
        [true, at(minutes(5) - 10), at(minutes(25) + ('isSeenLeaving' in first ? 0 : 10))],
        [true, at(minutes(30) - ('isSeenComing' in next ? 0 : 10)), at(minutes(50) + 10)],
      ]);
    },
  );

  it('is another within a minute where one was seen to leave and one to come, and the same where a car only passes', () => {
    const swapped = parkingLot(45, [
      { from: minutes(5), to: minutes(20) },
      { from: minutes(21), to: minutes(40) },
    ]);
    expect(carsOf(swapped)).toEqual([
      [true, at(minutes(5) - 10), at(minutes(20) + 10)],
      [true, at(minutes(21) - 10), at(minutes(40) + 10)],
    ]);
    const passed = parkingLot(45, [
      { from: minutes(5), to: minutes(20) },
      { from: minutes(21), to: minutes(40), isSeenComing: false },
    ]);
    expect(carsOf(passed)).toEqual([
      [true, at(minutes(5) - 10), at(minutes(40) + 10)],
      [false, at(minutes(20)), at(minutes(20) + 10)],
    ]);
  });

  it('is one event a stay for any stays and misses, in any order', () => {
    const shape = fc.record({
      stays: fc.array(
        fc.record({
          empty: fc.integer({ min: 1, max: 15 }),
          parked: fc.integer({ min: 12, max: 40 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      // Missed and found again, by turns: segments.
      turns: fc.array(fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 6 })), {
        minLength: 1,
        maxLength: 30,
      }),
      seed: fc.integer({ min: 1, max: 1_000_003 }),
    });
    fc.assert(
      fc.property(shape, ({ stays, turns, seed }) => {
        let end = 0;
        const whole = stays.map(({ empty, parked }) => {
          const from = end + empty;
          end = from + parked;
          return { from: minutes(from), to: minutes(end) };
        });
        let next = 2;
        const missed = turns.map(([lost, found]): readonly [number, number] => {
          const from = next;
          next += lost + found;
          return [minutes(from), minutes(from + lost)];
        });
        // The first and the last minute of a stay are found: what was not seen can't begin or end it.
        const kept = missed.flatMap(([a, b]) => {
          const parts: [number, number][] = [];
          for (let s = a; s < b; s += 60) {
            if (!whole.some(({ from, to }) => s === from || s === to - 60)) parts.push([s, s + 60]);
          }
          return parts;
        });
        const items = parkingLot(end + 2, whole, kept);
        const expected = whole.map(({ from, to }) => [true, at(from - 10), at(to + 10)]);
        expect(carsOf(items)).toEqual(expected);
        const shuffled = items.toSorted(
          (a, b) => orderOf(a.segmentKey, seed) - orderOf(b.segmentKey, seed),
        );
        expect(stitchEvents([...shuffled, ...shuffled.slice(0, 5)], SETTINGS)).toEqual(
          stitchEvents(items, SETTINGS),
        );
      }),
      { numRuns: 60 },
    );
  });

  function orderOf(key: string, seed: number): number {
    return [...key].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % seed, 7);
  }
});

describe('alerts', () => {
  const rule = {
    name: 'night',
    classes: ['person'],
    zones: ['left'],
    between: '08:00-08:02',
    cooldownMinutes: 10,
    notify: 'ops',
  };
  const camera = { alerts: [rule], timezone: 'UTC', alertMaxAgeMinutes: 15 };
  const walked = item(0, (s) => (s >= 20 && s < 60 ? [walker(s)] : []));

  it('name the first instant that fits rule, zone and hours', () => {
    const [candidate] = alertsOf(walked, camera, at(90));
    expect(candidate?.alert).toMatchObject({
      at: at(20),
      zone: 'left',
      className: 'person',
      status: 'pending',
      notify: 'ops',
    });
    expect(
      alertsOf(
        item(3, (s) => [walker(s)]),
        camera,
        at(300),
      ),
    ).toEqual([]);
  });

  it('have one id a slot of the cooldown, so that repetition raises nothing new', () => {
    const ids = [at(90), at(400)].map((now) => alertsOf(walked, camera, now)[0]?.alert.id);
    expect(ids[0]).toBe(ids[1]);
  });

  it('are stale once older than alertMaxAgeMinutes', () => {
    expect(alertsOf(walked, camera, at(20 + 15 * 60 + 1))[0]?.alert.status).toBe('stale');
  });

  it('are suppressed by a neighbouring slot within the cooldown, not beyond', () => {
    const [candidate] = alertsOf(walked, camera, at(90));
    const neighbour = (seconds: number) => ({
      ...candidate!.alert,
      id: 'x',
      at: at(20 - seconds),
      status: 'sent' as const,
    });
    expect(isSuppressed(candidate!, [neighbour(599)])).toBe(true);
    expect(isSuppressed(candidate!, [neighbour(600)])).toBe(false);
    expect(isSuppressed(candidate!, [{ ...neighbour(1), status: 'stale' }])).toBe(false);
  });
});

it('spans near an instant are found as by looking at each', () => {
  const gaps = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 })));
  fc.assert(
    fc.property(
      gaps,
      fc.integer({ min: -5, max: 200 }),
      fc.nat(12),
      fc.constantFrom('fromMs', 'toMs'),
      (lengths, atMs, withinMs, edge) => {
        let endMs = 0;
        const spans = lengths.map(([gap, length]) => {
          const fromMs = endMs + gap;
          endMs = fromMs + length;
          return { fromMs, toMs: endMs };
        });
        expect(nearby(spans, edge, { atMs, withinMs })).toEqual(
          spans.filter((span) => Math.abs(span[edge] - atMs) <= withinMs),
        );
      },
    ),
  );
});
