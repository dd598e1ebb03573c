import type { TimedQueueCounts } from '../client/answers';
import { durationOf } from '../logic/words';
import { type Column, Table } from './table';

type NamedQueue = readonly [name: string, counts: TimedQueueCounts];

const COLUMNS: readonly Column<NamedQueue>[] = [
  { head: 'Queue', kind: 'name', cell: ([name]) => name },
  { head: 'Waiting', kind: 'number', cell: ([, { waiting }]) => waiting.toLocaleString('en') },
  { head: 'In work', kind: 'number', cell: ([, { inFlight }]) => inFlight.toLocaleString('en') },
  {
    head: 'Oldest',
    kind: 'number',
    cell: ([, { oldestSeconds }]) => (oldestSeconds === null ? '–' : durationOf(oldestSeconds)),
  },
  {
    head: 'Dead',
    kind: 'number',
    cell: ([, { dead }]) => (
      <span className={dead > 0 ? 'is-bad' : undefined}>{dead.toLocaleString('en')}</span>
    ),
  },
];

/** What waits for each function, since when, and what failed. */
export function QueueTable({
  queues,
}: {
  readonly queues: Readonly<Record<string, TimedQueueCounts>> | null;
}) {
  if (queues === null) {
    return <p className="quiet">Shown to those who may see every site.</p>;
  }
  return (
    <Table
      label="Queues"
      columns={COLUMNS}
      rows={Object.entries(queues)}
      keyOf={([name]) => name}
    />
  );
}
