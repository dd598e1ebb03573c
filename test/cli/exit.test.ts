import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { reportError } from '../../cli/exit';
import { runCli } from './run-cli';

const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-exit-'));
  printed.mockClear();
});
afterEach(() => {
  process.exitCode = undefined;
  rmSync(folder, { recursive: true, force: true });
});

it('says in a sentence what the system refuses of a path, and ends 1', () => {
  try {
    writeFileSync(folder, 'a folder');
  } catch (error) {
    reportError(error);
  }
  expect([printed.mock.calls, process.exitCode]).toEqual([
    [
      [
        `tierwatch: "${folder}": expected to read and write there, found EISDIR: illegal operation on a directory; check owner, mode and free space, or name another path [usage]`,
      ],
    ],
    1,
  ]);
});

it('names the disk where the system names no path', () => {
  const code = 'ENOSPC';
  reportError(Object.assign(new Error('ENOSPC: no space left on device, write'), { code }));
  expect(printed.mock.calls).toEqual([
    [
      'tierwatch: "the disk": expected to read and write there, found ENOSPC: no space left on device; check owner, mode and free space, or name another path [usage]',
    ],
  ]);
});

it('prints everything of what nobody foresaw', () => {
  const bug = new TypeError('x is not a function');
  reportError(bug);
  expect([printed.mock.calls, process.exitCode]).toEqual([[[bug]], 1]);
});

it('says in a sentence that AWS was not reached, by a command that asks it', () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'test');
  // Nothing listens on the discard port.
  const { status, stdout, stderr } = runCli(
    ...['dead-letters', 'redrive', '--queue-url', 'http://127.0.0.1:9/000000000000/segments'],
  );
  vi.unstubAllEnvs();
  expect([status, stdout, stderr.trim().split('\n').at(-1)]).toEqual([
    1,
    '',
    'tierwatch: AWS: expected an answer, found connect ECONNREFUSED 127.0.0.1:9; check the name, the region, your credentials and what they may do [usage]',
  ]);
});
