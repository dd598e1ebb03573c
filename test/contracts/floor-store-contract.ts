import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FloorStore, SegmentStore } from '../../core/ports';
import { CAMERA, floorOf, itemAt, minute } from './records';
import type { MakeStore, StoreUnderTest } from './segment-store-contract';

const HOUR = minute(60);

/** What every store of packet floors must do (contracts 3). */
export function floorStoreContract(
  name: string,
  make: MakeStore<FloorStore & Pick<SegmentStore, 'putItem' | 'setCurrent'>>,
): void {
  describe(`floor store contract: ${name}`, () => {
    let made: StoreUnderTest<FloorStore & Pick<SegmentStore, 'putItem' | 'setCurrent'>>;
    beforeEach(async () => {
      made = await make();
    });
    afterEach(async () => made.close());

    it('freezes one floor a camera and hour: the first stands', async () => {
      expect(await made.store.floorOfHour(CAMERA, HOUR)).toBeNull();
      expect(await made.store.freezeFloor(CAMERA, HOUR, floorOf('f1', 2))).toEqual(
        floorOf('f1', 2),
      );
      expect(await made.store.freezeFloor(CAMERA, HOUR, floorOf('f2', 3))).toEqual(
        floorOf('f1', 2),
      );
      expect(await made.store.floorOfHour(CAMERA, HOUR)).toEqual(floorOf('f1', 2));
      expect(await made.store.floorOfHour(CAMERA, minute(120))).toBeNull();
      expect(await made.store.floorOfHour('north-mall/back', HOUR)).toBeNull();
    });

    it('finds a floor by the id that a result names', async () => {
      await made.store.freezeFloor(CAMERA, HOUR, floorOf('f1', 2));
      expect(await made.store.getFloor('f1')).toEqual(floorOf('f1', 2));
      expect(await made.store.getFloor('f2')).toBeNull();
    });

    it('gives the summaries before an hour, newest first, of current items alone', async () => {
      for (const index of [0, 3, 1, 2, 60]) {
        await made.store.putItem(itemAt(index));
        await made.store.setCurrent(itemAt(index), { onlyIfAbsent: true });
      }
      await made.store.putItem(itemAt(4));
      const windows = async (max: number) =>
        (await made.store.summariesBefore(CAMERA, HOUR, max)).map(
          (summary) => summary.windows[0]!.bitsPerMacroblock,
        );
      expect(await windows(10)).toEqual([3, 2, 1, 0]);
      expect(await windows(2)).toEqual([3, 2]);
    });
  });
}
