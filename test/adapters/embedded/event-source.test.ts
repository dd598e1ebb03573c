import type { SQSEvent } from 'aws-lambda';
import { expect, it } from 'vitest';
import { EventSource } from '../../../adapters/embedded/event-source';
import { ManualClock } from '../../fakes/manual-clock';
import { MemoryQueue } from '../../fakes/memory-queue';

type Answer = { batchItemFailures: { itemIdentifier: string }[] };

function driving(handler: (event: SQSEvent, remainingMs: number) => Promise<Answer>) {
  const clock = new ManualClock();
  const queue = new MemoryQueue<string>(clock);
  const source = new EventSource(
    'f',
    queue,
    (event, context) => handler(event, context.getRemainingTimeInMillis()),
    { clock, batchSize: 2, visibilitySeconds: 720, timeoutSeconds: 120 },
  );
  return { clock, queue, source };
}

it('hands over batches as SQS does and acknowledges what was not reported', async () => {
  const seen: unknown[] = [];
  const { clock, queue, source } = driving(async ({ Records }, remainingMs) => {
    seen.push([Records.map(({ body }) => JSON.parse(body) as string), remainingMs]);
    const failed = Records.filter(({ body }) => body === '"b"');
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });
  await queue.send(['a', 'b', 'c'].map((body) => ({ body })));
  expect([await source.poll(), await source.poll(), await source.poll()]).toEqual([2, 1, 0]);
  clock.advance(1);
  expect(await source.poll()).toBe(1);
  expect(seen).toEqual([
    [['a', 'b'], 120_000],
    [['c'], 120_000],
    [['b'], 120_000],
  ]);
  expect(await queue.counts()).toMatchObject({ dead: 0, waiting: 1 });
});

it('dead-letters, with its cause, what a function throws over five times', async () => {
  const { clock, queue, source } = driving(async () => {
    throw new Error('no table');
  });
  await queue.send([{ body: 'a' }]);
  for (let delivery = 0; delivery < 6; delivery++) {
    await source.poll();
    clock.advance(1);
  }
  expect(await queue.deadLetters()).toMatchObject([{ body: 'a', cause: 'no table' }]);
});
