import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MediaFolders } from '../../endpoint/media-folders';

const MOST = 100;
let memory = '';
beforeEach(() => {
  memory = mkdtempSync(join(tmpdir(), 'tierwatch-memory-'));
});
afterEach(() => rmSync(memory, { recursive: true }));

describe('folders for a request’s media', () => {
  it('lie in memory while there is room, then on the disk, then in memory again', async () => {
    const folders = new MediaFolders(memory, MOST);
    const large = folders.make(MOST);
    const next = folders.make(1);
    await large.remove();
    const after = folders.make(MOST);
    expect([large, next, after].map(({ path }) => dirname(path))).toEqual([
      memory,
      tmpdir(),
      memory,
    ]);
    await Promise.all([next.remove(), after.remove()]);
  });

  it('go with what lies in them, and give their room back once', async () => {
    const folders = new MediaFolders(memory, MOST);
    const folder = folders.make(MOST);
    writeFileSync(join(folder.path, '0.mp4'), 'video');
    await Promise.all([folder.remove(), folder.remove()]);
    expect(existsSync(folder.path)).toBe(false);
    const [first, second] = [folders.make(MOST), folders.make(MOST)];
    expect([first, second].map(({ path }) => dirname(path))).toEqual([memory, tmpdir()]);
    await Promise.all([first.remove(), second.remove()]);
  });

  it('of a server that was killed are removed once no request can still need them', () => {
    for (const name of ['tierwatch-endpoint-old', 'tierwatch-endpoint-new', 'another']) {
      mkdirSync(join(memory, name));
    }
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    for (const name of ['tierwatch-endpoint-old', 'another']) {
      utimesSync(join(memory, name), longAgo, longAgo);
    }
    new MediaFolders(memory, MOST);
    expect(readdirSync(memory).sort()).toEqual(['another', 'tierwatch-endpoint-new']);
  });

  it('lie on the disk where the system has no folder in memory', async () => {
    const folder = new MediaFolders(join(memory, 'absent')).make(1);
    expect(dirname(folder.path)).toBe(tmpdir());
    await folder.remove();
  });
});
