import { SnapshotFolder } from '../../../adapters/embedded/snapshot-folder';
import { SqliteAnalytics } from '../../../adapters/embedded/sqlite-analytics';
import { SqliteDeletions } from '../../../adapters/embedded/sqlite-deletions';
import { SqliteHealth } from '../../../adapters/embedded/sqlite-health';
import { SqliteQueue } from '../../../adapters/embedded/sqlite-queue';
import { SqliteStore } from '../../../adapters/embedded/sqlite-store';
import { alertStoreContract } from '../../contracts/alert-store-contract';
import { analyticsContract } from '../../contracts/analytics-contract';
import { deletionLogContract } from '../../contracts/deletion-log-contract';
import { floorStoreContract } from '../../contracts/floor-store-contract';
import { healthStoreContract } from '../../contracts/health-store-contract';
import { quarantineContract } from '../../contracts/quarantine-contract';
import { type Job, queueContract } from '../../contracts/queue-contract';
import { storeContract } from '../../contracts/segment-store-contract';
import { snapshotContract } from '../../contracts/snapshot-contract';
import { ManualClock } from '../../fakes/manual-clock';
import { cleanUpAfterEach, openDatabase, temporaryFolder } from './data-folder';

cleanUpAfterEach();

const close = (): void => {};
const makeStore = () => ({ store: new SqliteStore(openDatabase()), close });

queueContract('SQLite', () => {
  const clock = new ManualClock();
  return {
    queue: new SqliteQueue<Job>(openDatabase(), 'cpu', clock),
    advance: (seconds) => clock.advance(seconds),
    close,
  };
});
storeContract('SQLite', makeStore);
alertStoreContract('SQLite', makeStore);
floorStoreContract('SQLite', makeStore);
quarantineContract('SQLite', makeStore);
deletionLogContract('SQLite', () => ({ store: new SqliteDeletions(openDatabase()), close }));
analyticsContract('SQLite', () => ({ store: new SqliteAnalytics(openDatabase()), close }));
snapshotContract('folder', () => ({ store: new SnapshotFolder(temporaryFolder()), close }));
healthStoreContract('SQLite', () => ({ store: new SqliteHealth(openDatabase()), close }));
