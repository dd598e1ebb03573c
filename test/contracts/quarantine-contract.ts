import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Quarantine, Rejection } from '../../core/ports';
import { minute } from './records';
import type { MakeStore, StoreUnderTest } from './segment-store-contract';

const REJECTION: Rejection = {
  key: 'north-mall/entrance/notes.txt',
  objectVersion: 'v1',
  code: 'segment-key',
  reason: '"notes.txt": expected a segment key',
  at: minute(1),
};

/** What every record of rejected files must do. */
export function quarantineContract(name: string, make: MakeStore<Quarantine>): void {
  describe(`quarantine contract: ${name}`, () => {
    let made: StoreUnderTest<Quarantine>;
    beforeEach(async () => {
      made = await make();
    });
    afterEach(async () => made.close());

    it('lists what was rejected, by instant', async () => {
      const earlier = { ...REJECTION, key: 'other.mp4', at: minute(0) };
      await made.store.reject(REJECTION);
      await made.store.reject(earlier);
      expect(await made.store.rejections()).toEqual([earlier, REJECTION]);
    });

    it('knows which version of a file was rejected', async () => {
      await made.store.reject(REJECTION);
      expect(await made.store.isRejected(REJECTION.key, 'v1')).toBe(true);
      expect(await made.store.isRejected(REJECTION.key, 'v2')).toBe(false);
    });

    it('has one record a version of a file, with the last reason', async () => {
      const again = { ...REJECTION, reason: 'still no segment key', at: minute(5) };
      const replaced = { ...REJECTION, objectVersion: 'v2', at: minute(6) };
      for (const one of [REJECTION, again, replaced]) await made.store.reject(one);
      expect(await made.store.rejections()).toEqual([again, replaced]);
    });
  });
}
