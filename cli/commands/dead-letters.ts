import type { Command } from 'commander';
import { Database } from '../../adapters/embedded/database';
import { SqliteQueue } from '../../adapters/embedded/sqlite-queue';
import type { SegmentMessage } from '../../core/ports';
import { guarded } from '../exit';
import { DEFAULT_DATA, UsageError } from '../options';

export function registerDeadLetters(program: Command): void {
  const letters = program.command('dead-letters').description('segments that failed five times');
  letters
    .command('list')
    .description('each with its cause')
    .option('--data <dir>', 'data folder of start', DEFAULT_DATA)
    .option('--json', 'one JSON value a line')
    .action(
      guarded(async ({ data, json }: { data: string; json?: true }) => {
        for (const letter of await withQueue(data, false, (queue) => queue.deadLetters())) {
          const { id, deadAt, body, cause } = letter;
          console.log(
            json ? JSON.stringify(letter) : `${id}  ${deadAt}  ${body.segmentKey}  ${cause}`,
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
        const found = (await withQueue(data, false, (queue) => queue.deadLetters())).find(
          (one) => one.id === id,
        );
        if (!found)
          throw new UsageError(
            `"${id}": expected the id of a dead letter, found none; see "tierwatch dead-letters list"`,
          );
        console.log(JSON.stringify(found, null, 2));
      }),
    );
  letters
    .command('redrive')
    .description('put them back into the queue, all or by id; the next start works them')
    .argument('[id...]', 'as list shows them; default: all')
    .option('--data <dir>', 'data folder of start', DEFAULT_DATA)
    .action(
      guarded(async (ids: string[], { data }: { data: string }) => {
        const moved = await withQueue(data, true, (queue) =>
          queue.redrive(ids.length > 0 ? ids : undefined),
        );
        console.log(`${moved} dead letters are back in the queue`);
      }),
    );
}

async function withQueue<T>(
  data: string,
  writes: boolean,
  work: (queue: SqliteQueue<SegmentMessage>) => Promise<T>,
): Promise<T> {
  const database = writes ? Database.open(data) : Database.openReadOnly(data);
  try {
    return await work(new SqliteQueue(database, 'segments', { now: () => new Date() }));
  } finally {
    database.close();
  }
}
