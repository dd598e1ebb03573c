import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Database } from '../../../adapters/embedded/database';
import { MIGRATIONS } from '../../../adapters/embedded/schema';
import { SqliteChanges } from '../../../adapters/embedded/sqlite-changes';
import { SqliteEventItems } from '../../../adapters/embedded/sqlite-event-items';
import { SqliteStore } from '../../../adapters/embedded/sqlite-store';
import type { SegmentItem } from '../../../core/segment-result';
import { eventItemsContract, fill, parked, walker } from '../../contracts/event-items-contract';
import { itemAt, minute } from '../../contracts/records';
import { cleanUpAfterEach, openDatabase, temporaryFolder } from './data-folder';

cleanUpAfterEach();

eventItemsContract(
  'SQLite',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'tierwatch-event-items-'));
    const database = Database.open(folder);
    const close = (): void => {
      database.close();
      rmSync(folder, { recursive: true });
    };
    return { store: new SqliteStore(database), lean: new SqliteEventItems(database), close };
  },
  { minutes: 720, runs: 30 },
);

async function filled(items: readonly SegmentItem[]): Promise<{
  database: Database;
  store: SqliteStore;
}> {
  const database = openDatabase();
  const store = new SqliteStore(database);
  await fill(store, items);
  return { database, store };
}

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
