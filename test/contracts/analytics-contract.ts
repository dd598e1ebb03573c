import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnalyticsRow, AnalyticsStore } from '../../core/ports';
import { analyticsAt, CAMERA, minute } from './records';
import type { MakeStore, StoreUnderTest } from './segment-store-contract';

/** What every time series of segments must do. */
export function analyticsContract(
  name: string,
  make: MakeStore<AnalyticsStore>,
  /** False for what can't compare the row that it has with one that comes, and needs `hasEarlier`. */
  { tellsOlder = true }: { readonly tellsOlder?: boolean } = {},
): void {
  describe(`analytics contract: ${name}`, () => {
    let made: StoreUnderTest<AnalyticsStore>;
    beforeEach(async () => {
      made = await make();
    });
    afterEach(async () => made.close());

    const rows = async (options: Parameters<AnalyticsStore['rows']>[0]) =>
      Array.fromAsync(made.store.rows(options));

    it('gives back whole rows, by time', async () => {
      await made.store.write([analyticsAt(1), analyticsAt(0)]);
      expect(await rows({})).toEqual([analyticsAt(0), analyticsAt(1)]);
    });

    it('has one row of a segment that was written twice: the last', async () => {
      await made.store.write([analyticsAt(0)]);
      await made.store.write([analyticsAt(0, { fields: { cpuSeconds: 2, framesInferred: 7 } })]);
      expect(await rows({})).toEqual([
        analyticsAt(0, { fields: { cpuSeconds: 2, framesInferred: 7 } }),
      ]);
    });

    if (tellsOlder) {
      it('keeps the row of the later analysis where that of an earlier one comes late', async () => {
        const rowOf = (cpuSeconds: number, currentAt: string) =>
          analyticsAt(0, { fields: { cpuSeconds }, currentAt });
        const told = (cpuSeconds: number) => [analyticsAt(0, { fields: { cpuSeconds } })];
        await made.store.write([rowOf(2, minute(6))]);
        await made.store.write([rowOf(1, minute(5))]);
        expect(await rows({})).toEqual(told(2));
        await made.store.write([rowOf(3, minute(8)), rowOf(2, minute(6))]);
        expect(await rows({})).toEqual(told(3));
        // The first made current again.
        await made.store.write([rowOf(1, minute(9))]);
        await made.store.write([rowOf(3, minute(8)), rowOf(1, minute(5))]);
        expect(await rows({})).toEqual(told(1));
      });
    }

    /** Three analyses of one range, of which the later ones know that they are not the first. */
    const revisionsOf = (again: Partial<AnalyticsRow>) => {
      const first = { ...analyticsAt(0), currentAt: minute(5) };
      const [second, third] = [6, 8].map((at) => ({
        ...analyticsAt(0, { ...again, fields: { cpuSeconds: at } }),
        ...{ currentAt: minute(at), hasEarlier: true as const },
      }));
      const told = [analyticsAt(0, { ...again, fields: { cpuSeconds: 8 } }), analyticsAt(1)];
      return { first, second: second!, third: third!, told };
    };

    const others = { tier: 'steady', lane: 'gpu', model: 'next-4567' } as const;
    describe.each([
      ['the same tier, lane and model', {}],
      ['others', others],
    ])('a range that is analysed three times, under %s', (_, again) => {
      const { first, second, third, told } = revisionsOf(again);
      it.each([
        ['in order', [first, second, third]],
        ['backwards', [third, second, first]],
        ['the second before the first, and once more', [second, third, first, second]],
        ['the last between the others, and once more', [third, first, third, second]],
      ])('counts once, by the last: rows come %s', async (_, order) => {
        await made.store.write([analyticsAt(1)]);
        for (const row of order) await made.store.write([row]);
        expect(await rows({})).toEqual(told);
        expect(await rows({ camera: CAMERA, from: minute(0) })).toEqual(told);
      });
    });

    it('selects by camera and by from <= at < to', async () => {
      const other = analyticsAt(1, { camera: 'north-mall/back' });
      await made.store.write([0, 1, 2, 3].map((index) => analyticsAt(index)));
      await made.store.write([other]);
      expect(await rows({ camera: CAMERA, from: minute(1), to: minute(3) })).toEqual([
        analyticsAt(1),
        analyticsAt(2),
      ]);
      expect(await rows({ camera: 'north-mall/back' })).toEqual([other]);
      expect(await rows({ from: minute(4) })).toEqual([]);
    });

    it('gives 1,100 rows, more than any page, each once', async () => {
      const all = Array.from({ length: 1100 }, (_, index) => analyticsAt(index));
      await made.store.write(all);
      expect(await rows({})).toEqual(all);
    });
  });
}
