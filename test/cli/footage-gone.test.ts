import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runUntil } from './run-cli';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-gone-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('ends 1 with one sentence when the footage folder is removed under a running start', async () => {
  const footage = join(folder, 'footage');
  mkdirSync(join(footage, 'site/door'), { recursive: true });
  const { status, stderr } = await runUntil(
    /watching /,
    () => rmSync(footage, { recursive: true }),
    ...[
      'start',
      '--no-page',
      '--workers',
      '1',
      '--footage',
      footage,
      '--data',
      join(folder, 'data'),
    ],
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /tierwatch: ".*\/footage": expected the folder of footage, found it gone since the start; .* \[data-folder\]\n$/,
  );
  expect(stderr).not.toMatch(/\n\s+at |ENOENT: no such file or directory, scandir/);
});
