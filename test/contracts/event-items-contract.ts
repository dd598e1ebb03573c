import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StitchedEvent } from '../../core/events';
import type { SegmentStore } from '../../core/ports';
import { type EventItems, readEvents } from '../../core/read-events';
import {
  type RecentEventsRequest,
  type RecentFilter,
  type RecentItems,
  readRecentEvents,
} from '../../core/recent-events';
import type { Presence, SegmentItem } from '../../core/segment-result';
import { itemAt, minute, personBetween } from './records';

export interface LeanStore {
  readonly store: SegmentStore;
  /** Reads of the same rows what events are made of, and no more than that. */
  readonly lean: EventItems & { recentItems: RecentItems };
  close(): void;
}

const SETTINGS = {
  quietGapSeconds: 10,
  stationaryAfterMinutes: 10,
  analysis: { classFilters: { person: { minSeconds: 3 } } },
};
const CAMERAS = ['harbour/quay', 'north-mall/back', 'north-mall/entrance'];
/** Items that are written at the same time. */
const AT_ONCE = 20;

export function walker(index: number, from: number, to: number): Presence {
  const at = (seconds: number): string => minute(index + seconds / 60);
  return personBetween(at(from), at(to));
}

export function parked(index: number): Presence {
  const [from, to] = [minute(index), minute(index + 1)];
  return {
    ...walker(index, 0, 60),
    className: 'car',
    moving: [],
    still: [{ from, to, box: [0.1, 0.1, 0.3, 0.3] }],
  };
}

/** Three cameras: quiet mostly, walkers over a segment's end, a car for an hour. */
const itemsOf = (minutes: number): readonly SegmentItem[] =>
  CAMERAS.flatMap((camera, place) =>
    Array.from({ length: minutes }, (_, index) =>
      itemAt(index, {
        camera,
        presences: [
          ...(index >= 100 && index < 160 ? [parked(index)] : []),
          ...((index + place * 5) % 37 < 3 ? [walker(index, index % 37 === 0 ? 30 : 0, 60)] : []),
          ...((index + place) % 11 === 0 ? [walker(index, 20, 20 + (index % 7))] : []),
        ],
      }),
    ),
  );

/**
 * What a store's lean reads must do.
 * @param options minutes of footage of each of three cameras; periods that are tried
 */
export function eventItemsContract(
  name: string,
  make: () => LeanStore | Promise<LeanStore>,
  { minutes, runs }: { readonly minutes: number; readonly runs: number },
): void {
  describe(`event items contract: ${name}`, () => {
    const [from, to] = [minute(90), minute((minutes * 5) / 9)];
    let made: LeanStore;
    let every: readonly StitchedEvent[];
    beforeAll(async () => {
      made = await make();
      await fill(made.store, itemsOf(minutes));
      const byCamera = CAMERAS.map((camera) =>
        readEvents(made.store, camera, { settings: SETTINGS, from, to }),
      );
      every = (await Promise.all(byCamera)).flat();
    });
    afterAll(() => made.close());

    it('give the events that whole items give, whatever the period', async () => {
      const { store, lean } = made;
      const start = fc.integer({ min: -60, max: minutes + 40 });
      const period = fc.tuple(start, fc.integer({ min: 1, max: 300 }));
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...CAMERAS), period, async (camera, [start, length]) => {
          const asked = { settings: SETTINGS, from: minute(start), to: minute(start + length) };
          const events = await readEvents(lean, camera, asked);
          expect(events).toEqual(await readEvents(store, camera, asked));
        }),
        { numRuns: runs },
      );
      expect(await Array.fromAsync(lean.itemsOfCamera('no/camera', {}))).toEqual([]);
    });

    it('are those of the analysis that is current', async () => {
      const { store, lean, close } = await make();
      const again = itemAt(0, { analysisId: 'analysis-2', presences: [walker(0, 5, 15)] });
      await fill(store, [itemAt(0)]);
      await store.putItem(again);
      const seen = async () => {
        const [item] = await Array.fromAsync(lean.itemsOfCamera(again.camera, {}));
        const period = { from: minute(-60), to: minute(60) };
        const recent = await Array.fromAsync(lean.recentItems(period, { sites: null }));
        return [item!.presences.length, recent.length];
      };
      expect(await seen()).toEqual([0, 0]);
      await store.setCurrent(again, { onlyIfAbsent: false });
      expect(await seen()).toEqual([1, 1]);
      await store.setCurrent(itemAt(0), { onlyIfAbsent: false });
      expect(await seen()).toEqual([0, 0]);
      close();
    });

    const everything: RecentFilter = { sites: null };
    it.each<[string, RecentFilter, boolean]>([
      ['all', everything, true],
      ['a class', { ...everything, className: 'car' }, true],
      ['a camera', { ...everything, camera: CAMERAS[1] }, true],
      ['some sites', { sites: ['harbour', 'none'] }, true],
      ['no sites', { sites: [] }, false],
      ['a camera of no site that counts', { sites: ['harbour'], camera: CAMERAS[1] }, false],
      ['a zone that is none', { ...everything, zone: 'desk' }, false],
    ])(
      'give the newest events page by page, what ended latest first, each once: %s',
      async (_, filter, isAny) => {
        const { lean } = made;
        const { camera, sites, className, zone = 'frame' } = filter;
        const expected = every
          .filter(
            (event) =>
              (camera === undefined || event.camera === camera) &&
              (sites === null || sites.includes(event.camera.split('/')[0]!)) &&
              (className === undefined || event.className === className) &&
              event.zone === zone,
          )
          .sort(latestFirst);
        const found: StitchedEvent[] = [];
        let after: RecentEventsRequest['after'] = null;
        for (;;) {
          const page: StitchedEvent[] = await readRecentEvents(
            { from, to, after, limit: 7, filter },
            {
              eventItems: lean,
              recentItems: (period, one) => lean.recentItems(period, one),
              settingsOf: async () => SETTINGS,
            },
          );
          found.push(...page.slice(0, 7));
          if (page.length <= 7) break;
          after = { at: page[6]!.endedAt, id: page[6]!.id };
        }
        expect(found).toEqual(expected);
        expect(found.length > 0).toBe(isAny);
      },
    );
  });
}

/** Puts items and makes them current. */
export async function fill(store: SegmentStore, items: readonly SegmentItem[]): Promise<void> {
  for (let index = 0; index < items.length; index += AT_ONCE) {
    const together = items.slice(index, index + AT_ONCE);
    await Promise.all(
      together.map(async (item) => {
        await store.putItem(item);
        await store.setCurrent(item, { onlyIfAbsent: true });
      }),
    );
  }
}

function latestFirst(a: StitchedEvent, b: StitchedEvent): number {
  return a.endedAt === b.endedAt ? (a.id < b.id ? -1 : 1) : a.endedAt > b.endedAt ? -1 : 1;
}
