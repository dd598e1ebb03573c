import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from './run-cli';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-retention-'));
  cpSync(join(__dirname, '../../demo/footage'), join(folder, 'footage'), { recursive: true });
  writeFileSync(
    join(folder, 'footage/harbour-depot/lobby/20261102T090000Z_60s.mp4'),
    'not a video',
  );
  writeFileSync(
    join(folder, 'fleet.yaml'),
    'defaults: { classes: [person, vehicle] }\nretention: { quietDays: 0, eventDays: 0 }\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (...more: string[]) =>
  runCli(
    'start',
    '--once',
    '--footage',
    join(folder, 'footage'),
    '--fleet',
    join(folder, 'fleet.yaml'),
    '--data',
    join(folder, 'data'),
    ...more,
  );
const filesLeft = (): string[] =>
  readdirSync(join(folder, 'footage'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.mp4'),
  );

it('deletes nothing unless asked, tells what it would delete, and keeps what was not analysed', () => {
  expect(start().stderr).not.toMatch(/^retention |No --fleet/m);
  expect(start('--retention', 'report').stderr).toMatch(/retention would delete 6 files/);
  expect(filesLeft()).toHaveLength(7);
  expect(start('--retention', 'enforce').stderr).toMatch(/retention deleted 6 files/);
  expect(filesLeft()).toEqual(['harbour-depot/lobby/20261102T090000Z_60s.mp4']);
  const events = runCli(
    'events',
    '--data',
    join(folder, 'data'),
    '--fleet',
    join(folder, 'fleet.yaml'),
    '--json',
  );
  expect(events.stdout.trim().split('\n').length).toBeGreaterThanOrEqual(6);
});
