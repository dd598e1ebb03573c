import { join } from 'node:path';
import type { Command } from 'commander';
import { Database } from '../../adapters/embedded/database';
import { DataFolderError } from '../../adapters/embedded/errors';
import { FootageFolder } from '../../adapters/embedded/footage-folder';
import { SnapshotFolder } from '../../adapters/embedded/snapshot-folder';
import { SqliteAnalytics } from '../../adapters/embedded/sqlite-analytics';
import { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { ModelShelf } from '../../adapters/onnx/model-shelf';
import { WorkerPool } from '../../adapters/worker/pool';
import { PoolAnalyser } from '../../adapters/worker/pool-analyser';
import { analyticsRowOf } from '../../core/analytics-row';
import type { CameraSettings } from '../../core/camera-settings';
import { TierwatchError } from '../../core/errors';
import type { StitchedEvent } from '../../core/events';
import { resolveCamera } from '../../core/fleet/resolve';
import { type Fleet, PRODUCT_TIERS } from '../../core/fleet/schema';
import { compareRerun, rerunItem } from '../../core/rerun';
import type { SegmentItem } from '../../core/segment-result';
import { EXIT, guarded } from '../exit';
import { FLEET_OPTION, namedFleet } from '../named-fleet';
import {
  DEFAULT_DATA,
  DEFAULT_MODEL,
  DEMO_FOOTAGE,
  defaultWorkers,
  instant,
  UsageError,
  wholeNumber,
} from '../options';
import { Progress } from '../start/progress';

interface RerunOptions {
  readonly camera: string;
  readonly since: string;
  readonly tier?: string;
  readonly model: string;
  readonly models?: string;
  readonly fleet?: string;
  readonly footage: string;
  readonly data: string;
  readonly workers: number;
  readonly promote?: true;
  readonly json?: true;
}

export function registerRerun(program: Command): void {
  program
    .command('rerun')
    .description(
      "analyse a camera's footage again and show the difference, event by event; never alerts",
    )
    .requiredOption('--camera <camera>', 'site/camera')
    .requiredOption('--since <instant>', 'segments that end after it', instant)
    .option('--tier <name>', 'by this tier; default: the camera’s')
    .option('--model <dir>', 'by this model bundle where tiers say default', DEFAULT_MODEL)
    .option('--models <dir>', 'folder of further bundles, by the name that a tier’s `model` gives')
    .option(...FLEET_OPTION)
    .option('--footage <dir>', 'footage folder of start', DEMO_FOOTAGE)
    .option('--data <dir>', 'data folder of start, which must not be running', DEFAULT_DATA)
    .option('--workers <count>', 'child processes', wholeNumber, defaultWorkers())
    .option('--promote', 'make the new analyses current')
    .option('--json', 'one JSON value a line')
    .action(guarded(rerun));
}

async function rerun(options: RerunOptions): Promise<void> {
  const fleet = withTier(namedFleet(options).fleet, options);
  const models = new ModelShelf(options.model, options.models ?? null);
  const footage = await FootageFolder.open(options.footage);
  const database = Database.openExisting(options.data);
  const pool = new WorkerPool({ size: options.workers, deadlineSeconds: 600 });
  const progress = new Progress();
  try {
    const store = new SqliteStore(database);
    const current = await Array.fromAsync(
      store.itemsOfCamera(options.camera, { from: options.since }),
    );
    if (current.length === 0) {
      throw new UsageError(
        `"${options.camera}": expected segments since ${options.since}, found none; see "tierwatch segments"`,
      );
    }
    const deps = {
      analyser: new PoolAnalyser(pool, {
        pathOf: (key) => footage.pathOf(key),
        modelFolderOf: (model) => models.folderOf(model),
        limits: fleet.limits,
      }),
      store,
      floors: store,
      snapshots: new SnapshotFolder(join(options.data, 'snapshots')),
      clock: { now: () => new Date() },
    };
    const settingsOf = (at: string): CameraSettings =>
      resolveCamera(fleet, options.camera, at).settings;
    const planned = current.map((item) => {
      const settings = settingsOf(item.startedAt);
      return { item, plan: { settings, modelSha256: models.bundleOf(settings.model).sha256 } };
    });
    let done = 0;
    const tried = await Promise.all(
      planned.map(async ({ item, plan }) => {
        const again = await rerunItem(item, plan, deps).catch((error: unknown) =>
          asFailure(item, error),
        );
        progress.show(`${++done} of ${current.length} segments`);
        return { item, again };
      }),
    );
    progress.clear();
    const worked = tried.flatMap(({ item, again }) =>
      again instanceof SegmentFailure ? [] : [{ item, again }],
    );
    const failures = tried.flatMap(({ again }) => (again instanceof SegmentFailure ? [again] : []));
    for (const { line } of failures) console.error(line);
    const again = worked.map((one) => one.again);
    if (again.length > 0) {
      report(
        { current: worked.map(({ item }) => item), again },
        { settings: settingsOf(current[0]!.startedAt), isJson: options.json === true },
      );
    }
    if (options.promote) {
      for (const item of again) await store.setCurrent(item, { onlyIfAbsent: false });
      const currentAt = new Date().toISOString();
      const rows = again.map((item) => ({ ...analyticsRowOf(item), currentAt }));
      await new SqliteAnalytics(database).write(rows);
    }
    if (failures.length > 0) {
      console.error(
        `${failures.length} of ${current.length} segments failed: they are not compared, and stay as they are`,
      );
      process.exitCode = EXIT.someRejected;
    }
    console.error(
      options.promote
        ? `${again.length} analyses are current now`
        : 'nothing was changed; --promote makes these analyses current',
    );
  } finally {
    pool.close();
    database.close();
  }
}

class SegmentFailure {
  constructor(readonly line: string) {}
}

/** What fails one segment; rethrown where it would fail all. */
function asFailure({ segmentKey, range }: SegmentItem, error: unknown): SegmentFailure {
  if (!(error instanceof TierwatchError) || error instanceof DataFolderError) throw error;
  return new SegmentFailure(`failed ${segmentKey} ${range} [${error.code}]: ${error.message}`);
}

/** The fleet with the camera in the asked tier, whatever its schedules say. @throws {UsageError} for no such tier */
function withTier(fleet: Fleet, { camera, tier }: RerunOptions): Fleet {
  if (tier === undefined) return fleet;
  const known = [...new Set([...Object.keys(PRODUCT_TIERS), ...Object.keys(fleet.tiers)])];
  if (!known.includes(tier)) {
    throw new UsageError(`"--tier ${tier}": expected ${known.join(', ')}, found none of these`);
  }
  const { schedule: _, ...entry } = fleet.cameras[camera] ?? {};
  return { ...fleet, cameras: { ...fleet.cameras, [camera]: { ...entry, tier } } };
}

function report(
  { current, again }: { current: readonly SegmentItem[]; again: readonly SegmentItem[] },
  { settings, isJson }: { settings: CameraSettings; isJson: boolean },
): void {
  const { lost, gained, keptRatio } = compareRerun(current, again, settings);
  const print = (change: 'lost' | 'gained', { partIds: _, ...event }: StitchedEvent): void =>
    console.log(
      isJson
        ? JSON.stringify({ change, ...event })
        : `${change.padEnd(6)} ${event.className.padEnd(10)} ${event.zone.padEnd(10)} ${event.startedAt} to ${event.endedAt}  best confidence ${event.bestConfidence.toFixed(2)}`,
    );
  for (const event of lost) print('lost', event);
  for (const event of gained) print('gained', event);
  const cpuSeconds = (items: readonly SegmentItem[]): string =>
    items.reduce((sum, { usage }) => sum + usage.cpuSeconds, 0).toFixed(1);
  console.error(
    `${(keptRatio * 100).toFixed(1)} % of events kept, ${gained.length} gained; ${cpuSeconds(current)} CPU s before, ${cpuSeconds(again)} CPU s now`,
  );
}
