import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnalyticsStore } from '../../core/ports';
import { analyticsAt, CAMERA, minute } from './records';
import type { MakeStore, StoreUnderTest } from './segment-store-contract';

/** What every time series of segments must do. */
export function analyticsContract(
  name: string,
  make: MakeStore<AnalyticsStore>,
  /** False for what can't compare the row that it has with one that comes. */
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

    it('counts a range that is analysed again under another tier, lane and model once: the last', async () => {
      const before = analyticsAt(0);
      const { tier, lane, model } = before;
      const again = { tier: 'steady', lane: 'gpu', model: 'next-4567' } as const;
      await made.store.write([before, analyticsAt(1)]);
      await made.store.write([analyticsAt(0, { ...again, replaces: [{ tier, lane, model }] })]);
      expect(await rows({})).toEqual([analyticsAt(0, again), analyticsAt(1)]);
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
