import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stitchEvents } from '../../core/events';
import { planRetention, type RetentionSettings, type StoredSegment } from '../../core/retention';
import type { Presence, SegmentItem } from '../../core/segment-result';

const SETTINGS: RetentionSettings = {
  quietDays: 2,
  eventDays: 30,
  maxBytes: null,
  preRollSeconds: 10,
  postRollSeconds: 10,
};
const ORIGIN = Date.parse('2026-11-01T00:00:00.000Z');
const at = (seconds: number): string => new Date(ORIGIN + seconds * 1000).toISOString();
const NOW = at(3 * 86_400);

type Kind = 'quiet' | 'busy' | 'unanalysed';

function segment(index: number): StoredSegment {
  return {
    segmentKey: `s/c/${index}`,
    objectVersion: '1',
    camera: 's/c',
    startedAt: at(index * 60),
    endedAt: at(index * 60 + 60),
    bytes: 100,
  };
}

function item(index: number, presences: readonly Presence[]): SegmentItem {
  return {
    schemaVersion: 1,
    segmentKey: `s/c/${index}`,
    objectVersion: '1',
    range: '0-60000',
    analysisId: 'a',
    camera: 's/c',
    startedAt: at(index * 60),
    endedAt: at(index * 60 + 60),
    analysedAt: at(0),
    tier: 'low',
    lane: 'cpu',
    model: 'm',
    status: 'done',
    framesSampled: 12,
    framesDecoded: 12,
    framesInferred: 1,
    packetGate: { verdict: 'off', reason: '', floorId: null },
    presences: [...presences],
    frames: [],
    packetSummary: { windows: [] },
    usage: {
      cpuSeconds: 0,
      wallSeconds: 0,
      footageSeconds: 60,
      bytesRead: 0,
      rowsWritten: 0,
      snapshotsWritten: 0,
      snapshotBytes: 0,
      gpuMs: 0,
    },
  };
}

function seen(from: number, to: number): Presence {
  return {
    className: 'person',
    zone: 'frame',
    moving: [{ from: at(from), to: at(to), peak: 1 }],
    still: [],
    peakCount: 1,
    bestConfidence: 0.9,
    bestAt: at(from),
    snapshotKey: null,
  };
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

function plan(
  segments: readonly StoredSegment[],
  items: readonly SegmentItem[],
  settings = SETTINGS,
  now = NOW,
): string[] {
  const events = stitchEvents(items, {
    quietGapSeconds: 10,
    stationaryAfterMinutes: 10,
    analysis: { classFilters: {} },
  });
  return planRetention({ segments, items, events, settings, now })
    .map(({ segmentKey }) => segmentKey)
    .sort();
}

describe('retention by evidence', () => {
  const five = [0, 1, 2, 3, 4].map(segment);

  it('lets quiet footage go after quietDays, and keeps evidence with its neighbours within the rolls', () => {
    const items = [0, 1, 2, 3, 4].map((index) => item(index, index === 2 ? [seen(125, 175)] : []));
    expect(plan(five, items)).toEqual(['s/c/0', 's/c/4']);
    expect(plan(five, items, SETTINGS, at(86_400))).toEqual([]);
    expect(plan(five, items, SETTINGS, at(31 * 86_400))).toHaveLength(5);
  });

  it('never lets go what was not analysed, nor quiet footage beside it', () => {
    const items = [0, 1, 3, 4].map((index) => item(index, []));
    expect(plan(five, items)).toEqual(['s/c/0', 's/c/4']);
    expect(plan(five, items, { ...SETTINGS, maxBytes: 1 }, at(365 * 86_400))).not.toContain(
      's/c/2',
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
    expect(plan(five, items, { ...SETTINGS, maxBytes: 300 }, fresh)).toEqual(['s/c/2', 's/c/3']);
    expect(plan(five, items, { ...SETTINGS, maxBytes: 100 }, fresh)).toEqual([
      's/c/0',
      's/c/2',
      's/c/3',
      's/c/4',
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
          const index = Number(key.slice(4));
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
