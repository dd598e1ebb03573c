import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { staysOf } from '../../core/events';
import {
  planRetention,
  planRetentionInSteps,
  type RetentionSettings,
  type StoredSegment,
} from '../../core/retention';
import type { Presence, SegmentItem } from '../../core/segment-result';
import { personBetween } from '../contracts/records';
import { ORIGIN_MS, quietItem } from './segment-items';

const SETTINGS: RetentionSettings = {
  quietDays: 2,
  eventDays: 30,
  maxBytes: null,
  preRollSeconds: 10,
  postRollSeconds: 10,
};
const at = (seconds: number): string => new Date(ORIGIN_MS + seconds * 1000).toISOString();
const NOW = at(3 * 86_400);

type Kind = 'quiet' | 'busy' | 'unanalysed';

function segment(index: number): StoredSegment {
  return {
    segmentKey: `site/cam/${index}.mp4`,
    objectKey: `site/cam/${index}.mp4`,
    objectVersion: '1',
    camera: 'site/cam',
    startedAt: at(index * 60),
    endedAt: at(index * 60 + 60),
    bytes: 100,
  };
}

function item(index: number, presences: readonly Presence[]): SegmentItem {
  return quietItem({ index, presences });
}

function seen(from: number, to: number): Presence {
  return personBetween(at(from), at(to));
}

function parked(index: number): Presence {
  return {
    className: 'car',
    zone: 'frame',
    moving: [],
    still: [{ from: at(index * 60), to: at(index * 60 + 60), box: [0.1, 0.1, 0.3, 0.3] }],
    peakCount: 1,
    bestConfidence: 0.9,
    bestAt: at(index * 60),
    snapshotKey: null,
  };
}

it('is analysed where every range was looked at, however much of it was cut off', () => {
  const cut = { ...item(0, []), endedAt: at(20), status: 'partial' as const };
  expect(plan([segment(0)], [cut])).toEqual(['site/cam/0.mp4']);
  const half = { ...item(0, []), range: '0-30000', endedAt: at(30) };
  expect(plan([segment(0)], [half])).toEqual([]);
});

function plan(
  segments: readonly StoredSegment[],
  items: readonly SegmentItem[],
  settings = SETTINGS,
  now = NOW,
): string[] {
  const stays = staysOf(items, {
    quietGapSeconds: 10,
    stationaryAfterMinutes: 10,
    analysis: { classFilters: {} },
  });
  return planRetention({ segments, items, stays, settings, now })
    .map(({ objectKey }) => objectKey)
    .sort();
}

describe('retention by evidence', () => {
  const five = [0, 1, 2, 3, 4].map(segment);

  it('lets quiet footage go after quietDays, and keeps evidence with its neighbours within the rolls', () => {
    const items = [0, 1, 2, 3, 4].map((index) => item(index, index === 2 ? [seen(125, 175)] : []));
    expect(plan(five, items)).toEqual(['site/cam/0.mp4', 'site/cam/4.mp4']);
    expect(plan(five, items, SETTINGS, at(86_400))).toEqual([]);
    expect(plan(five, items, SETTINGS, at(31 * 86_400))).toHaveLength(5);
  });

  it('never lets go what was not analysed, nor quiet footage beside it', () => {
    const items = [0, 1, 3, 4].map((index) => item(index, []));
    expect(plan(five, items)).toEqual(['site/cam/0.mp4', 'site/cam/4.mp4']);
    expect(plan(five, items, { ...SETTINGS, maxBytes: 1 }, at(365 * 86_400))).not.toContain(
      'site/cam/2.mp4',
    );
  });

  it('treats a parked car as no evidence once it is stationary', () => {
    const segments = Array.from({ length: 15 }, (_, index) => segment(index));
    const items = segments.map((_, index) => item(index, [parked(index)]));
    expect(plan(segments, items)).toHaveLength(15);
    expect(plan(segments.slice(0, 5), items.slice(0, 5))).toEqual([]);
  });

  it('over maxBytes lets the oldest quiet footage go first, then the oldest evidence', () => {
    const items = [0, 1, 2, 3, 4].map((index) => item(index, index === 0 ? [seen(5, 40)] : []));
    const fresh = at(400);
    expect(plan(five, items, { ...SETTINGS, maxBytes: 300 }, fresh)).toEqual([
      'site/cam/2.mp4',
      'site/cam/3.mp4',
    ]);
    expect(plan(five, items, { ...SETTINGS, maxBytes: 100 }, fresh)).toEqual([
      'site/cam/0.mp4',
      'site/cam/2.mp4',
      'site/cam/3.mp4',
      'site/cam/4.mp4',
    ]);
  });

  it('never touches evidence or its rolls before eventDays, whatever was seen, in any order of rows', () => {
    const kinds = fc.array(fc.constantFrom<Kind>('quiet', 'busy', 'unanalysed'), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(kinds, fc.infiniteStream(fc.nat()), (all, shuffle) => {
        const segments = all.map((_, index) => segment(index));
        const items = all.flatMap((kind, index) =>
          kind === 'unanalysed'
            ? []
            : [item(index, kind === 'busy' ? [seen(index * 60 + 20, index * 60 + 40)] : [])],
        );
        const expired = plan(segments, items);
        for (const key of expired) {
          const index = Number.parseInt(key.slice('site/cam/'.length), 10);
          expect([index - 1, index, index + 1].map((near) => all[near] ?? 'quiet')).toEqual([
            'quiet',
            'quiet',
            'quiet',
          ]);
        }
        const shuffled = items
          .map((one) => ({ one, rank: shuffle.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ one }) => one);
        expect(plan(segments.toReversed(), shuffled)).toEqual(expired);
      }),
    );
  });
});

/** A segment of any length, at any distance from the one before, overlapping it or not. */
interface Drawn {
  readonly kind: Kind;
  readonly gapSeconds: number;
  readonly seconds: number;
  readonly bytes: number;
}

/** The rule as it is written, each segment compared with every other. */
function byTheRule(
  segments: readonly StoredSegment[],
  kindOf: (segment: StoredSegment) => Kind,
  { quietDays, eventDays, maxBytes, preRollSeconds, postRollSeconds }: RetentionSettings,
): string[] {
  const ms = (instant: string): number => Date.parse(instant);
  const standingOf = (one: StoredSegment): 'pending' | 'evidence' | 'quiet' => {
    const near = segments.filter(
      (other) =>
        ms(other.startedAt) - preRollSeconds * 1000 < ms(one.endedAt) &&
        ms(other.endedAt) + postRollSeconds * 1000 > ms(one.startedAt),
    );
    if (kindOf(one) === 'unanalysed') return 'pending';
    if (near.some((other) => kindOf(other) === 'busy')) return 'evidence';
    return near.every((other) => kindOf(other) === 'quiet') ? 'quiet' : 'pending';
  };
  const daysOf = { pending: Number.POSITIVE_INFINITY, evidence: eventDays, quiet: quietDays };
  const isOver = (one: StoredSegment): boolean =>
    (ms(NOW) - ms(one.endedAt)) / 86_400_000 > daysOf[standingOf(one)];
  const gone = new Set(segments.filter(isOver));
  const byAge = segments.toSorted((a, b) => ms(a.startedAt) - ms(b.startedAt));
  for (const standing of ['quiet', 'evidence'] as const) {
    for (const one of byAge) {
      const left = segments.filter((other) => !gone.has(other));
      const bytes = left.reduce((sum, other) => sum + other.bytes, 0);
      if (bytes > (maxBytes ?? Number.POSITIVE_INFINITY) && standingOf(one) === standing)
        gone.add(one);
    }
  }
  return [...gone].map(({ objectKey }) => objectKey).sort();
}

it('decides as the rule read out segment by segment, however often it is left for other work', () => {
  const drawn = fc.record<Drawn>({
    kind: fc.constantFrom<Kind>('quiet', 'quiet', 'busy', 'unanalysed'),
    gapSeconds: fc.integer({ min: 1, max: 30 }),
    seconds: fc.integer({ min: 1, max: 90 }),
    bytes: fc.integer({ min: 0, max: 100 }),
  });
  const maxBytes = fc.option(fc.integer({ min: 0, max: 2000 }));
  const camera = fc.tuple(fc.array(drawn, { maxLength: 40 }), maxBytes, fc.constantFrom(1, 3, 30));
  fc.assert(
    fc.property(camera, camera, (...cameras) => {
      const asked = cameras.map(([all, most, quietDays]) => {
        let from = 0;
        const segments = all.map(({ gapSeconds, seconds, bytes }, index): StoredSegment => {
          from += gapSeconds;
          return { ...segment(index), startedAt: at(from), endedAt: at(from + seconds), bytes };
        });
        const kinds = new Map(segments.map((one, index) => [one, all[index]!.kind]));
        const items = segments.flatMap((one, index) => {
          const seconds = (Date.parse(one.endedAt) - Date.parse(one.startedAt)) / 1000;
          const start = (Date.parse(one.startedAt) - ORIGIN_MS) / 1000;
          const presences = kinds.get(one) === 'busy' ? [seen(start, start + seconds)] : [];
          const range = `0-${seconds * 1000}`;
          return kinds.get(one) === 'unanalysed' ? [] : [{ ...item(index, presences), range }];
        });
        const settings = { ...SETTINGS, quietDays, maxBytes: most };
        const plan = planRetentionInSteps({ segments, items, stays: [], settings, now: NOW });
        return { plan, expected: byTheRule(segments, (one) => kinds.get(one)!, settings) };
      });
      // Two cameras, a step of one and a step of the other.
      const found = asked.map((): string[] | null => null);
      while (found.includes(null)) {
        for (const [index, { plan }] of asked.entries()) {
          const step = plan.next();
          if (step.done) found[index] ??= step.value.map(({ objectKey }) => objectKey).sort();
        }
      }
      expect(found).toEqual(asked.map(({ expected }) => expected));
    }),
  );
});
