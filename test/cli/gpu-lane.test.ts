import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Database } from '../../adapters/embedded/database';
import { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { childrenOf, commandOf } from '../child-processes';
import { runCli } from './run-cli';

const ROOT = join(__dirname, '../..');
let folder: string;
let start: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-gpu-'));
  const demo = readFileSync(join(ROOT, 'demo/fleet.yaml'), 'utf8');
  const fleet = demo.replace('  tier: steady\n', '  tier: high\n');
  writeFileSync(join(folder, 'fleet.yaml'), fleet);
  start = [
    'start',
    '--once',
    '--fleet',
    join(folder, 'fleet.yaml'),
    '--data',
    join(folder, 'data'),
  ];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Lane of each segment that was done. */
async function lanes(): Promise<string[]> {
  const database = Database.openReadOnly(join(folder, 'data'));
  try {
    const store = new SqliteStore(database);
    const all: string[] = [];
    for (const camera of await store.cameras()) {
      for await (const { lane } of store.itemsOfCamera(camera, {})) all.push(`${camera} ${lane}`);
    }
    return all.sort();
  } finally {
    database.close();
  }
}

it('cameras of gpu tiers are analysed by the model server that start runs as its child', async () => {
  const { status, stderr, stdout } = runCli(...start);
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('ended')]);
  expect(stdout).toContain('tier high');
  expect(await lanes()).toEqual([
    'harbour-depot/car-park gpu',
    'harbour-depot/car-park gpu',
    'harbour-depot/lobby gpu',
    'harbour-depot/lobby gpu',
    'harbour-depot/street cpu',
    'harbour-depot/street cpu',
  ]);
});

it('nothing is lost when that server is killed, and no server outlives its parent', async () => {
  const child = spawn(process.execPath, [join(ROOT, 'cli/tierwatch.js'), ...start], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => said.push(line));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  /** Decoders are children of the same parent. */
  const serverOf = (): number =>
    childrenOf(child.pid!).find((pid) => commandOf(pid).includes('serve.entry')) ?? 0;
  while (serverOf() === 0) await pause(20);
  const victim = serverOf();
  process.kill(victim, 'SIGKILL');
  let server = 0;
  while (child.exitCode === null) {
    const now = serverOf();
    if (now !== victim && now !== 0) server = now;
    await pause(20);
  }
  expect(await ended).toBe(0);
  expect(said.join('\n')).toContain("the gpu lane's server ended (signal SIGKILL)");
  expect((await lanes()).length).toBe(6);
  while (server !== 0 && isAlive(server)) await pause(20);
});
