import { Database } from '../../../adapters/embedded/database';

/** A process of its own: holds a data folder until its input ends. */
const database = Database.open(process.argv[2]!);
process.stdout.write('held\n');
process.stdin.resume().on('end', () => database.close());
