import { deadLetterEntry } from '../../core/dead-letter';
import type { Queue, QueueCounts } from '../../core/ports';
import type { QueueDesk } from './deps';

/** A queue that is read letter by letter, and knows how long its oldest message has waited. */
export type DeskQueue = Pick<Queue<unknown>, 'counts' | 'deadLetters'> & {
  oldestSeconds(): Promise<number | null>;
};

/** The desk of queues that can be read whole. @param queues by the function that they feed */
export function queueDesk(
  queues: Readonly<Record<string, DeskQueue>>,
  redrive?: NonNullable<QueueDesk['redrive']>,
): QueueDesk {
  const entries = Object.entries(queues);
  return {
    counts: async () => {
      const counts = entries.map(async ([name, queue]): Promise<[string, QueueCounts]> => {
        const oldestSeconds = await queue.oldestSeconds();
        return [name, { ...(await queue.counts()), oldestSeconds }];
      });
      return Object.fromEntries(await Promise.all(counts));
    },
    deadLetters: async () => {
      const letters = entries.map(async ([name, queue]) =>
        (await queue.deadLetters()).map((letter) => deadLetterEntry(name, letter)),
      );
      return (await Promise.all(letters)).flat();
    },
    ...(redrive ? { redrive } : {}),
  };
}
