import { expect, it } from 'vitest';
import { WorkerCrashedError } from '../../adapters/worker/errors';
import { workBatch } from '../../handlers/batch';
import { sqsEvent } from './world';

const clock = { now: () => new Date('2026-11-20T08:05:00.000Z') };

/** A batch of messages, each at another delivery, all of which fail. */
async function failing(error: unknown, note: (failure: object) => Promise<void>) {
  const event = sqsEvent('a', 'b', 'c');
  for (const [index, count] of ['1', '4', '5'].entries()) {
    event.Records[index]!.attributes.ApproximateReceiveCount = count;
  }
  return workBatch(
    event,
    async () => {
      throw error;
    },
    { failures: { note }, clock },
  );
}
const ALL = { batchItemFailures: ['m0', 'm1', 'm2'].map((itemIdentifier) => ({ itemIdentifier })) };

it('notes why a fifth delivery failed, with its code, and nothing of those before', async () => {
  const noted: object[] = [];
  const note = async (failure: object): Promise<void> => void noted.push(failure);
  expect(await failing(new WorkerCrashedError('a', 'SIGSEGV'), note)).toEqual(ALL);
  expect(noted).toEqual([
    {
      messageId: 'm2',
      cause: expect.stringMatching(/^\[worker-crashed\] .*SIGSEGV/),
      at: '2026-11-20T08:05:00.000Z',
    },
  ]);
  expect(await failing('thrown text', note)).toEqual(ALL);
  expect(noted[1]).toMatchObject({ messageId: 'm2', cause: 'thrown text' });
});

it('reports a failure all the same where no note can be made', async () => {
  const note = async (): Promise<void> => {
    throw new Error('throttled');
  };
  expect(await failing(new Error('x'), note)).toEqual(ALL);
});

it('works records one after another, or all at the same time where they wait for others', async () => {
  const mostAtOnce = async (isTogether: boolean): Promise<number> => {
    let [now, most] = [0, 0];
    const work = async (): Promise<void> => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
    };
    await workBatch(sqsEvent('a', 'b', 'c'), work, { clock, isTogether });
    return most;
  };
  expect([await mostAtOnce(false), await mostAtOnce(true)]).toEqual([1, 3]);
});
