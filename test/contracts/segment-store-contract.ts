import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SegmentStore } from '../../core/ports';
import { CAMERA, itemAt, minute } from './records';

export interface StoreUnderTest<Store> {
  readonly store: Store;
  close(): void | Promise<void>;
}
export type MakeStore<Store> = () => StoreUnderTest<Store> | Promise<StoreUnderTest<Store>>;

/** What every store of items must do. */
export function storeContract(name: string, make: MakeStore<SegmentStore>): void {
  describe(`segment store contract: ${name}`, () => {
    let made: StoreUnderTest<SegmentStore>;
    beforeEach(async () => {
      made = await make();
    });
    afterEach(async () => made.close());

    const putCurrent = async (...items: ReturnType<typeof itemAt>[]): Promise<void> => {
      for (const item of items) {
        await made.store.putItem(item);
        await made.store.setCurrent(item, { onlyIfAbsent: true });
      }
    };
    const startsOf = async (options: { from?: string; to?: string }): Promise<string[]> =>
      (await Array.fromAsync(made.store.itemsOfCamera(CAMERA, options))).map(
        ({ startedAt }) => startedAt,
      );

    it('gives back the whole item that was put', async () => {
      const item = itemAt(0, { status: 'partial', partialReason: 'the file ends in the middle' });
      expect(await made.store.putItem(item)).toBe(true);
      expect(await made.store.getItem(item)).toEqual(item);
    });

    it('writes an item once: the first stands', async () => {
      await made.store.putItem(itemAt(0));
      expect(await made.store.putItem(itemAt(0, { framesDecoded: 9 }))).toBe(false);
      expect(await made.store.getItem(itemAt(0))).toEqual(itemAt(0));
    });

    it('keeps versions, ranges and analyses of one segment apart', async () => {
      const others = [
        itemAt(0, { objectVersion: 'v2' }),
        itemAt(0, { range: '60000-120000' }),
        itemAt(0, { analysisId: 'analysis-2' }),
      ];
      for (const item of [itemAt(0), ...others]) expect(await made.store.putItem(item)).toBe(true);
      for (const item of others) expect(await made.store.getItem(item)).toEqual(item);
      expect(await made.store.getItem({ ...itemAt(0), objectVersion: 'v3' })).toBeNull();
    });

    it('has no current item until the pointer is set', async () => {
      await made.store.putItem(itemAt(0));
      expect(await made.store.currentItem(itemAt(0))).toBeNull();
      expect(await startsOf({})).toEqual([]);
      expect(await made.store.setCurrent(itemAt(0), { onlyIfAbsent: true })).toBe(true);
      expect(await made.store.currentItem(itemAt(0))).toEqual(itemAt(0));
    });

    it('points at no item that does not exist', async () => {
      expect(await made.store.setCurrent(itemAt(0), { onlyIfAbsent: false })).toBe(false);
      expect(await made.store.currentItem(itemAt(0))).toBeNull();
    });

    it('knows the current items of the same range of other versions', async () => {
      const again = itemAt(0, { objectVersion: 'v2', tier: 'steady' });
      const other = itemAt(0, { objectVersion: 'v2', range: '60000-120000' });
      await made.store.putItem(itemAt(0, { objectVersion: 'v3' }));
      await putCurrent(itemAt(0), again, other, itemAt(1));
      expect(await made.store.otherVersions(itemAt(0))).toEqual([again]);
      expect(await made.store.otherVersions(again)).toEqual([itemAt(0)]);
      expect(await made.store.otherVersions(itemAt(1))).toEqual([]);
    });

    it('keeps an existing pointer unless told to move it', async () => {
      const challenger = itemAt(0, { analysisId: 'analysis-2' });
      await putCurrent(itemAt(0), challenger);
      expect(await made.store.currentItem(itemAt(0))).toEqual(itemAt(0));
      expect(await made.store.setCurrent(itemAt(0), { onlyIfAbsent: true })).toBe(true);
      expect(await made.store.setCurrent(challenger, { onlyIfAbsent: true })).toBe(false);
      expect(await made.store.setCurrent(challenger, { onlyIfAbsent: false })).toBe(true);
      expect(await made.store.currentItem(itemAt(0))).toEqual(challenger);
      expect(await startsOf({})).toEqual([minute(0)]);
    });

    it('lists the current items of a camera by start, whatever the order they came in', async () => {
      await putCurrent(itemAt(2), itemAt(0), itemAt(1), itemAt(1, { camera: 'north-mall/back' }));
      expect(await startsOf({})).toEqual([minute(0), minute(1), minute(2)]);
    });

    it('lists items that overlap [from, to), and not those that touch its ends', async () => {
      await putCurrent(itemAt(0), itemAt(1), itemAt(2), itemAt(3));
      expect(await startsOf({ from: minute(1), to: minute(3) })).toEqual([minute(1), minute(2)]);
      expect(await startsOf({ from: '2026-11-20T08:01:30.000Z' })).toEqual([1, 2, 3].map(minute));
      expect(await startsOf({ to: '2026-11-20T08:01:30.000Z' })).toEqual([0, 1].map(minute));
    });

    it('finds a long item that started far before the time asked for', async () => {
      const long = itemAt(0, { range: '0-36000000', endedAt: minute(600) });
      await putCurrent(long, itemAt(650), itemAt(590));
      expect(await startsOf({ from: minute(595), to: minute(596) })).toEqual([minute(0)]);
    });

    it('lists 450 items, more than any page, each once', async () => {
      await putCurrent(...Array.from({ length: 450 }, (_, index) => itemAt(449 - index)));
      expect(await startsOf({})).toEqual(Array.from({ length: 450 }, (_, index) => minute(index)));
    });

    it('names the cameras that have current items', async () => {
      await putCurrent(itemAt(0), itemAt(1), itemAt(0, { camera: 'a-site/yard' }));
      await made.store.putItem(itemAt(0, { camera: 'b-site/unpointed' }));
      expect(await made.store.cameras()).toEqual(['a-site/yard', CAMERA]);
    });

    it('puts an item once when ten put it at the same time', async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => made.store.putItem(itemAt(0))),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
    });
  });
}
