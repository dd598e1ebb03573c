import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Database } from '../adapters/embedded/database';
import { SqliteAnalytics } from '../adapters/embedded/sqlite-analytics';
import { SqliteQueue } from '../adapters/embedded/sqlite-queue';
import { SqliteStore } from '../adapters/embedded/sqlite-store';
import { PRODUCT_ANALYSIS_DEFAULTS } from '../core/camera-settings';
import type { Detection } from '../core/detection';
import type { AnalyticsRow, SegmentMessage } from '../core/ports';
import { formatSegmentKey, parseSegmentKey } from '../core/segment-key';
import type { SegmentItem } from '../core/segment-result';
import { describeMachine, printMachine } from './machine';

const USAGE = 'usage: bench queue [--segments COUNT] [--json]';
const FIRST_MS = Date.parse('2026-11-20T00:00:00.000Z');
const GOALS = { enqueuedPerSecond: 1000, workedPerSecond: 300 };

export interface QueueRates {
  readonly segments: number;
  readonly enqueuedPerSecond: number;
  /** Taken, item + pointer + analytics row written, acknowledged. */
  readonly workedPerSecond: number;
  readonly countsMs: number;
  readonly databaseBytesPerSegment: number;
}

/** Rates of the embedded queue and store, one segment a call, as the platform makes them. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { segments: { type: 'string', default: '10000' }, json: { type: 'boolean' } },
  });
  const segments = Number(values.segments);
  if (!Number.isInteger(segments) || segments < 1) throw new Error(USAGE);
  const rates = await measureQueue(segments);
  const machine = describeMachine();
  if (values.json) {
    console.log(JSON.stringify({ machine, goals: GOALS, rates }));
    return;
  }
  printMachine(machine);
  console.log(`${segments} segments of 60 samples, embedded queue and store on SQLite`);
  for (const [name, value] of Object.entries(rates).slice(1)) {
    const goal = name in GOALS ? `  goal ≥ ${GOALS[name as keyof typeof GOALS]}` : '';
    console.log(`${name.padEnd(26)}${value.toFixed(value < 10 ? 2 : 0).padStart(8)}${goal}`);
  }
}

/** Works `segments` through a database in a temporary folder. */
export async function measureQueue(segments: number): Promise<QueueRates> {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-bench-'));
  const database = Database.open(folder);
  try {
    const queue = new SqliteQueue<SegmentMessage>(database, 'cpu', { now: () => new Date() });
    const enqueueSeconds = await timed(async () => {
      for (let index = 0; index < segments; index++) {
        await queue.send([{ body: messageAt(index), deduplicationKey: `key-${index}` }]);
      }
    });
    const countsSeconds = await timed(() => queue.counts());
    const workSeconds = await timed(() => workAll(database, queue));
    const { bytes } = database.get(
      'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
    )!;
    return {
      segments,
      enqueuedPerSecond: segments / enqueueSeconds,
      workedPerSecond: segments / workSeconds,
      countsMs: countsSeconds * 1000,
      databaseBytesPerSegment: Number(bytes) / segments,
    };
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function workAll(database: Database, queue: SqliteQueue<SegmentMessage>): Promise<void> {
  const store = new SqliteStore(database);
  const analytics = new SqliteAnalytics(database);
  for (;;) {
    const [delivery] = await queue.receive({ max: 1, visibilitySeconds: 720 });
    if (!delivery) return;
    const item = itemOf(delivery.body);
    await store.putItem(item);
    await store.setCurrent(item, { onlyIfAbsent: true });
    await analytics.write([rowOf(item)]);
    await queue.acknowledge([delivery.receiptHandle]);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

function messageAt(index: number): SegmentMessage {
  const camera = `bench/camera-${index % 50}`;
  const startedAt = new Date(FIRST_MS + Math.floor(index / 50) * 60_000).toISOString();
  const segmentKey = formatSegmentKey({ camera, startedAt, seconds: 60, extension: 'mp4' });
  return {
    segmentKey,
    objectKey: segmentKey,
    objectVersion: `7500000-${index.toString(16).padStart(8, '0')}`,
    range: '0-60000',
    analysisId: '0123456789abcdef0123456789abcdef',
    camera,
    tier: 'steady',
    lane: 'cpu',
    model: 'default',
    floorId: null,
    settings: PRODUCT_ANALYSIS_DEFAULTS,
    attempt: 1,
  };
}

/** A busy segment: 60 samples, two detections each. */
function itemOf({ camera, ...message }: SegmentMessage): SegmentItem {
  const startMs = Date.parse(parseSegmentKey(message.segmentKey).startedAt);
  const detection = (): Detection => ({
    className: 'person',
    confidence: 0.8123,
    box: [0.1, 0.2, 0.3, 0.4],
  });
  return {
    schemaVersion: 1,
    segmentKey: message.segmentKey,
    objectKey: message.objectKey,
    objectVersion: message.objectVersion,
    range: message.range,
    analysisId: message.analysisId,
    camera,
    startedAt: new Date(startMs).toISOString(),
    endedAt: new Date(startMs + 60_000).toISOString(),
    analysedAt: new Date(startMs + 70_000).toISOString(),
    tier: message.tier,
    lane: message.lane,
    model: message.model,
    status: 'done',
    framesSampled: 60,
    framesDecoded: 60,
    framesInferred: 20,
    packetGate: { verdict: 'open', reason: 'bench', floorId: null },
    presences: [],
    frames: Array.from({ length: 60 }, (_, atSeconds) => ({
      atSeconds,
      source: 'inferred' as const,
      detections: [detection(), detection()],
    })),
    packetSummary: {
      windows: Array.from({ length: 60 }, (_, index) => ({
        phaseSeconds: index % 10,
        bitsPerMacroblock: 1.25,
      })),
    },
    usage: {
      cpuSeconds: 0.2,
      wallSeconds: 0.2,
      footageSeconds: 60,
      bytesRead: 7_500_000,
      rowsWritten: 2,
      snapshotsWritten: 0,
      snapshotBytes: 0,
      gpuMs: 0,
    },
  };
}

function rowOf({ startedAt, camera, tier, lane, model, segmentKey, range }: SegmentItem) {
  const fields = { cpuSeconds: 0.2, framesSampled: 60, framesDecoded: 60, framesInferred: 20 };
  const site = camera.split('/')[0]!;
  const at = startedAt;
  return { at, site, camera, tier, lane, model, segmentKey, range, fields } satisfies AnalyticsRow;
}
