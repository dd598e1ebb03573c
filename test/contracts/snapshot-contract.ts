import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotStore } from '../../core/ports';
import type { MakeStore, StoreUnderTest } from './segment-store-contract';

const KEY = 'north-mall/entrance/20261120T080000Z_60s.mp4/0-60000/analysis/person-door.jpg';
const JPEG = Uint8Array.from([0xff, 0xd8, 1, 2, 3, 0xff, 0xd9]);

/** What every store of snapshots must do. */
export function snapshotContract(name: string, make: MakeStore<SnapshotStore>): void {
  describe(`snapshot contract: ${name}`, () => {
    let made: StoreUnderTest<SnapshotStore>;
    beforeEach(async () => {
      made = await make();
    });
    afterEach(async () => made.close());

    const bytesOf = async (key: string) => Array.from((await made.store.get(key)) ?? []);

    it('gives back the bytes that were put', async () => {
      await made.store.put(KEY, JPEG);
      expect(await bytesOf(KEY)).toEqual([...JPEG]);
    });

    it('answers a key without picture with null', async () => {
      expect(await made.store.get(KEY)).toBeNull();
    });

    it('replaces a picture whole, also when ten put it at the same time', async () => {
      await made.store.put(
        KEY,
        Uint8Array.from({ length: 5000 }, () => 7),
      );
      await Promise.all(Array.from({ length: 10 }, () => made.store.put(KEY, JPEG)));
      expect(await bytesOf(KEY)).toEqual([...JPEG]);
    });

    it.each(['../outside.jpg', 'a/../../outside.jpg', '/etc/outside.jpg', 'a//b.jpg', '', '.'])(
      'refuses the key "%s"',
      async (key) => {
        await expect(made.store.put(key, JPEG)).rejects.toMatchObject({ code: 'unsafe-key' });
      },
    );
  });
}
