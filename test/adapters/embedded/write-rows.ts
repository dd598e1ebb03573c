import { Database } from '../../../adapters/embedded/database';
import { SqliteQueue } from '../../../adapters/embedded/sqlite-queue';
import { SqliteStore } from '../../../adapters/embedded/sqlite-store';
import { itemAt } from '../../contracts/records';
import { ManualClock } from '../../fakes/manual-clock';

/** A process of its own: writes items, pointers and messages for ever and prints each one that is done. */
async function main(folder: string, first: number): Promise<void> {
  const database = Database.open(folder);
  const store = new SqliteStore(database);
  const queue = new SqliteQueue<number>(database, 'cpu', new ManualClock());
  for (let index = first; ; index++) {
    await store.putItem(itemAt(index));
    await store.setCurrent(itemAt(index), { onlyIfAbsent: true });
    await queue.send([{ body: index, deduplicationKey: String(index) }]);
    process.stdout.write(`${index}\n`);
  }
}

void main(process.argv[2]!, Number(process.argv[3]));
