import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery, Queue } from '../../core/ports';

export interface Job {
  readonly name: string;
}

export interface QueueUnderTest {
  readonly queue: Queue<Job>;
  /** Lets this much time pass for the queue. */
  advance(seconds: number): void | Promise<void>;
  /** Visibility timeout that the tests use, seconds; a queue on a real clock takes little. @default 30 */
  readonly visibilitySeconds?: number;
  close(): void | Promise<void>;
}

const jobs = (...names: string[]) => names.map((name) => ({ body: { name } }));
const namesOf = (deliveries: readonly Delivery<Job>[]) =>
  deliveries.map(({ body }) => body.name).sort();

/**
 * What every queue must do, whatever it stands on. `sqs`: not what SQS lacks, which keeps no causes,
 * deduplicates nothing, may take an earlier handle, counts what waits for its backoff as in flight and redrives all or none.
 */
export function queueContract(
  name: string,
  make: () => QueueUnderTest | Promise<QueueUnderTest>,
  kind: 'own' | 'sqs' = 'own',
): void {
  const ownOnly = (fact: string, test: () => Promise<void>): void => {
    if (kind === 'own') it(fact, test);
  };
  describe(`queue contract: ${name}`, () => {
    let made: QueueUnderTest;
    beforeEach(async () => {
      made = await make();
    });
    afterEach(async () => made.close());

    const visible = (): number => made.visibilitySeconds ?? 30;
    const take = async (max = 10): Promise<readonly Delivery<Job>[]> =>
      made.queue.receive({ max, visibilitySeconds: visible() });
    const takeOne = async (): Promise<Delivery<Job>> => (await take(1))[0]!;

    it('delivers what was sent, at most as many as asked for', async () => {
      expect(await made.queue.send(jobs('a', 'b', 'c'))).toBe(3);
      const first = await take(2);
      expect(first).toHaveLength(2);
      expect(namesOf([...first, ...(await take(2))])).toEqual(['a', 'b', 'c']);
      expect(first.map(({ receiveCount }) => receiveCount)).toEqual([1, 1]);
    });

    it('answers an empty queue with nothing', async () => {
      expect(await take()).toEqual([]);
      expect(await made.queue.counts()).toEqual({ waiting: 0, inFlight: 0, dead: 0 });
    });

    it('hides a delivery for its visibility timeout and then delivers it again', async () => {
      await made.queue.send(jobs('a'));
      const first = await takeOne();
      await made.advance(visible() * 0.5);
      expect(await take()).toEqual([]);
      await made.advance(visible() * 0.5);
      const second = await takeOne();
      expect(second).toMatchObject({ id: first.id, receiveCount: 2, body: { name: 'a' } });
      expect(second.receiptHandle).not.toBe(first.receiptHandle);
    });

    it('never delivers again what was acknowledged', async () => {
      await made.queue.send(jobs('a', 'b'));
      await made.queue.acknowledge((await take()).map(({ receiptHandle }) => receiptHandle));
      await made.advance(2 * visible());
      expect(await take()).toEqual([]);
      expect(await made.queue.counts()).toEqual({ waiting: 0, inFlight: 0, dead: 0 });
    });

    ownOnly('acknowledges nothing by the handle of an earlier delivery', async () => {
      await made.queue.send(jobs('a'));
      const late = await takeOne();
      await made.advance(visible());
      const current = await takeOne();
      await made.queue.acknowledge([late.receiptHandle]);
      await made.queue.release(late.receiptHandle, { afterSeconds: 0, cause: 'late' });
      expect(await made.queue.counts()).toEqual({ waiting: 0, inFlight: 1, dead: 0 });
      await made.queue.acknowledge([current.receiptHandle]);
      expect(await made.queue.counts()).toEqual({ waiting: 0, inFlight: 0, dead: 0 });
    });

    it('delivers a released message again after its backoff', async () => {
      await made.queue.send(jobs('a'));
      await made.queue.release((await takeOne()).receiptHandle, {
        afterSeconds: visible(),
        cause: 'x',
      });
      expect(await take()).toEqual([]);
      await made.advance(visible());
      expect((await takeOne()).receiveCount).toBe(2);
    });

    ownOnly('counts a released message as waiting', async () => {
      await made.queue.send(jobs('a'));
      await made.queue.release((await takeOne()).receiptHandle, { afterSeconds: 5, cause: 'x' });
      expect(await made.queue.counts()).toEqual({ waiting: 1, inFlight: 0, dead: 0 });
    });

    it('holds a message back for its delay', async () => {
      await made.queue.send([{ body: { name: 'later' }, delaySeconds: visible() }, ...jobs('now')]);
      expect(namesOf(await take())).toEqual(['now']);
      await made.advance(visible());
      expect(namesOf(await take())).toContain('later');
    });

    it('sends a message to the dead letters after five deliveries', async () => {
      await made.queue.send(jobs('poison'));
      for (let delivery = 1; delivery <= 5; delivery++) {
        const { receiptHandle, receiveCount } = await takeOne();
        expect(receiveCount).toBe(delivery);
        await made.queue.release(receiptHandle, { afterSeconds: 0, cause: 'x' });
      }
      expect(await take()).toEqual([]);
      const dead = await made.queue.deadLetters();
      expect(dead.map(({ body }) => body)).toEqual([{ name: 'poison' }]);
      expect(await made.queue.counts()).toEqual({ waiting: 0, inFlight: 0, dead: 1 });
    });

    ownOnly('keeps the last cause of a dead letter', async () => {
      await made.queue.send(jobs('poison'));
      for (let delivery = 1; delivery <= 5; delivery++) {
        const taken = await takeOne();
        expect(taken.receiveCount).toBe(delivery);
        const cause = `failure ${delivery}`;
        await made.queue.release(taken.receiptHandle, { afterSeconds: 0, cause });
      }
      expect(await take()).toEqual([]);
      const dead = await made.queue.deadLetters();
      expect(dead.map(({ body, cause }) => ({ body, cause }))).toEqual([
        { body: { name: 'poison' }, cause: 'failure 5' },
      ]);
      expect(new Date(dead[0]!.deadAt).toISOString()).toBe(dead[0]!.deadAt);
      expect(await made.queue.counts()).toEqual({ waiting: 0, inFlight: 0, dead: 1 });
    });

    ownOnly(
      'sends a message to the dead letters whose five deliveries nobody answered',
      async () => {
        await made.queue.send(jobs('hangs'));
        for (let delivery = 1; delivery <= 5; delivery++) {
          expect(await take()).toHaveLength(1);
          await made.advance(visible());
        }
        expect(await take()).toEqual([]);
        const causes = (await made.queue.deadLetters()).map(({ cause }) => cause);
        expect(causes).toEqual(['no answer within the visibility timeout']);
      },
    );

    ownOnly('redrives the dead letters that are named, with five new deliveries', async () => {
      await made.queue.send(jobs('a', 'b'));
      for (let delivery = 1; delivery <= 5; delivery++) {
        for (const { receiptHandle } of await take()) {
          await made.queue.release(receiptHandle, { afterSeconds: 0, cause: 'x' });
        }
      }
      await take();
      const dead = await made.queue.deadLetters();
      const [a] = dead.filter(({ body }) => body.name === 'a');
      expect(await made.queue.redrive([a!.id, 'no-such-id'])).toBe(1);
      expect(await take()).toMatchObject([{ body: { name: 'a' }, receiveCount: 1 }]);
      expect(await made.queue.redrive()).toBe(1);
      expect(await take()).toMatchObject([{ body: { name: 'b' }, receiveCount: 1 }]);
      expect(await made.queue.deadLetters()).toEqual([]);
    });

    ownOnly(
      'ignores a deduplication key that was enqueued before, even after its acknowledgement',
      async () => {
        const once = { body: { name: 'a' }, deduplicationKey: 'key-a' };
        expect(await made.queue.send([once, once])).toBe(1);
        await made.queue.acknowledge([(await takeOne()).receiptHandle]);
        expect(await made.queue.send([once, { ...once, deduplicationKey: 'key-b' }])).toBe(1);
        expect(await take()).toHaveLength(1);
      },
    );

    it('gives each message to one of two consumers that take at the same time', async () => {
      const names = Array.from({ length: 20 }, (_, index) => `job-${index}`);
      await made.queue.send(jobs(...names));
      const taken = await Promise.all([take(), take(), take(), take()]);
      // SQS may answer a take with fewer than there are.
      if (kind === 'sqs') taken.push(await take());
      expect(namesOf(taken.flat())).toEqual([...names].sort());
    });
  });
}
