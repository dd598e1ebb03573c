import { describe, expect, it } from 'vitest';
import { SqliteQueue } from '../../../adapters/embedded/sqlite-queue';
import { ManualClock } from '../../fakes/manual-clock';
import { cleanUpAfterEach, openDatabase } from './data-folder';

cleanUpAfterEach();

const makeQueue = () => {
  const clock = new ManualClock();
  return { clock, queue: new SqliteQueue<string>(openDatabase(), 'cpu', clock) };
};
const TAKE = { max: 1, visibilitySeconds: 720 };

describe('recover', () => {
  it('puts back at once what a dead process had in hand, without using up a delivery', async () => {
    const { queue } = makeQueue();
    await queue.send([{ body: 'a' }]);
    for (let death = 1; death <= 20; death++) {
      expect(await queue.receive(TAKE)).toMatchObject([{ body: 'a', receiveCount: 1 }]);
      expect(queue.recover()).toBe(1);
    }
    expect(await queue.counts()).toEqual({ waiting: 1, inFlight: 0, dead: 0 });
  });

  it('counts a message with which the process ended 50 times as dead', async () => {
    const { queue } = makeQueue();
    await queue.send([{ body: 'a' }]);
    for (let death = 1; death <= 50; death++) {
      expect(await queue.receive(TAKE)).toHaveLength(1);
      queue.recover();
    }
    expect(await queue.receive(TAKE)).toEqual([]);
    const causes = (await queue.deadLetters()).map(({ cause }) => cause);
    expect(causes).toEqual(['the process ended 50 times with it in hand']);
    expect(await queue.redrive()).toBe(1);
    expect(await queue.receive(TAKE)).toMatchObject([{ body: 'a', receiveCount: 1 }]);
  });

  it('lets other messages go first', async () => {
    const { queue, clock } = makeQueue();
    await queue.send([{ body: 'a' }, { body: 'b' }]);
    await queue.receive(TAKE);
    clock.advance(1);
    queue.recover();
    expect(await queue.receive(TAKE)).toMatchObject([{ body: 'b' }]);
  });

  it('leaves alone what was released, and what failed counts', async () => {
    const { queue } = makeQueue();
    await queue.send([{ body: 'a' }]);
    const [delivery] = await queue.receive(TAKE);
    await queue.release(delivery!.receiptHandle, { afterSeconds: 0, cause: 'x' });
    expect(queue.recover()).toBe(0);
    expect(await queue.receive(TAKE)).toMatchObject([{ receiveCount: 2 }]);
  });

  it('makes the handles of the dead process worthless', async () => {
    const { queue } = makeQueue();
    await queue.send([{ body: 'a' }]);
    const [before] = await queue.receive(TAKE);
    queue.recover();
    const [after] = await queue.receive(TAKE);
    await queue.acknowledge([before!.receiptHandle, 'of no queue']);
    expect(await queue.counts()).toEqual({ waiting: 0, inFlight: 1, dead: 0 });
    await queue.acknowledge([after!.receiptHandle]);
    expect(await queue.counts()).toEqual({ waiting: 0, inFlight: 0, dead: 0 });
  });
});

describe('queues of one database', () => {
  it('hold their messages, keys and dead letters apart', async () => {
    const database = openDatabase();
    const clock = new ManualClock();
    const cpu = new SqliteQueue<string>(database, 'cpu', clock);
    const gpu = new SqliteQueue<string>(database, 'gpu', clock);
    expect(await cpu.send([{ body: 'a', deduplicationKey: 'k' }])).toBe(1);
    expect(await gpu.send([{ body: 'b', deduplicationKey: 'k' }])).toBe(1);
    const [delivery] = await cpu.receive({ max: 10, visibilitySeconds: 30 });
    await gpu.acknowledge([delivery!.receiptHandle]);
    expect(await cpu.counts()).toEqual({ waiting: 0, inFlight: 1, dead: 0 });
    expect(await gpu.waiting()).toEqual(['b']);
  });
});
