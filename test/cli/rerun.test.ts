import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from './run-cli';

const LOBBY = join(__dirname, '../../demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
const GOOD = 'site/door/20261102T080000Z_60s.mp4';
const BROKEN = 'site/door/20261102T090000Z_60s.mp4';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-rerun-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('goes on past a segment that fails: names and counts it, leaves it as it is, ends 3', () => {
  const footage = join(folder, 'footage');
  mkdirSync(join(footage, 'site/door'), { recursive: true });
  for (const key of [GOOD, BROKEN]) cpSync(LOBBY, join(footage, key));
  const options = ['--footage', footage, '--data', join(folder, 'data')];
  expect(runCli('start', '--once', ...options).status).toBe(0);
  writeFileSync(join(footage, BROKEN), 'not a video\n'.repeat(500));
  const { status, stdout, stderr } = runCli(
    ...['rerun', '--camera', 'site/door', '--since', '2026-11-01T00:00:00Z'],
    ...['--tier', 'exhaustive', '--promote', ...options],
  );
  expect([status, stdout]).toEqual([3, expect.not.stringMatching(/T09:0/)]);
  expect(stderr).toMatch(
    /failed site\/door\/20261102T090000Z_60s.mp4 0-60000 \[unreadable-video\]: /,
  );
  expect(stderr).toMatch(/1 of 2 segments failed: they are not compared, and stay as they are/);
  expect(stderr).toMatch(/100.0 % of events kept/);
  expect(stderr).toMatch(/1 analyses are current now/);
  expect(stderr).not.toMatch(/\n\s+at /);
});
