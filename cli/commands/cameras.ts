import type { Command } from 'commander';
import { Database } from '../../adapters/embedded/database';
import { SqliteHealth } from '../../adapters/embedded/sqlite-health';
import { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { reportCamera } from '../../core/camera-report';
import type { CameraLine } from '../../core/listings';
import { guarded } from '../exit';
import { DEFAULT_DATA } from '../options';
import { describeOddities } from '../start/summary';

export function registerCameras(program: Command): void {
  program
    .command('cameras')
    .description('each camera with its footage, silence, clock and overlapping segments')
    .option('--data <dir>', 'data folder of start', DEFAULT_DATA)
    .option('--json', 'one JSON value a line')
    .action(guarded(cameras));
}

async function cameras({ data, json }: { data: string; json?: true }): Promise<void> {
  const database = Database.openReadOnly(data);
  try {
    const store = new SqliteStore(database);
    const health = new SqliteHealth(database);
    const landings = await health.lastLandings();
    const names = new Set([...landings.keys(), ...(await store.cameras())]);
    for (const camera of [...names].sort()) {
      const items = await Array.fromAsync(store.briefItems(camera));
      const latest = await health.latestHealthAlert(camera);
      const line: CameraLine = {
        ...reportCamera(camera, items),
        lastLandedAt: landings.get(camera) ?? null,
        silentSince: latest?.state === 'raised' ? latest.lastLandedAt : null,
      };
      if (json) console.log(JSON.stringify(line));
      else for (const text of describe(line)) console.log(text);
    }
  } finally {
    database.close();
  }
}

function describe(line: CameraLine): string[] {
  const { camera, segments, firstAt, lastAt, lastLandedAt, silentSince } = line;
  const span = firstAt === null ? 'no footage yet' : `footage from ${firstAt} to ${lastAt}`;
  const head = `${camera}: ${segments} segments, ${span}, last landed ${lastLandedAt ?? 'before this was noted'}`;
  const silent = silentSince === null ? [] : [`${camera}: silent since ${silentSince}`];
  return [head, ...silent, ...describeOddities(line)];
}
