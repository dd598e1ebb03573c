import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Database } from '../adapters/embedded/database';
import { formatSegmentKey } from '../core/segment-key';
import { describeMachine, printMachine, ranked } from './machine';

const USAGE = 'usage: bench latency [--segments COUNT] [--json]';
const ROOT = join(__dirname, '..');
/** Somebody is in it from its second to its last second. */
const FOOTAGE = join(ROOT, 'demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
const FOOTAGE_SECONDS = 60;
const TIERS = ['low', 'steady', 'high'] as const;
const WAIT_SECONDS = 120;
const FLEET = `
defaults:
  classes: [person, vehicle]
  alerts: [{ name: any, classes: [person], notify: out, cooldownMinutes: 0 }]
notify: { out: { stdout: true } }
sites: { low: { defaults: { tier: low } }, steady: { defaults: { tier: steady } }, high: { defaults: { tier: high } } }
`;

/** Seconds, of one segment. */
interface Latency {
  readonly landedToRows: number;
  readonly landedToAlert: number;
  /** Without the analysis itself: decoding, gates and inference. */
  readonly landedToAlertBeyondAnalysis: number;
  /** The last frame by the segment's own clock: the end of its key's span. */
  readonly lastFrameToAlert: number;
}

interface TierLatencies {
  readonly tier: string;
  readonly cold: Latency;
  readonly warm: readonly Latency[];
}

/**
 * How late rows and alerts are by tier, on one machine: the real `start` watches a folder, and segments with
 * somebody in them land one by one, each at the instant at which its key says that it ends. The first of each
 * tier is cold: the program, its children and (tier high) its model server have just been started.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { segments: { type: 'string', default: '20' }, json: { type: 'boolean' } },
  });
  const segments = Number(values.segments);
  if (!Number.isInteger(segments) || segments < 1) throw new Error(USAGE);
  const tiers: TierLatencies[] = [];
  for (const tier of TIERS) tiers.push(await measure(tier, segments));
  const machine = describeMachine();
  if (values.json) console.log(JSON.stringify({ machine, tiers }));
  else {
    printMachine(machine);
    print(tiers);
  }
}

async function measure(tier: string, segments: number): Promise<TierLatencies> {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-latency-'));
  const [footage, data] = [join(folder, 'footage'), join(folder, 'data')];
  mkdirSync(footage);
  writeFileSync(join(folder, 'fleet.yaml'), FLEET);
  // There, and up to date, before the first segment can ask for it.
  Database.open(data).close();
  const reader = Database.openReadOnly(data);
  const child = start(folder, { footage, data });
  try {
    const alerted = new Map<string, number>();
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (!line.startsWith('alert ')) return;
      const { camera } = JSON.parse(line.slice('alert '.length)) as { camera: string };
      alerted.set(camera, Date.now());
    });
    const found: Latency[] = [];
    for (let index = 0; index <= segments; index++) {
      const camera = `${tier}/camera-${index}`;
      const hasRow = (): boolean =>
        reader.get('SELECT 1 FROM current WHERE camera = ?', camera) !== undefined;
      const { landedMs, endMs } = land(footage, camera);
      const deadlineMs = landedMs + WAIT_SECONDS * 1000;
      let rowsMs = Number.NaN;
      while (Date.now() < deadlineMs && !(alerted.has(camera) && rowsMs > 0)) {
        if (Number.isNaN(rowsMs) && hasRow()) rowsMs = Date.now();
        await pause(5);
      }
      const alertMs = alerted.get(camera) ?? Number.NaN;
      found.push({
        landedToRows: (rowsMs - landedMs) / 1000,
        landedToAlert: (alertMs - landedMs) / 1000,
        landedToAlertBeyondAnalysis:
          (alertMs - landedMs) / 1000 - analysisSecondsOf(reader, camera),
        lastFrameToAlert: (alertMs - endMs) / 1000,
      });
    }
    const [cold, ...warm] = found;
    return { tier, cold: cold!, warm };
  } finally {
    child.kill('SIGKILL');
    reader.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Of a camera's one item; NaN where there is none. */
function analysisSecondsOf(reader: Database, camera: string): number {
  const row = reader.get(
    "SELECT json_extract(item, '$.usage.wallSeconds') AS seconds FROM items JOIN current USING (segment_key, object_version, range, analysis_id) WHERE camera = ?",
    camera,
  );
  return row === undefined ? Number.NaN : Number(row.seconds);
}

function start(
  folder: string,
  { footage, data }: { readonly footage: string; readonly data: string },
): ChildProcess {
  return spawn(
    process.execPath,
    [
      join(ROOT, 'cli/tierwatch.js'),
      ...['start', '--footage', footage, '--fleet', join(folder, 'fleet.yaml')],
      ...['--data', data, '--workers', '1', '--no-page'],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
}

/** Renames a whole file into place, as `land` does, under a key whose span ends now. */
function land(footage: string, camera: string): { landedMs: number; endMs: number } {
  const part = join(footage, camera, 'landing.part');
  mkdirSync(dirname(part), { recursive: true });
  copyFileSync(FOOTAGE, part);
  const endMs = Date.now();
  const startedAt = new Date(endMs - FOOTAGE_SECONDS * 1000).toISOString();
  const span = { camera, startedAt, seconds: FOOTAGE_SECONDS, extension: 'mp4' } as const;
  renameSync(part, join(footage, formatSegmentKey(span)));
  return { landedMs: Date.now(), endMs };
}

function print(tiers: readonly TierLatencies[]): void {
  const names = [
    ['landedToRows', 'landed → rows'],
    ['landedToAlert', 'landed → alert'],
    ['landedToAlertBeyondAnalysis', 'landed → alert, without the analysis'],
    ['lastFrameToAlert', 'last frame → alert'],
  ] as const;
  console.log('Seconds; warm segments by nearest rank');
  console.log('| tier | from → to | p50 | p95 | p99 | cold |');
  console.log('|---|---|---|---|---|---|');
  for (const { tier, cold, warm } of tiers) {
    for (const [name, words] of names) {
      const values = warm.map((one) => one[name]);
      const ranks = [0.5, 0.95, 0.99].map((share) => ranked(values, share));
      const cells = [...ranks, cold[name]].map((one) => one.toFixed(2));
      console.log(`| ${[tier, words, ...cells].join(' | ')} |`);
    }
  }
}
