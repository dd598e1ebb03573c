import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from './run-cli';

const LOBBY = join(__dirname, '../../demo/footage/harbour-depot/lobby');
const SINCE = '2026-11-02T00:00:00Z';
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-own-'));
  cpSync(LOBBY, at('footage/my-shop/till'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('own footage without --fleet runs by a fleet of its own cameras, and says how to write one', () => {
  const footage = ['--footage', at('footage')];
  const started = runCli('start', '--once', ...footage, '--data', at('data'));
  expect([started.status, started.stderr]).toEqual([
    0,
    expect.stringContaining(
      `No --fleet: all cameras (1 now) are in tier steady, without zones or alerts. To write a fleet file of your own: npx tierwatch fleet init --footage ${at('footage')} > fleet.yaml, then --fleet fleet.yaml`,
    ),
  ]);
  expect(started.stderr).not.toMatch(/unknown camera/);
  expect(started.stdout).toMatch(/^my-shop\/till +2 +120 /m);
  expect(started.stdout).not.toMatch(/^alert /m);

  const written = runCli('fleet', 'init', ...footage);
  writeFileSync(at('fleet.yaml'), written.stdout);
  const same = ['--fleet', at('fleet.yaml')];
  expect(runCli('fleet', 'check', at('fleet.yaml')).stdout).toMatch(/good; 1 cameras, 1 sites/);
  const again = runCli('start', '--once', ...footage, ...same, '--data', at('again'));
  expect(again.stderr).not.toMatch(/No --fleet/);
  const events = (data: string): string => runCli('events', '--json', '--data', at(data)).stdout;
  expect(events('again')).toBe(events('data'));
  expect(events('data').trim().split('\n')).toHaveLength(2);
  // By the same settings there is nothing to analyse again.
  const camera = ['--camera', 'my-shop/till', '--since', SINCE, '--json'];
  const rerun = runCli('rerun', ...camera, ...footage, '--data', at('data'));
  expect([rerun.status, rerun.stdout]).toEqual([0, '']);
});

it('events are told by the fleet that start ran by, unless another is named', () => {
  const [patient, usual] = ['patient.yaml', 'usual.yaml'].map(at) as [string, string];
  writeFileSync(patient, 'defaults: { tier: steady, quietGapSeconds: 3600 }\n');
  writeFileSync(usual, 'defaults: { tier: steady }\n');
  const footage = ['--footage', at('footage'), '--data', at('told')];
  expect(runCli('start', '--once', ...footage, '--fleet', patient).status).toBe(0);
  const count = (...fleet: string[]): number =>
    runCli('events', '--data', at('told'), ...fleet)
      .stdout.trim()
      .split('\n').length;
  expect([count(), count('--fleet', patient), count('--fleet', usual)]).toEqual([1, 1, 2]);
});

it('a folder with no camera starts no fleet file', () => {
  const { status, stderr } = runCli('fleet', 'init', '--footage', at('nowhere'));
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/expected folders named <site>\/<camera>/),
  ]);
});
