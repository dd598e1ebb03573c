import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { Database } from '../adapters/embedded/database';
import { FootageFolder } from '../adapters/embedded/footage-folder';
import {
  type KnownVersion,
  readVersion,
  SqliteVersionMemory,
} from '../adapters/embedded/footage-version';
import { SnapshotFolder } from '../adapters/embedded/snapshot-folder';
import { SqliteStore } from '../adapters/embedded/sqlite-store';
import { FootageExpiry } from '../cli/start/footage-expiry';
import { fixedFleet } from '../core/fleet/fixed-source';
import { parseFleet } from '../core/fleet/parse';
import type { Presence } from '../core/segment-result';
import { cameraName } from './camera-name';
import { DAY_START_MS, itemOf, putItem } from './fleet-day';
import { describeMachine, type Machine, printMachine } from './machine';

const USAGE = 'usage: bench retention [--files COUNT] [--cameras COUNT] [--json]';
/** One segment in this many has somebody in it. */
const BUSY = 20;
/** Files written at once: all of a camera's items would fill the memory that is measured. */
const PORTION = 1000;
const FLEET = 'retention: { quietDays: 0, eventDays: 3650, archiveDays: 3650 }\n';

export interface RetentionRow {
  readonly step: 'look' | 'report' | 'enforce';
  readonly files: number;
  readonly seconds: number;
  /** Longest time that the event loop did nothing else, ms. */
  readonly longestBlockMs: number;
  /** CPU of the longest turn of the event loop, ms: what the block is where nothing else wants the cores. */
  readonly longestTurnCpuMs: number;
  /** Of the process until then. */
  readonly peakMemoryBytes: number;
}

/**
 * What retention costs beside the work where all of a folder is analysed: seconds, and for how long Ctrl-C, the
 * page and the queue wait. The folder is looked through before, as the intake does at each start.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      files: { type: 'string', default: '100000' },
      cameras: { type: 'string', default: '20' },
      json: { type: 'boolean' },
    },
  });
  const [files, cameras] = [Number(values.files), Number(values.cameras)];
  if (![files, cameras].every((count) => Number.isInteger(count) && count > 0))
    throw new Error(USAGE);
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-retention-'));
  try {
    const rows = await measure(folder, { files, cameras });
    const machine = describeMachine();
    if (values.json) console.log(JSON.stringify({ machine, files, cameras, rows }));
    else print(rows, machine, { files, cameras });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  folder: string,
  { files, cameras }: { readonly files: number; readonly cameras: number },
): Promise<RetentionRow[]> {
  const [footageFolder, data] = [join(folder, 'footage'), join(folder, 'data')];
  mkdirSync(footageFolder);
  const database = Database.open(data);
  await writeAnalysed(database, footageFolder, { files, cameras });
  const footage = await FootageFolder.open(footageFolder, new SqliteVersionMemory(database));
  const expiry = new FootageExpiry({
    database,
    footage,
    snapshots: new SnapshotFolder(join(data, 'snapshots')),
    store: new SqliteStore(database),
    fleet: fixedFleet(parseFleet('fleet.yaml', FLEET), { lanes: ['cpu'] }),
    probeSeconds: async () => 60,
  });
  const filesOf = async (mode: 'report' | 'enforce'): Promise<number> =>
    (await expiry.run(mode)).reduce((sum, one) => sum + one.files, 0);
  try {
    return [
      await watched('look', async () => (await footage.list(null)).landed.length),
      await watched('report', () => filesOf('report')),
      await watched('enforce', () => filesOf('enforce')),
    ];
  } finally {
    database.close();
  }
}

/** Files of a few bytes, each analysed: their bytes are not what retention reads. */
async function writeAnalysed(
  database: Database,
  footage: string,
  { files, cameras }: { readonly files: number; readonly cameras: number },
): Promise<void> {
  const versions = new SqliteVersionMemory(database);
  for (let index = 0; index < cameras; index++) {
    for (let from = 0; from < files / cameras; from += PORTION) {
      const count = Math.min(PORTION, files / cameras - from);
      const items = Array.from({ length: count }, (_, at) => {
        const segment = from + at;
        return itemOf(cameraName(index), segment, segment % BUSY === 0 ? [somebody(segment)] : []);
      });
      mkdirSync(dirname(join(footage, items[0]!.objectKey)), { recursive: true });
      for (const { objectKey } of items) writeFileSync(join(footage, objectKey), 'footage');
      const known: KnownVersion[] = [];
      for (const { objectKey } of items) known.push((await readVersion(join(footage, objectKey)))!);
      database.transaction(() => {
        for (const [at, item] of items.entries()) {
          versions.set(item.objectKey, known[at]!);
          putItem(database, { ...item, objectVersion: known[at]!.objectVersion });
        }
      });
    }
  }
}

function somebody(segment: number): Presence {
  const at = (seconds: number): string =>
    new Date(DAY_START_MS + (segment * 60 + seconds) * 1000).toISOString();
  return {
    className: 'person',
    zone: 'frame',
    moving: [{ from: at(20), to: at(40), peak: 1 }],
    still: [],
    peakCount: 1,
    bestConfidence: 0.8,
    bestAt: at(20),
    snapshotKey: null,
  };
}

async function watched(
  step: RetentionRow['step'],
  work: () => Promise<number>,
): Promise<RetentionRow> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const turns = new TurnWatch();
  const startedMs = performance.now();
  const files = await work();
  const seconds = (performance.now() - startedMs) / 1000;
  // What blocked last is counted when the loop comes round again.
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  return {
    step,
    files,
    seconds,
    longestBlockMs: delay.max / 1e6,
    longestTurnCpuMs: turns.end(),
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** Notes what this thread's CPU time has grown by whenever the event loop comes round. */
class TurnWatch {
  private longestMs = 0;
  private lastMs = threadCpuMs();
  private readonly timer = setInterval(() => this.look(), 1);

  /** @returns CPU of the longest turn, ms */
  end(): number {
    clearInterval(this.timer);
    return this.longestMs;
  }

  private look(): void {
    const nowMs = threadCpuMs();
    this.longestMs = Math.max(this.longestMs, nowMs - this.lastMs);
    this.lastMs = nowMs;
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function print(
  rows: readonly RetentionRow[],
  machine: Machine,
  { files, cameras }: { readonly files: number; readonly cameras: number },
): void {
  printMachine(machine);
  console.log(`${files} analysed files of ${cameras} cameras; somebody in one of ${BUSY}`);
  console.log('| step | files | seconds | longest block, ms | of it CPU, ms | peak memory, MB |');
  console.log('|---|---|---|---|---|---|');
  for (const { step, files: count, seconds, peakMemoryBytes, ...row } of rows) {
    const longest = [row.longestBlockMs, row.longestTurnCpuMs].map((ms) => ms.toFixed(0));
    const cells = [step, count, seconds.toFixed(1), ...longest];
    console.log(`| ${[...cells, (peakMemoryBytes / 1e6).toFixed(0)].join(' | ')} |`);
  }
}
