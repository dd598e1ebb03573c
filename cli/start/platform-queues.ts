import type { Database } from '../../adapters/embedded/database';
import { SqliteQueue } from '../../adapters/embedded/sqlite-queue';
import type { AnalyticsRow, Clock, SegmentMessage } from '../../core/ports';
import { QUEUES } from '../queues';

/** The queues of one machine, each before the function that it feeds. */
export interface PlatformQueues {
  readonly landed: SqliteQueue<unknown>;
  readonly segments: SqliteQueue<SegmentMessage>;
  readonly analytics: SqliteQueue<readonly AnalyticsRow[]>;
  /** Where a tier of the fleet is on lane gpu. */
  readonly gpu?: SqliteQueue<SegmentMessage>;
}

/** Opens them, and puts back what a process that died had in hand: only for the owner of the data folder. */
export function openQueues(
  database: Database,
  { clock, hasGpuLane }: { readonly clock: Clock; readonly hasGpuLane: boolean },
): PlatformQueues {
  const queueOf = <Body>(name: string): SqliteQueue<Body> =>
    new SqliteQueue<Body>(database, name, clock);
  const queues: PlatformQueues = {
    landed: queueOf(QUEUES.route),
    segments: queueOf(QUEUES['detect-cpu']),
    analytics: queueOf(QUEUES.analytics),
    ...(hasGpuLane ? { gpu: queueOf<SegmentMessage>(QUEUES['detect-gpu']) } : {}),
  };
  for (const queue of Object.values(queues)) queue.recover();
  return queues;
}
