import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stitchEvents } from '../../core/events';
import { readEvent, readEvents } from '../../core/read-events';
import type { Presence, SegmentItem } from '../../core/segment-result';
import { MemoryStore } from '../fakes/memory-store';
import { ORIGIN_MS, quietItem } from './segment-items';

const CAMERA = 'site/cam';
const SETTINGS = {
  quietGapSeconds: 10,
  stationaryAfterMinutes: 10,
  analysis: { classFilters: { person: { minSeconds: 3 } } },
};
const at = (seconds: number): string => new Date(ORIGIN_MS + seconds * 1000).toISOString();
const common = { zone: 'frame', peakCount: 1, bestConfidence: 0.9, snapshotKey: null };

function walker(index: number, from: number, to: number): Presence {
  const interval = { from: at(index * 60 + from), to: at(index * 60 + to), peak: 1 };
  return { ...common, className: 'person', bestAt: interval.from, moving: [interval], still: [] };
}

function parked(index: number): Presence {
  const [from, to] = [at(index * 60), at(index * 60 + 60)];
  const still = [{ from, to, box: [0.1, 0.1, 0.3, 0.3] as [number, number, number, number] }];
  return { ...common, className: 'car', bestAt: from, moving: [], still };
}

function driving(index: number, from: number): Presence {
  const interval = { from: at(index * 60 + from), to: at(index * 60 + from + 8), peak: 1 };
  return { ...common, className: 'car', bestAt: interval.from, moving: [interval], still: [] };
}

/** Missed for up to nine minutes in a row, at times for longer. */
const isMissed = (index: number): boolean => index % 61 < 9 || (index > 700 && index < 716);

/**
 * A day: a car that parks for 14 hours and is missed at times, its place taken by another in between, walkers at
 * night and by day, an hour without footage.
 */
const DAY: readonly SegmentItem[] = Array.from({ length: 1440 }, (_, index) =>
  quietItem({
    index,
    presences: [
      ...(index >= 200 && index < 1040 && !isMissed(index) ? [parked(index)] : []),
      ...(index === 439 || index === 446 ? [driving(index, index === 439 ? 0 : 52)] : []),
      ...(index % 37 < 3 ? [walker(index, index % 37 === 0 ? 30 : 0, 60)] : []),
      ...(index % 11 === 0 ? [walker(index, 20, 20 + (index % 7))] : []),
    ],
  }),
).filter((_, index) => index < 1200 || index >= 1260);

async function storeOf(items: readonly SegmentItem[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const item of items) {
    await store.putItem(item);
    await store.setCurrent(item, { onlyIfAbsent: true });
  }
  return store;
}

describe('events read for a period', () => {
  it('are those of all rows, whole, with the same ids, whatever the period', async () => {
    const store = await storeOf(DAY);
    const all = stitchEvents(DAY, SETTINGS);
    expect(all.length).toBeGreaterThan(40);
    const minutes = fc.tuple(fc.integer({ min: -60, max: 1500 }), fc.integer({ min: 1, max: 300 }));
    await fc.assert(
      fc.asyncProperty(minutes, async ([start, length]) => {
        const [from, to] = [at(start * 60), at((start + length) * 60)];
        const expected = all.filter((event) => event.startedAt < to && event.endedAt > from);
        expect(await readEvents(store, CAMERA, { settings: SETTINGS, from, to })).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('are not open before an outage that rows came after', async () => {
    const items = [0, 600].map((index) => quietItem({ index, presences: [walker(index, 30, 60)] }));
    const store = await storeOf(items);
    const read = (index: number) =>
      readEvents(store, CAMERA, {
        settings: SETTINGS,
        from: at(index * 60),
        to: at(index * 60 + 60),
      });
    expect((await read(0)).map(({ isOpen }) => isOpen)).toEqual([false]);
    expect((await read(600)).map(({ isOpen }) => isOpen)).toEqual([true]);
  });

  it('may be asked for until the end of time', async () => {
    const store = await storeOf(DAY);
    const all = stitchEvents(DAY, SETTINGS);
    const period = { from: '0000-01-01T00:00:00.000Z', to: '9999-12-31T23:59:59.999Z' };
    expect(await readEvents(store, CAMERA, { settings: SETTINGS, ...period })).toEqual(all);
  });

  it('do not read a camera’s whole history for one quiet hour', async () => {
    const store = await storeOf(DAY);
    let yielded = 0;
    const counting = {
      async *itemsOfCamera(camera: string, options: { from?: string; to?: string }) {
        for await (const item of store.itemsOfCamera(camera, options)) {
          yielded++;
          yield item;
        }
      },
    };
    const period = { from: at(1300 * 60), to: at(1301 * 60) };
    await readEvents(counting, CAMERA, { settings: SETTINGS, ...period });
    expect(yielded).toBeLessThan(400);
  });
});

describe('an event read by its id', () => {
  it('is found by its own id and by that of any of its parts', async () => {
    const store = await storeOf(DAY);
    const [first, second] = [37 * 10, 37 * 10 + 1];
    const whole = stitchEvents(DAY, SETTINGS).find(
      ({ className, startedAt }) => className === 'person' && startedAt === at(first * 60 + 30),
    )!;
    const late = stitchEvents([DAY[second]!], SETTINGS).find(
      ({ className }) => className === 'person',
    )!;
    expect(late.id).not.toBe(whole.id);
    for (const id of [whole.id, late.id]) {
      expect(await readEvent(store, CAMERA, { settings: SETTINGS, id })).toEqual(whole);
    }
    const unknown = await readEvent(store, CAMERA, { settings: SETTINGS, id: '0'.repeat(32) });
    expect(unknown).toBeNull();
  });
});
