import type { SQSClient } from '@aws-sdk/client-sqs';
import { type DeadLetterEntry, deadLetterEntry } from '../../core/dead-letter';
import type { Clock, FailureNotes, QueueCounts } from '../../core/ports';
import { Lately } from './lately';
import { SqsQueue } from './sqs-queue';

/** ARNs of a queue that a function is fed from, and of its dead letters. */
export interface DeskQueue {
  readonly arn: string;
  readonly deadLetterArn: string;
}

export interface SqsDeskOptions {
  /** By the function that they feed. */
  readonly queues: Readonly<Record<string, DeskQueue>>;
  /** Address of any of them: those of one account and region differ by the name alone. */
  readonly anyUrl: string;
  /** Seconds that each queue's oldest message has waited, by the queue's name. */
  readonly ages: { oldestSeconds(names: readonly string[]): Promise<ReadonlyMap<string, number>> };
  readonly failures: Pick<FailureNotes, 'find'>;
  readonly clock: Clock;
}

/** Every page that is open asks every few seconds; SQS is asked this often at most (ms). */
const COUNTS_FOR_MS = 10_000;
const LETTERS_FOR_MS = 30_000;
/** CloudWatch has a new age once a minute, and is paid for by the question. */
const AGES_FOR_MS = 60_000;
/** Functions that may write no note of why they failed (docs/decisions/dead-letters.md). */
const LOG_ONLY: readonly string[] = ['analytics', 'retention'];

/** All queues of an environment on SQS: what waits, what failed, and putting it back. */
export class SqsDesk {
  private readonly queues: ReadonlyMap<string, SqsQueue<unknown>>;
  private readonly lately: {
    readonly counts: Lately<Readonly<Record<string, QueueCounts>>>;
    readonly ages: Lately<ReadonlyMap<string, number>>;
    readonly letters: Lately<readonly DeadLetterEntry[]>;
  };

  constructor(
    sqs: SQSClient,
    private readonly options: SqsDeskOptions,
  ) {
    const { queues, anyUrl, ages, clock } = options;
    const entries = Object.entries(queues);
    const urlOf = (arn: string): string => new URL(nameOf(arn), anyUrl).href;
    this.queues = new Map(
      entries.map(([name, { arn, deadLetterArn }]) => {
        const deadLetter = { url: urlOf(deadLetterArn), arn: deadLetterArn };
        return [name, new SqsQueue(sqs, { url: urlOf(arn), arn, deadLetter })];
      }),
    );
    const names = entries.map(([, { arn }]) => nameOf(arn));
    this.lately = {
      counts: new Lately(COUNTS_FOR_MS, clock, () => this.askCounts()),
      ages: new Lately(AGES_FOR_MS, clock, () => ages.oldestSeconds(names)),
      letters: new Lately(LETTERS_FOR_MS, clock, () => this.look()),
    };
  }

  /** Approximate, as SQS's own, and some seconds old. */
  counts(): Promise<Readonly<Record<string, QueueCounts>>> {
    return this.lately.counts.ask();
  }

  /** A look at up to ten of each queue, latest failures or not. */
  deadLetters(): Promise<readonly DeadLetterEntry[]> {
    return this.lately.letters.ask();
  }

  /** Starts moving all dead letters back, of one function's queue or of each. @returns how many were waiting */
  async redriveAll(name?: string): Promise<number> {
    const chosen = name === undefined ? [...this.queues.values()] : [this.queues.get(name)];
    let moved = 0;
    for (const queue of chosen) moved += (await queue?.redrive()) ?? 0;
    this.lately.counts.forget();
    this.lately.letters.forget();
    return moved;
  }

  private async askCounts(): Promise<Readonly<Record<string, QueueCounts>>> {
    // Counts stand without ages, which are another service's.
    const ages = await this.lately.ages.ask().catch(() => new Map<string, number>());
    const found = [...this.queues].map(async ([name, queue]) => {
      const counts = await queue.counts();
      const age = ages.get(nameOf(this.options.queues[name]!.arn)) ?? null;
      const oldestSeconds = counts.waiting + counts.inFlight === 0 ? null : age;
      return [name, { ...counts, oldestSeconds }] as const;
    });
    return Object.fromEntries(await Promise.all(found));
  }

  /** Asks only the queues that have any. */
  private async look(): Promise<readonly DeadLetterEntry[]> {
    const counts = await this.lately.counts.ask();
    const found = [...this.queues].map(async ([name, queue]) => {
      if (counts[name]?.dead === 0) return [];
      const letters = await queue.deadLetters();
      return Promise.all(
        letters.map(async (letter) => {
          if (LOG_ONLY.includes(name)) {
            const cause = `the log of "${name}" has it: look there for "${letter.id}"`;
            return deadLetterEntry(name, { ...letter, cause });
          }
          const noted = await this.options.failures.find(letter.id);
          const known = noted ? { cause: noted.cause, deadAt: noted.at } : {};
          return deadLetterEntry(name, { ...letter, ...known });
        }),
      );
    });
    return (await Promise.all(found)).flat();
  }
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
