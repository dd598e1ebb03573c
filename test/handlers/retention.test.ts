import { describe, expect, it } from 'vitest';
import { fixedFleet } from '../../core/fleet/fixed-source';
import { parseFleet } from '../../core/fleet/parse';
import type { FootageShelf, ShelvedObject } from '../../core/ports';
import { createRetention, type RetentionMessage } from '../../handlers/retention';
import { recordingAt } from '../contracts/deletion-log-contract';
import { itemAt } from '../contracts/records';
import { MemoryDeletions } from '../fakes/memory-deletions';
import { MemoryQueue } from '../fakes/memory-queue';
import { FLEET, makeWorld, sqsEvent } from './world';

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
    async *list(prefix) {
      yield* [...objects.values()].filter(({ objectKey }) => objectKey.startsWith(prefix));
    },
    async delete(gone) {
      for (const { objectKey } of gone) {
        objects.delete(objectKey);
        deleted.push(objectKey);
      }
    },
  };
  const queue = new MemoryQueue<RetentionMessage>(world.clock);
  const rejected = new Set<string>();
  const ports = portsOf(world, rejected);
  const run = createRetention({ ...ports, ...{ shelf, queue, mode, maxObjects: 100 } });
  return { ...world, run, queue, shelf, deleted, rejected, deletions: ports.deletions };
}

/** The world's ports; `rejected` are keys in quarantine. */
function portsOf(
  world: ReturnType<typeof makeWorld>,
  rejected: ReadonlySet<string>,
  fleet = FLEET,
) {
  return {
    ...world,
    deletions: new MemoryDeletions(),
    quarantine: { isRejected: async (key: string) => rejected.has(key) },
    fleet: {
      ...fixedFleet(fleet, { lanes: ['cpu'] }),
      cameras: async () => Object.keys(fleet.cameras),
    },
  };
}

const NOTE = { at: '2026-11-23T08:05:00.000Z', reason: 'quiet for more than 2 days' };

/** Three days later, when somebody has looked at minute 4 as well. */
async function analyseLast({
  store,
  clock,
}: Pick<ReturnType<typeof makeWorld>, 'store' | 'clock'>): Promise<void> {
  const last = itemAt(4);
  await store.putItem(last);
  await store.setCurrent(last, { onlyIfAbsent: true });
  clock.advance(3 * DAY_SECONDS);
}

/** Of minutes 0 to 4: what is noted of their deletion. */
async function notesOf({ deletions }: { readonly deletions: MemoryDeletions }) {
  const asked = [0, 1, 2, 3, 4].map((minute) => recordingAt(minute));
  const found = await deletions.find(CAMERA, asked);
  return asked.map(({ objectKey }) => found.get(objectKey) ?? null);
}

const keyOf = (minute: number): string => itemAt(minute).objectKey;

describe('retention', () => {
  it('sends one message a camera that there is footage of, or that the fleet names', async () => {
    const { run, queue } = await expiring('enforce');
    await run({ source: 'schedule' });
    const taken = await queue.receive({ max: 10, visibilitySeconds: 30 });
    // What landed something, and what the fleet names, though nothing of it was ever analysed.
    expect(taken.map(({ body }) => body)).toEqual([
      { camera: CAMERA },
      { camera: 'site/busy' },
      { camera: 'site/cam' },
    ]);
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
    const world = await expiring(mode);
    const { run, deleted, telemetry } = world;
    await analyseLast(world);
    await run(sqsEvent({ camera: CAMERA }));
    // 0 and 2 lie within the rolls of 1.
    expect(deleted.sort()).toEqual([keyOf(3), keyOf(4)].slice(0, 2 * gone));
    expect([telemetry.counted.expiredObjects, telemetry.counted.expiredBytes]).toEqual([2, 200]);
    expect(await notesOf(world)).toEqual(
      mode === 'enforce' ? [null, null, null, NOTE, NOTE] : Array(5).fill(null),
    );
  });

  it('notes what goes before it goes: a crash in between leaves footage and note, never neither', async () => {
    const world = await expiring('enforce');
    const { run, clock, shelf, deleted } = world;
    await analyseLast(world);
    const remove = shelf.delete.bind(shelf);
    shelf.delete = async () => {
      throw new Error('killed');
    };
    expect((await run(sqsEvent({ camera: CAMERA }))).batchItemFailures).toHaveLength(1);
    expect([deleted, await notesOf(world)]).toEqual([[], [null, null, null, NOTE, NOTE]]);
    shelf.delete = remove;
    clock.advance(60);
    expect(await run(sqsEvent({ camera: CAMERA }))).toEqual({ batchItemFailures: [] });
    expect(deleted.sort()).toEqual([keyOf(3), keyOf(4)]);
    const later = { ...NOTE, at: '2026-11-23T08:06:00.000Z' };
    expect(await notesOf(world)).toEqual([null, null, null, later, later]);
  });

  it('deletes nothing that it could not note', async () => {
    const world = await expiring('enforce');
    const { run, deleted, deletions } = world;
    await analyseLast(world);
    deletions.note = async () => {
      throw new Error('the table is away');
    };
    expect((await run(sqsEvent({ camera: CAMERA }))).batchItemFailures).toHaveLength(1);
    expect(deleted).toEqual([]);
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
    const run = createRetention({
      ...portsOf(world, new Set()),
      ...{ shelf, queue, mode: 'enforce', maxObjects: 100 },
    });
    const answer = await run(sqsEvent({ camera: CAMERA }));
    expect([answer, deleted]).toEqual([{ batchItemFailures: [] }, []]);
    const { oldestUnanalysedHours } = world.telemetry.counted;
    expect(oldestUnanalysedHours).toBeGreaterThan((minutes - 2) / 60);
  });

  it('tells of no age of footage that lies in quarantine', async () => {
    const { run, clock, telemetry, rejected } = await expiring('enforce');
    rejected.add(keyOf(4));
    clock.advance(3 * DAY_SECONDS);
    await run(sqsEvent({ camera: CAMERA }));
    expect(telemetry.counted.oldestUnanalysedHours).toBe(0);
  });

  it('logs why a message will be tried again: a dead letter has nothing else that says so', async () => {
    const { run, store, telemetry } = await expiring('enforce');
    store.itemsOfCamera = () => {
      throw new Error('the table is away');
    };
    const { batchItemFailures } = await run(sqsEvent({ camera: CAMERA }));
    expect(batchItemFailures).toHaveLength(1);
    const [{ itemIdentifier: messageId }] = batchItemFailures as [{ itemIdentifier: string }];
    expect(telemetry.logged).toContainEqual({
      level: 'error',
      message: 'tried again later',
      fields: { camera: CAMERA, messageId, cause: 'the table is away' },
    });
  });

  it('drops a forged message', async () => {
    const { run, deleted, telemetry } = await expiring('enforce');
    expect(await run(sqsEvent({ camera: CAMERA, force: true }, 'x'))).toEqual({
      batchItemFailures: [],
    });
    expect([deleted, telemetry.counted]).toEqual([[], { refusedMessages: 2 }]);
  });
});

describe('footage in a customer’s own layout', () => {
  const BY_CAMERA = 'cctv/{camera}/{start:yyyyMMdd-HHmmss}.mp4';
  const BY_DAY = 'cctv/{start:yyyy/MM/dd/HHmmss}_{camera}.mp4';
  const NOW = '2026-11-27T08:00:00.000Z';
  const keyAt = { [BY_CAMERA]: 'cctv/entrance/20261120-080', [BY_DAY]: 'cctv/2026/11/20/080' };
  const endOf = { [BY_CAMERA]: '00.mp4', [BY_DAY]: '00_entrance.mp4' };

  /** Minutes 0 to 2 of a week ago, of which 1 was never analysed, and the prefixes that are listed. */
  async function looking(pattern: keyof typeof keyAt) {
    const world = makeWorld();
    world.clock.advance((Date.parse(NOW) - world.clock.now().getTime()) / 1000);
    const fleet = parseFleet(
      'fleet.yaml',
      `keyPatterns: [{ pattern: "${pattern}", site: north-mall }]\ncameras: { ${CAMERA}: {} }`,
    );
    const keys = [0, 1, 2].map((minute) => `${keyAt[pattern]}${minute}${endOf[pattern]}`);
    for (const minute of [0, 2]) {
      const item = itemAt(minute, { objectKey: keys[minute]! });
      await world.store.putItem(item);
      await world.store.setCurrent(item, { onlyIfAbsent: true });
    }
    const listed: string[] = [];
    const shelf: FootageShelf = {
      async *list(prefix) {
        listed.push(prefix);
        const found = keys.filter((key) => key.startsWith(prefix));
        yield* found.map((objectKey) => ({ objectKey, objectVersion: 'v', bytes: 100 }));
      },
      async delete() {
        throw new Error('expected nothing to be deleted');
      },
    };
    const queue = new MemoryQueue<RetentionMessage>(world.clock);
    const rejected = new Set<string>();
    const run = createRetention({
      ...portsOf(world, rejected, fleet),
      ...{ shelf, queue, mode: 'enforce', maxObjects: 100 },
    });
    await run({ source: 'schedule' });
    const sent = await queue.receive({ max: 10, visibilitySeconds: 30 });
    const work = () => run(sqsEvent(...sent.map(({ body }) => body)));
    return { ...world, keys, listed, rejected, sent: sent.map(({ body }) => body), work };
  }

  it('is listed by camera and day where the layout says the camera first', async () => {
    const { sent, work, listed } = await looking(BY_CAMERA);
    expect(sent).toEqual([{ camera: CAMERA }]);
    expect(await work()).toEqual({ batchItemFailures: [] });
    expect(listed).toEqual([
      `${CAMERA}/`,
      ...['22', '21', '20', '13'].map((day) => `cctv/entrance/202611${day}-`),
      'cctv/entrance/20261030-',
    ]);
  });

  it('is listed by day, once for all cameras, where the layout says the day first', async () => {
    const { sent, work, listed } = await looking(BY_DAY);
    const days = ['2026/11/22', '2026/11/21', '2026/11/20', '2026/11/13', '2026/10/30'];
    const prefixes = days.map((day) => `cctv/${day}/`);
    expect(sent).toEqual([{ camera: CAMERA }, ...prefixes.map((prefix) => ({ prefix }))]);
    await work();
    expect(listed).toEqual([`${CAMERA}/`, ...prefixes]);
  });

  it.each([BY_CAMERA, BY_DAY] as const)(
    'tells how old the oldest without a row is: %s',
    async (pattern) => {
      const { work, telemetry, keys } = await looking(pattern);
      await work();
      const hours = 7 * 24 - 1 / 60;
      expect(telemetry.counted.oldestUnanalysedHours).toBeCloseTo(hours, 9);
      const told = telemetry.logged.filter(({ level }) => level === 'warn');
      expect(told).toEqual([
        {
          level: 'warn',
          message: 'footage was never analysed',
          fields: { key: keys[1], hours: expect.closeTo(hours, 9) },
        },
      ]);
    },
  );

  it('is silent of what lies in quarantine', async () => {
    const { work, telemetry, rejected, keys } = await looking(BY_CAMERA);
    rejected.add(keys[1]!);
    await work();
    expect(telemetry.counted).toEqual({ oldestUnanalysedHours: 0 });
  });
});
