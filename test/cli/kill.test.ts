import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../adapters/embedded/database';
import { SqliteStore } from '../../adapters/embedded/sqlite-store';
import type { SegmentItem } from '../../core/segment-result';
import { Random } from '../../model-build/simulator/random';
import { runAndKill, runCli, waitFor } from './run-cli';

const DEMO = join(__dirname, '../../demo/footage/harbour-depot');
const SEGMENTS = 45;
const KILLS = 20;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-kill-'));
  const sources = ['lobby', 'car-park', 'street'].flatMap((camera) =>
    readdirSync(join(DEMO, camera)).map((name) => join(DEMO, camera, name)),
  );
  for (let index = 0; index < SEGMENTS; index++) {
    const target = join(folder, 'footage/site', `cam-${index % 3}`);
    mkdirSync(target, { recursive: true });
    const start = new Date(Date.parse('2026-11-02T08:00:00.000Z') + Math.floor(index / 3) * 60_000);
    cpSync(
      sources[index % sources.length]!,
      join(target, `${start.toISOString().replace(/[-:]|\.000/g, '')}_60s.mp4`),
    );
  }
  writeFileSync(join(folder, 'footage/site/cam-0/20261102T235900Z_60s.mp4'), 'not a video');
  writeFileSync(
    join(folder, 'fleet.yaml'),
    'defaults: { classes: [person, vehicle], packetGate: off }\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (data: string): string[] => [
  'start',
  '--once',
  '--footage',
  join(folder, 'footage'),
  '--fleet',
  join(folder, 'fleet.yaml'),
  '--data',
  join(folder, data),
];

/** Everything that was decided, without what it cost and when. */
async function rowsOf(data: string): Promise<object[]> {
  const database = Database.openReadOnly(join(folder, data));
  const store = new SqliteStore(database);
  const rows: object[] = [];
  for (const camera of await store.cameras()) {
    for await (const { usage: _, analysedAt: __, ...row } of store.itemsOfCamera(camera, {}))
      rows.push(row satisfies Omit<SegmentItem, 'usage' | 'analysedAt'>);
  }
  const rejected = (await store.rejections()).map(({ at: _, ...rest }) => rest);
  database.close();
  return [...rows, ...rejected];
}

function countRows(data: string): number {
  if (!existsSync(join(folder, data, 'tierwatch.sqlite'))) return 0;
  try {
    const database = Database.openReadOnly(join(folder, data));
    const row = database.get('SELECT COUNT(*) AS rows FROM items');
    database.close();
    return Number(row?.rows);
  } catch {
    // The process is just making it.
    return 0;
  }
}

function leftAside(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.part'),
  );
}

describe('kill -9', () => {
  it(`at ${KILLS} seeded moments on ${SEGMENTS} segments loses nothing and does nothing twice`, {
    timeout: 1_800_000,
  }, async () => {
    expect(runCli(...start('undisturbed')).status).toBe(3);
    const expected = await rowsOf('undisturbed');
    expect(expected).toHaveLength(SEGMENTS + 1);

    const random = new Random(20_261_120);
    let killed = 0;
    for (let attempt = 0; attempt < KILLS; attempt++) {
      const before = countRows('killed');
      // Half die while starting, half a random moment after they wrote their first row.
      const isStarted = attempt % 2 === 0 ? () => true : () => countRows('killed') > before;
      const delayMs = attempt % 2 === 0 ? random.between(100, 1200) : random.between(0, 120);
      const moment = (isRunning: () => boolean) => waitFor(isStarted, isRunning, delayMs);
      if ((await runAndKill(moment, ...start('killed'), '--workers', '1')) === 'killed') killed++;
    }
    expect(killed).toBeGreaterThanOrEqual(KILLS - 5);
    expect((await rowsOf('killed')).length).toBeGreaterThan(0);
    const last = runCli(...start('killed'));
    expect([0, 3]).toContain(last.status);
    expect(await rowsOf('killed')).toEqual(expected);
    expect(leftAside(folder)).toEqual([]);
  });
});
