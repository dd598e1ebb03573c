import { type Command, Option } from 'commander';
import { Database } from '../../adapters/embedded/database';
import { SqliteQueue } from '../../adapters/embedded/sqlite-queue';
import { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { parseLandedNotification } from '../../core/landed-notification';
import type { SegmentLine } from '../../core/listings';
import type { SegmentMessage } from '../../core/ports';
import { guarded } from '../exit';
import { DEFAULT_DATA } from '../options';
import { QUEUES } from '../queues';
import { BUCKET } from '../start/landing';

const clock = { now: () => new Date() };

interface SegmentsOptions {
  readonly data: string;
  readonly status?: 'quarantined' | 'waiting' | 'done';
  readonly json?: true;
}

export function registerSegments(program: Command): void {
  program
    .command('segments')
    .description('segments and what became of them; works beside a running start')
    .option('--data <dir>', 'data folder of start', DEFAULT_DATA)
    .addOption(
      new Option('--status <status>', 'only these').choices(['quarantined', 'waiting', 'done']),
    )
    .option('--json', 'one JSON value a line')
    .action(guarded(segments));
}

async function segments({ data, status, json }: SegmentsOptions): Promise<void> {
  const database = Database.openReadOnly(data);
  let printed = 0;
  const print = (value: SegmentLine): void => {
    printed++;
    console.log(
      json
        ? JSON.stringify(value)
        : `${value.status.padEnd(12)} ${value.segmentKey}  ${value.note}`,
    );
  };
  try {
    const store = new SqliteStore(database);
    const isWanted = (one: string): boolean => status === undefined || status === one;
    if (isWanted('quarantined')) {
      for (const { key, code, reason } of await store.rejections()) {
        print({ status: 'quarantined', segmentKey: key, note: `[${code}] ${reason}` });
      }
    }
    if (isWanted('waiting')) {
      for (const lane of ['detect-cpu', 'detect-gpu'] as const) {
        const queue = new SqliteQueue<SegmentMessage>(database, QUEUES[lane], clock);
        for (const { segmentKey, range } of await queue.waiting()) {
          print({ status: 'waiting', segmentKey, note: `${range} ms, for ${lane}` });
        }
      }
      const landed = new SqliteQueue(database, QUEUES.route, clock);
      for (const body of await landed.waiting()) {
        for (const { key } of parseLandedNotification(JSON.stringify(body), BUCKET)) {
          print({ status: 'waiting', segmentKey: key, note: 'for route' });
        }
      }
    }
    for (const camera of isWanted('done') ? await store.cameras() : []) {
      for await (const item of store.briefItems(camera)) {
        const seen = item.presences
          .map(({ className, zone }) => `${className} in ${zone}`)
          .join(', ');
        print({
          status: 'done',
          segmentKey: item.segmentKey,
          note: item.partialReason ?? (seen || 'quiet'),
        });
      }
    }
    if (printed === 0) console.error(`no ${status === undefined ? '' : `${status} `}segments`);
  } finally {
    database.close();
  }
}
