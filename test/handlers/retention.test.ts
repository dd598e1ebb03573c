import { describe, expect, it } from 'vitest';
import type { FootageShelf, ShelvedObject } from '../../core/ports';
import { createRetention, type RetentionMessage } from '../../handlers/retention';
import { itemAt } from '../contracts/records';
import { MemoryQueue } from '../fakes/memory-queue';
import { makeWorld, sqsEvent } from './world';

const CAMERA = 'north-mall/entrance';
const DAY_SECONDS = 86_400;

/** Footage of minutes 0 to 4: 1 has a person, 4 was not analysed. */
async function expiring(mode: 'report' | 'enforce') {
  const world = makeWorld();
  const objects = new Map<string, ShelvedObject>();
  for (let minute = 0; minute < 5; minute++) {
    const item = itemAt(minute, {
      framesSampled: 12,
      presences:
        minute === 1
          ? [
              {
                className: 'person',
                zone: 'frame',
                moving: [{ from: itemAt(1).startedAt, to: itemAt(1).endedAt, peak: 1 }],
                still: [],
                peakCount: 1,
                bestConfidence: 0.9,
                bestAt: itemAt(1).startedAt,
                snapshotKey: null,
              },
            ]
          : [],
    });
    const { objectKey, objectVersion } = item;
    objects.set(objectKey, { objectKey, objectVersion, bytes: 100 });
    if (minute === 4) continue;
    await world.store.putItem(item);
    await world.store.setCurrent(item, { onlyIfAbsent: true });
  }
  const deleted: string[] = [];
  const shelf: FootageShelf = {
    async *list(camera) {
      yield* [...objects.values()].filter(({ objectKey }) => objectKey.startsWith(`${camera}/`));
    },
    async delete(gone) {
      for (const { objectKey } of gone) {
        objects.delete(objectKey);
        deleted.push(objectKey);
      }
    },
  };
  const queue = new MemoryQueue<RetentionMessage>(world.clock);
  const run = createRetention({ ...world, shelf, queue, mode, maxObjects: 100 });
  return { ...world, run, queue, deleted };
}

const keyOf = (minute: number): string => itemAt(minute).objectKey;

describe('retention', () => {
  it('sends one message a camera when the schedule asks', async () => {
    const { run, queue } = await expiring('enforce');
    await run({ source: 'schedule' });
    const taken = await queue.receive({ max: 10, visibilitySeconds: 30 });
    expect(taken.map(({ body }) => body)).toEqual([{ camera: CAMERA }]);
  });

  it('deletes quiet footage after quietDays; keeps evidence, its neighbours, and what was not analysed', async () => {
    const { run, clock, deleted, telemetry } = await expiring('enforce');
    clock.advance(3 * DAY_SECONDS);
    expect(await run(sqsEvent({ camera: CAMERA }))).toEqual({ batchItemFailures: [] });
    // 0 and 2 lie within the rolls of 1, 3 within those of 4, which nobody has looked at yet.
    expect(deleted).toEqual([]);
    expect(telemetry.counted).toMatchObject({ expiredObjects: 0 });
    expect(telemetry.counted.oldestUnanalysedHours).toBeGreaterThan(71);
  });

  it('leaves evidence and its neighbours to lifecycle, however old', async () => {
    const { run, clock, deleted } = await expiring('enforce');
    clock.advance(400 * DAY_SECONDS);
    await run(sqsEvent({ camera: CAMERA }));
    expect(deleted).toEqual([]);
  });

  it.each([
    ['enforce', 1],
    ['report', 0],
  ] as const)('deletes quiet footage that nothing near needs: %s', async (mode, gone) => {
    const { run, clock, deleted, telemetry, store } = await expiring(mode);
    const last = itemAt(4);
    await store.putItem(last);
    await store.setCurrent(last, { onlyIfAbsent: true });
    clock.advance(3 * DAY_SECONDS);
    await run(sqsEvent({ camera: CAMERA }));
    // 0 and 2 lie within the rolls of 1.
    expect(deleted.sort()).toEqual([keyOf(3), keyOf(4)].slice(0, 2 * gone));
    expect([telemetry.counted.expiredObjects, telemetry.counted.expiredBytes]).toEqual([2, 200]);
  });

  it('takes a camera with more files than a function has room for arguments', async () => {
    const world = makeWorld();
    const minutes = 130_000;
    const deleted: ShelvedObject[] = [];
    const shelf: FootageShelf = {
      async *list() {
        for (let minute = 0; minute < minutes; minute++) {
          yield { objectKey: keyOf(-minute), objectVersion: 'v', bytes: 100 };
        }
      },
      async delete(gone) {
        deleted.push(...gone);
      },
    };
    const queue = new MemoryQueue<RetentionMessage>(world.clock);
    const run = createRetention({ ...world, shelf, queue, mode: 'enforce', maxObjects: 100 });
    const answer = await run(sqsEvent({ camera: CAMERA }));
    expect([answer, deleted]).toEqual([{ batchItemFailures: [] }, []]);
    const { oldestUnanalysedHours } = world.telemetry.counted;
    expect(oldestUnanalysedHours).toBeGreaterThan((minutes - 2) / 60);
  });

  it('drops a forged message', async () => {
    const { run, deleted, telemetry } = await expiring('enforce');
    expect(await run(sqsEvent({ camera: CAMERA, force: true }, 'x'))).toEqual({
      batchItemFailures: [],
    });
    expect([deleted, telemetry.counted]).toEqual([[], { refusedMessages: 2 }]);
  });
});
