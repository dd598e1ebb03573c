import type { Command } from 'commander';
import { Database } from '../../adapters/embedded/database';
import { SqliteQueue } from '../../adapters/embedded/sqlite-queue';
import type { DeadLetter } from '../../core/ports';
import { guarded } from '../exit';
import { DEFAULT_DATA, UsageError, wholeNumber } from '../options';
import { QUEUES } from '../queues';
import { counted } from '../table';

export function registerDeadLetters(program: Command): void {
  const letters = program
    .command('dead-letters')
    .description('messages that failed five times, of every queue');
  letters
    .command('list')
    .description('each with its cause')
    .option('--data <dir>', 'data folder of start', DEFAULT_DATA)
    .option('--json', 'one JSON value a line')
    .action(
      guarded(async ({ data, json }: { data: string; json?: true }) => {
        const found = await withQueues(data, false, allLetters);
        if (found.length === 0) console.error('no dead letters');
        for (const letter of found) {
          const { queue, id, deadAt, body, cause } = letter;
          const subject = body.segmentKey ?? 'a message';
          console.log(
            json ? JSON.stringify(letter) : `${id}  ${queue}  ${deadAt}  ${subject}  ${cause}`,
          );
        }
      }),
    );
  letters
    .command('show')
    .description('one, whole, as JSON')
    .argument('<id>', 'as list shows it')
    .option('--data <dir>', 'data folder of start', DEFAULT_DATA)
    .action(
      guarded(async (id: string, { data }: { data: string }) => {
        const letters = await withQueues(data, false, allLetters);
        console.log(JSON.stringify(requireLetter(letters, id), null, 2));
      }),
    );
  letters
    .command('redrive')
    .description('put them back into the queue, all or by id; the next start works them')
    .argument('[id...]', 'as list shows them; default: all')
    .option('--data <dir>', 'data folder of start', DEFAULT_DATA)
    .option('--queue-url <url>', 'an SQS queue instead: moves all its dead letters back')
    .option('--per-second <messages>', 'with --queue-url: messages a second', wholeNumber)
    .action(guarded(redrive));
}

interface RedriveOptions {
  readonly data: string;
  readonly queueUrl?: string;
  readonly perSecond?: number;
}

async function redrive(ids: string[], options: RedriveOptions): Promise<void> {
  const { data, queueUrl, perSecond } = options;
  if (queueUrl !== undefined) {
    if (ids.length > 0) throw new UsageError('SQS moves all dead letters or none: expected no ids');
    // Loaded only here: every other command starts without the SDK.
    const {
      createClients,
      DEFAULT_CLIENT_OPTIONS,
    }: typeof import('../../adapters/aws/clients') = require('../../adapters/aws/clients');
    const {
      redriveQueue,
    }: typeof import('../../adapters/aws/sqs-redrive') = require('../../adapters/aws/sqs-redrive');
    const region = /sqs\.([a-z0-9-]+)\.amazonaws\.com/.exec(queueUrl)?.[1];
    const { sqs } = createClients({ region: region ?? 'us-east-1', ...DEFAULT_CLIENT_OPTIONS });
    const waiting = await redriveQueue(sqs, { url: queueUrl, perSecond });
    console.log(`${counted(waiting, 'dead letter')} on the way back`);
    return;
  }
  const moved = await withQueues(data, true, async (queues) => {
    const letters = await allLetters(queues);
    for (const id of ids) requireLetter(letters, id);
    const wanted = ids.length > 0 ? ids : undefined;
    const counts = await Promise.all(queues.map(({ queue }) => queue.redrive(wanted)));
    return counts.reduce((sum, count) => sum + count, 0);
  });
  console.log(`${counted(moved, 'dead letter')} put back into the queue`);
}

/** @throws {UsageError} */
function requireLetter<Letter extends { readonly id: string }>(
  letters: readonly Letter[],
  id: string,
): Letter {
  const found = letters.find((one) => one.id === id);
  if (found) return found;
  throw new UsageError(
    `"${id}": expected the id of a dead letter, found none; see "tierwatch dead-letters list"`,
  );
}

type Body = { readonly segmentKey?: string };
type Named = { readonly name: keyof typeof QUEUES; readonly queue: SqliteQueue<Body> };

async function allLetters(
  queues: readonly Named[],
): Promise<(DeadLetter<Body> & { readonly queue: string })[]> {
  const found = queues.map(async ({ name, queue }) =>
    (await queue.deadLetters()).map((letter) => ({ queue: name, ...letter })),
  );
  return (await Promise.all(found)).flat();
}

async function withQueues<T>(
  data: string,
  writes: boolean,
  work: (queues: readonly Named[]) => Promise<T>,
): Promise<T> {
  const database = writes ? Database.openExisting(data) : Database.openReadOnly(data);
  const clock = { now: () => new Date() };
  try {
    const names = Object.keys(QUEUES) as (keyof typeof QUEUES)[];
    return await work(
      names.map((name) => ({ name, queue: new SqliteQueue<Body>(database, QUEUES[name], clock) })),
    );
  } finally {
    database.close();
  }
}
