import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from './run-cli';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-missing-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  [['events']],
  [['serve', '--port', '0']],
  [['rerun', '--camera', 'harbour-depot/lobby', '--since', '2026-11-02T00:00:00Z']],
  [['dead-letters', 'redrive']],
])('%j says that there is no data folder, ends 1 and makes none', (command) => {
  const data = join(folder, 'typo');
  expect(runCli(...command, '--data', data)).toEqual({
    status: 1,
    stdout: '',
    stderr: `tierwatch: "${data}": expected the data of an earlier "tierwatch start", found none; start it once or name its --data [data-folder]\n`,
  });
  expect(existsSync(data)).toBe(false);
});

it('a folder without a fleet file is no fleet', () => {
  expect(runCli('fleet', 'check', folder)).toEqual({
    status: 1,
    stdout: '',
    stderr: `tierwatch: "${folder}": expected a fleet file, or a folder of them (.yaml), found a folder without one; name another --fleet [usage]\n`,
  });
});
