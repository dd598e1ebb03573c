import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Database } from '../../../adapters/embedded/database';
import { MIGRATIONS } from '../../../adapters/embedded/schema';
import { SqliteChanges } from '../../../adapters/embedded/sqlite-changes';
import { SqliteEventItems } from '../../../adapters/embedded/sqlite-event-items';
import { SqliteStore } from '../../../adapters/embedded/sqlite-store';
import type { StitchedEvent } from '../../../core/events';
import { readEvents } from '../../../core/read-events';
import {
  type RecentEventsRequest,
  type RecentFilter,
  readRecentEvents,
} from '../../../core/recent-events';
import type { Presence, SegmentItem } from '../../../core/segment-result';
import { itemAt, minute } from '../../contracts/records';
import { cleanUpAfterEach, openDatabase, temporaryFolder } from './data-folder';

cleanUpAfterEach();

const SETTINGS = {
  quietGapSeconds: 10,
  stationaryAfterMinutes: 10,
  analysis: { classFilters: { person: { minSeconds: 3 } } },
};
const CAMERAS = ['harbour/quay', 'north-mall/back', 'north-mall/entrance'];

function walker(index: number, from: number, to: number): Presence {
  const at = (seconds: number): string => minute(index + seconds / 60);
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
  const [from, to] = [minute(index), minute(index + 1)];
  return {
    ...walker(index, 0, 60),
    className: 'car',
    moving: [],
    still: [{ from, to, box: [0.1, 0.1, 0.3, 0.3] }],
  };
}

/** Twelve hours of three cameras: quiet mostly, walkers over a segment's end, a car for an hour. */
const ITEMS: readonly SegmentItem[] = CAMERAS.flatMap((camera, place) =>
  Array.from({ length: 720 }, (_, index) =>
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

async function filled(items: readonly SegmentItem[] = ITEMS): Promise<{
  database: Database;
  store: SqliteStore;
  lean: SqliteEventItems;
}> {
  const database = openDatabase();
  const store = new SqliteStore(database);
  for (const item of items) {
    await store.putItem(item);
    await store.setCurrent(item, { onlyIfAbsent: true });
  }
  return { database, store, lean: new SqliteEventItems(database) };
}

describe('items read for their events', () => {
  it('give the events that whole items give, whatever the period', async () => {
    const { store, lean } = await filled();
    const period = fc.tuple(fc.integer({ min: -60, max: 760 }), fc.integer({ min: 1, max: 300 }));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...CAMERAS), period, async (camera, [start, length]) => {
        const asked = { settings: SETTINGS, from: minute(start), to: minute(start + length) };
        const events = await readEvents(lean, camera, asked);
        expect(events).toEqual(await readEvents(store, camera, asked));
      }),
      { numRuns: 30 },
    );
    expect(await Array.fromAsync(lean.itemsOfCamera('no/camera', {}))).toEqual([]);
  });

  it('are those of the analysis that is current', async () => {
    const { store, lean } = await filled([itemAt(0)]);
    const again = itemAt(0, { analysisId: 'analysis-2', presences: [walker(0, 5, 15)] });
    await store.putItem(again);
    const seen = async (): Promise<number> => {
      const [item] = await Array.fromAsync(lean.itemsOfCamera(again.camera, {}));
      return item!.presences.length;
    };
    expect(await seen()).toBe(0);
    await store.setCurrent(again, { onlyIfAbsent: false });
    expect(await seen()).toBe(1);
  });
});

it('a data folder from before events had columns of their own gets them from its items', async () => {
  const folder = temporaryFolder();
  const old = Database.open(folder, { migrations: MIGRATIONS.slice(0, 2) });
  const zones = ['frame', 'door'].map((zone) => ({ ...walker(3, 5, 15), zone }));
  for (const item of [itemAt(0), itemAt(3, { presences: [...zones, parked(3)] })]) {
    const id = [item.segmentKey, item.objectVersion, item.range, item.analysisId];
    const span = [Date.parse(item.startedAt), Date.parse(item.endedAt)];
    old.run('INSERT INTO items VALUES (?, ?, ?, ?, ?)', ...id, JSON.stringify(item));
    old.run('INSERT INTO current VALUES (?, ?, ?, ?, ?, ?, ?)', ...id, item.camera, ...span);
  }
  old.close();
  const migrated = openDatabase(folder);
  const row = 'SELECT object_key, status, presences, seen FROM current ORDER BY started_ms';
  const fresh = await filled([itemAt(0), itemAt(3, { presences: [...zones, parked(3)] })]);
  expect(migrated.all(row)).toEqual(fresh.database.all(row));
});

describe('the newest events of all cameras', () => {
  const everything: RecentFilter = { sites: null };
  it.each<[string, RecentFilter, number]>([
    ['all', everything, 60],
    ['a class', { ...everything, className: 'car' }, 3],
    ['a camera', { ...everything, camera: CAMERAS[1] }, 20],
    ['some sites', { sites: ['harbour', 'none'] }, 20],
    ['no sites', { sites: [] }, 0],
    ['a zone that is none', { ...everything, zone: 'desk' }, 0],
  ])('come page by page, what ended latest first, each once: %s', async (_, filter, least) => {
    const { store, lean } = await filled();
    const [from, to] = [minute(90), minute(400)];
    const { camera, sites, className, zone = 'frame' } = filter;
    const every = await Promise.all(
      CAMERAS.map((one) => readEvents(store, one, { settings: SETTINGS, from, to })),
    );
    const expected = every
      .flat()
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
    expect(found.length).toBeGreaterThanOrEqual(least);
  });
});

function latestFirst(a: StitchedEvent, b: StitchedEvent): number {
  return a.endedAt === b.endedAt ? (a.id < b.id ? -1 : 1) : a.endedAt > b.endedAt ? -1 : 1;
}

describe('the log of changes', () => {
  const change = (number: number, index: number) => ({
    number,
    segment: {
      segmentKey: itemAt(index).segmentKey,
      camera: itemAt(index).camera,
      status: 'done',
      at: minute(index + 2),
      lagSeconds: 60,
    },
    period: { from: minute(index), to: minute(index + 1) },
  });

  it('has what became current or was rejected, in order, and nothing twice', async () => {
    const { database, store } = await filled([itemAt(0), itemAt(1), itemAt(0)]);
    await store.setCurrent(itemAt(0), { onlyIfAbsent: true });
    const at = minute(9);
    await store.reject({ key: 'a b.avi', code: 'segment-key', reason: '?', at, objectVersion: '' });
    const log = new SqliteChanges(database);
    const rejected = { segmentKey: 'a b.avi', camera: null, status: 'quarantined', at };
    expect(await log.changes(0)).toEqual({
      changes: [
        change(1, 0),
        change(2, 1),
        { number: 3, segment: { ...rejected, lagSeconds: null }, period: null },
      ],
      last: 3,
      isComplete: true,
    });
    expect((await log.changes(1)).changes.map(({ number }) => number)).toEqual([2, 3]);
    expect(await log.changes(3)).toEqual({ changes: [], last: 3, isComplete: true });
  });

  it('says so where a number is of another data folder, or too old', async () => {
    const { database } = await filled([itemAt(0), itemAt(1), itemAt(2)]);
    const log = new SqliteChanges(database);
    const lost = { changes: [], last: 3, isComplete: false };
    expect(await log.changes(4)).toEqual(lost);
    database.run('DELETE FROM changes WHERE number <= 2');
    expect(await log.changes(1)).toEqual(lost);
    expect((await log.changes(2)).changes).toEqual([change(3, 2)]);
  });

  it('is empty, not lost, before anything happened', async () => {
    const nothing = { changes: [], last: 0, isComplete: true };
    expect(await new SqliteChanges(openDatabase()).changes(0)).toEqual(nothing);
  });
});
