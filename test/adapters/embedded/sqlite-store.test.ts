import { expect, it } from 'vitest';
import { expireItems } from '../../../adapters/embedded/expire-items';
import { MIGRATIONS } from '../../../adapters/embedded/schema';
import { SqliteStore } from '../../../adapters/embedded/sqlite-store';
import type { Presence } from '../../../core/segment-result';
import { alertAt, CAMERA, floorOf, itemAt, minute } from '../../contracts/records';
import { cleanUpAfterEach, openDatabase, temporaryFolder } from './data-folder';

cleanUpAfterEach();

const PRESENCE: Presence = {
  className: 'person',
  zone: 'frame',
  moving: [{ from: minute(1), to: minute(2), peak: 1 }],
  still: [],
  peakCount: 1,
  bestConfidence: 0.9,
  bestAt: minute(1),
  snapshotKey: null,
};

it('gives items of the first schema the object key that they lacked', async () => {
  const folder = temporaryFolder();
  const { objectKey: _, ...first } = itemAt(0);
  const old = openDatabase(folder, { migrations: MIGRATIONS.slice(0, 1) });
  const { segmentKey, objectVersion, range, analysisId } = first;
  old.run(
    'INSERT INTO items VALUES (?, ?, ?, ?, ?)',
    ...[segmentKey, objectVersion, range, analysisId, JSON.stringify(first)],
  );
  old.close();
  const store = new SqliteStore(openDatabase(folder));
  expect(await store.getItem(itemAt(0))).toEqual(itemAt(0));
});

it('expires items that have outlived their footage: quiet ones sooner, none whose footage is there', async () => {
  const database = openDatabase();
  const store = new SqliteStore(database);
  const items = [
    itemAt(0),
    itemAt(1, { presences: [PRESENCE] }),
    itemAt(2),
    itemAt(3, { presences: [PRESENCE] }),
    itemAt(9),
  ];
  for (const item of items) {
    await store.putItem(item);
    await store.setCurrent(item, { onlyIfAbsent: true });
  }
  await store.createAlert(alertAt(1));
  await store.createAlert(alertAt(4));
  await store.freezeFloor(CAMERA, minute(0), floorOf('f', 1));
  const expiring = expireItems(database, CAMERA, {
    quietBefore: minute(8),
    evidenceBefore: minute(3),
    isKept: new Set([items[2]!.objectKey]),
  });
  const expired = await Array.fromAsync(expiring);
  expect(expired).toEqual([items[0]!.segmentKey, items[1]!.segmentKey]);
  const left = await Array.fromAsync(store.itemsOfCamera(CAMERA, {}));
  expect(left).toEqual([items[2], items[3], items[4]]);
  expect(await store.getItem(items[0]!)).toBeNull();
  expect(await store.alertsOfCamera(CAMERA)).toEqual([alertAt(4)]);
  expect(await store.getFloor('f')).toBeNull();
});

it('expires any number of items, those kept in between left alone', async () => {
  const database = openDatabase();
  const store = new SqliteStore(database);
  const items = Array.from({ length: 450 }, (_, index) => itemAt(index));
  for (const item of items) {
    await store.putItem(item);
    await store.setCurrent(item, { onlyIfAbsent: true });
  }
  const kept = [items[3]!, items[199]!, items[200]!, items[449]!];
  const expiring = expireItems(database, CAMERA, {
    quietBefore: minute(1000),
    evidenceBefore: minute(0),
    isKept: new Set(kept.map(({ objectKey }) => objectKey)),
  });
  expect((await Array.fromAsync(expiring)).length).toBe(446);
  expect(await Array.fromAsync(store.itemsOfCamera(CAMERA, {}))).toEqual(kept);
});
