import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeletionLog, Recording } from '../../core/ports';
import { CAMERA, itemAt, minute } from './records';
import type { MakeStore, StoreUnderTest } from './segment-store-contract';

const QUIET = 'quiet for more than 2 days';
const FULL = 'over maxBytes 1000';

/** The recording of a minute. */
export function recordingAt(index: number, camera = CAMERA): Recording {
  const { objectKey, startedAt, endedAt } = itemAt(index, { camera });
  return { objectKey, startedAt, endedAt };
}
const quietAt = (index: number) => ({ ...recordingAt(index), reason: QUIET });

/** What every log of deleted footage must do. */
export function deletionLogContract(name: string, make: MakeStore<DeletionLog>): void {
  describe(`deletion log contract: ${name}`, () => {
    let made: StoreUnderTest<DeletionLog>;
    beforeEach(async () => {
      made = await make();
    });
    afterEach(async () => made.close());

    const found = async (...indexes: number[]) => {
      const deletions = await made.store.find(
        CAMERA,
        indexes.map((index) => recordingAt(index)),
      );
      return indexes.map((index) => deletions.get(recordingAt(index).objectKey) ?? null);
    };

    it('tells of each recording when and why it went, and of no other', async () => {
      const gone = [quietAt(0), quietAt(1), { ...quietAt(3), reason: FULL }, quietAt(5)];
      await made.store.note(CAMERA, gone, minute(5000));
      const quiet = { at: minute(5000), reason: QUIET };
      const full = { at: minute(5000), reason: FULL };
      expect(await found(0, 1, 2, 3, 4, 5)).toEqual([quiet, quiet, null, full, null, quiet]);
    });

    it('keeps cameras apart', async () => {
      await made.store.note(
        'north-mall/entrance-2',
        [{ ...recordingAt(0, 'north-mall/entrance-2'), reason: QUIET }],
        minute(5000),
      );
      expect(await found(0)).toEqual([null]);
    });

    it('takes any order, a day that ends between two recordings, and one that reaches over it', async () => {
      // The first day ends behind minute 959.
      const across = {
        objectKey: 'across.mp4',
        startedAt: minute(959.5),
        endedAt: minute(961),
        reason: FULL,
      };
      await made.store.note(CAMERA, [quietAt(962), across, quietAt(1), quietAt(0)], minute(5000));
      const quiet = { at: minute(5000), reason: QUIET };
      expect(await found(962, 0, 958, 1)).toEqual([quiet, quiet, null, quiet]);
      expect(await made.store.find(CAMERA, [across])).toEqual(
        new Map([['across.mp4', { at: minute(5000), reason: FULL }]]),
      );
    });

    it('has the last note of what was noted twice, and the first of the rest', async () => {
      await made.store.note(CAMERA, [quietAt(0), quietAt(1), quietAt(2)], minute(5000));
      await made.store.note(CAMERA, [quietAt(1), quietAt(2)], minute(5010));
      await made.store.note(CAMERA, [quietAt(2)], minute(5020));
      expect((await found(0, 1, 2)).map((one) => one?.at)).toEqual([
        minute(5000),
        minute(5010),
        minute(5020),
      ]);
    });

    it('of nothing says nothing', async () => {
      await made.store.note(CAMERA, [], minute(5000));
      expect([await found(), await found(0)]).toEqual([[], [null]]);
    });
  });
}
