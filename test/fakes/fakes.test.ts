import { alertStoreContract } from '../contracts/alert-store-contract';
import { analyticsContract } from '../contracts/analytics-contract';
import { deletionLogContract } from '../contracts/deletion-log-contract';
import { floorStoreContract } from '../contracts/floor-store-contract';
import { healthStoreContract } from '../contracts/health-store-contract';
import { quarantineContract } from '../contracts/quarantine-contract';
import { type Job, queueContract } from '../contracts/queue-contract';
import { storeContract } from '../contracts/segment-store-contract';
import { snapshotContract } from '../contracts/snapshot-contract';
import { ManualClock } from './manual-clock';
import { MemoryAnalytics } from './memory-analytics';
import { MemoryDeletions } from './memory-deletions';
import { MemoryHealth } from './memory-health';
import { MemoryQueue } from './memory-queue';
import { MemorySnapshots } from './memory-snapshots';
import { MemoryStore } from './memory-store';

const close = (): void => {};
const makeStore = () => ({ store: new MemoryStore(), close });

queueContract('memory', () => {
  const clock = new ManualClock();
  return {
    queue: new MemoryQueue<Job>(clock),
    advance: (seconds) => clock.advance(seconds),
    close,
  };
});
storeContract('memory', makeStore);
alertStoreContract('memory', makeStore);
floorStoreContract('memory', makeStore);
quarantineContract('memory', makeStore);
deletionLogContract('memory', () => ({ store: new MemoryDeletions(), close }));
analyticsContract('memory', () => ({ store: new MemoryAnalytics(), close }));
snapshotContract('memory', () => ({ store: new MemorySnapshots(), close }));
healthStoreContract('memory', () => ({ store: new MemoryHealth(), close }));
