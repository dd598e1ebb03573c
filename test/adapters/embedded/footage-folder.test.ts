import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FootageFolder } from '../../../adapters/embedded/footage-folder';
import { SqliteVersionMemory } from '../../../adapters/embedded/footage-version';
import { copyToQuarantine } from '../../../adapters/embedded/quarantine-folder';
import { cleanUpAfterEach, openDatabase, temporaryFolder } from './data-folder';

cleanUpAfterEach();

const FIRST = 'north-mall/entrance/20261120T080000Z_60s.mp4';
const SECOND = 'a-site/yard/20261120T080100Z_60s.ts';
/** As Python's zlib.crc32(b'footage') has it. */
const FOOTAGE_VERSION = '7-2de605d9';

function write(folder: string, key: string, text = 'footage'): string {
  const path = join(folder, key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

async function open(keys: readonly string[] = [FIRST]) {
  const root = temporaryFolder();
  for (const key of keys) write(root, key);
  return { root, footage: await FootageFolder.open(root) };
}

describe('the list of a footage folder', () => {
  it('has every file by start, but no *.part, *.json, dotfile, link or folder', async () => {
    const { root, footage } = await open([
      SECOND,
      FIRST,
      'notes.txt',
      'north-mall/entrance/20261120T080200Z_60s.mp4.part',
      'north-mall/entrance/truth.json',
      'north-mall/.hidden.mp4',
      '.trash/20261120T080000Z_60s.mp4',
    ]);
    const outside = write(temporaryFolder(), 'secret.mp4');
    symlinkSync(outside, join(root, 'north-mall/20261120T080300Z_60s.mp4'));
    symlinkSync(dirname(outside), join(root, 'linked-site'));
    const { landed, unsettled } = await footage.list(null);
    expect(landed.map(({ key }) => key)).toEqual([FIRST, SECOND, 'notes.txt']);
    expect(unsettled).toBe(0);
  });

  it('leaves a file for later until it has not changed for 2 s', async () => {
    const { root, footage } = await open();
    const { ctimeMs } = statSync(join(root, FIRST));
    expect(await footage.list(ctimeMs + 1999)).toEqual({ landed: [], unsettled: 1 });
    expect((await footage.list(ctimeMs + 2001)).landed).toHaveLength(1);
    appendFileSync(join(root, FIRST), ', and more');
    const { ctimeMs: again } = statSync(join(root, FIRST));
    expect(await footage.list(again + 1)).toEqual({ landed: [], unsettled: 1 });
  });

  it('takes a file with a time of change in the future once it has settled', async () => {
    const { root, footage } = await open();
    utimesSync(join(root, FIRST), new Date('2099-01-01'), new Date('2099-01-01'));
    const { ctimeMs } = statSync(join(root, FIRST));
    expect((await footage.list(ctimeMs + 2001)).landed).toHaveLength(1);
  });

  it('has of paths what lies at and below them, and nothing behind a link', async () => {
    const { root, footage } = await open([FIRST, SECOND]);
    const outside = temporaryFolder();
    write(outside, 'yard/20261120T080000Z_60s.mp4');
    symlinkSync(outside, join(root, 'linked'));
    const keysAt = async (...paths: string[]): Promise<string[]> => {
      const found = footage.walk(
        null,
        paths.map((path) => join(root, path)),
      );
      return (await Array.fromAsync(found)).map((one) => ('key' in one ? one.key : one.growing));
    };
    expect(await keysAt('a-site')).toEqual([SECOND]);
    expect(await keysAt(SECOND, FIRST, 'gone', `${FIRST}/below-a-file`)).toEqual([FIRST, SECOND]);
    expect(await keysAt('linked', 'linked/yard', 'linked/yard/20261120T080000Z_60s.mp4')).toEqual(
      [],
    );
  });

  it('refuses a folder that is none', async () => {
    const missing = join(temporaryFolder(), 'missing');
    await expect(FootageFolder.open(missing)).rejects.toMatchObject({
      fault: 'missing',
      message: `"${missing}": expected a folder of footage, found none; name it with --footage`,
    });
  });
});

describe('the version of a file', () => {
  const versionOf = async (footage: FootageFolder) =>
    (await footage.list(null)).landed[0]!.objectVersion;

  it('stays where the same bytes are renamed over it, and follows its bytes', async () => {
    const { root, footage } = await open();
    expect(await versionOf(footage)).toBe(FOOTAGE_VERSION);
    renameSync(write(root, 'again.part'), join(root, FIRST));
    utimesSync(join(root, FIRST), new Date(0), new Date(0));
    expect(await versionOf(footage)).toBe(FOOTAGE_VERSION);
    renameSync(write(root, 'other.part', 'FOOTAGE'), join(root, FIRST));
    expect(await versionOf(footage)).not.toBe(FOOTAGE_VERSION);
  });

  it('is read once a file, also over restarts', async () => {
    const root = temporaryFolder();
    const path = write(root, FIRST);
    const { mtimeNs } = statSync(path, { bigint: true });
    const memory = new SqliteVersionMemory(openDatabase());
    expect(await versionOf(await FootageFolder.open(root, memory))).toBe(FOOTAGE_VERSION);
    const remembered = memory.get(FIRST)!;
    expect(remembered).toEqual({
      sizeBytes: 7,
      modifiedNs: String(mtimeNs),
      objectVersion: FOOTAGE_VERSION,
    });
    memory.set(FIRST, { ...remembered, objectVersion: 'remembered' });
    expect(await versionOf(await FootageFolder.open(root, memory))).toBe('remembered');
  });
});

describe('the path of a key', () => {
  it('lies inside the folder', async () => {
    const { root, footage } = await open();
    expect(footage.pathOf(FIRST)).toBe(join(root, FIRST));
  });

  it.each([
    ['../outside.mp4', 'the part ".."'],
    ['a/../../b.mp4', 'the part ".."'],
    ['/etc/passwd', 'the part ""'],
    ['a\\..\\b.mp4', 'a backslash or NUL'],
    ['a\0.mp4', 'a backslash or NUL'],
  ])('is refused for %j', async (key, found) => {
    const { footage } = await open();
    expect(() => footage.pathOf(key)).toThrow(`found ${found};`);
  });

  it('is refused where a link leads out, for files and folders that exist or not', async () => {
    const { root, footage } = await open();
    const outside = temporaryFolder();
    symlinkSync(outside, join(root, 'linked'));
    write(outside, 'there.mp4');
    for (const key of ['linked/there.mp4', 'linked/not-there.mp4']) {
      expect(() => footage.pathOf(key)).toThrow('found a link that leads out of it;');
    }
  });
});

describe('quarantine', () => {
  const rejection = {
    key: FIRST,
    objectVersion: 'v1',
    code: 'unreadable-video',
    reason: 'no video in it',
    at: '2026-11-20T08:01:00.000Z',
  };

  it('copies the file with its reason beside it and leaves the original', async () => {
    const { root, footage } = await open();
    const into = join(temporaryFolder(), 'quarantine');
    footage.quarantine(into, rejection);
    expect(readFileSync(join(into, FIRST), 'utf8')).toBe('footage');
    expect(JSON.parse(readFileSync(join(into, `${FIRST}.json`), 'utf8'))).toEqual(rejection);
    expect(readFileSync(join(root, FIRST), 'utf8')).toBe('footage');
  });

  it('keeps an earlier version beside a later one, and repeats without a trace', async () => {
    const { root, footage } = await open();
    const into = join(temporaryFolder(), 'quarantine');
    footage.quarantine(into, rejection);
    write(root, FIRST, 'still bad');
    for (const _ of [1, 2]) footage.quarantine(into, { ...rejection, objectVersion: 'v2' });
    const names = readdirSync(dirname(join(into, FIRST))).sort();
    expect(names).toEqual([
      '20261120T080000Z_60s.mp4',
      '20261120T080000Z_60s.mp4.json',
      '20261120T080000Z_60s.v1.mp4',
      '20261120T080000Z_60s.v1.mp4.json',
    ]);
    expect(readFileSync(join(into, FIRST), 'utf8')).toBe('still bad');
  });

  it('keeps the reason of a file that is gone', async () => {
    const { root, footage } = await open();
    const into = join(temporaryFolder(), 'quarantine');
    rmSync(join(root, FIRST));
    footage.quarantine(into, rejection);
    expect(readdirSync(dirname(join(into, FIRST)))).toEqual(['20261120T080000Z_60s.mp4.json']);
  });

  it('keeps the reason of a file that can’t be read', () => {
    const folder = temporaryFolder();
    write(folder, 'file', 'no folder');
    const into = join(folder, 'quarantine');
    copyToQuarantine({ into, rejection, from: join(folder, 'file', 'within.mp4') });
    expect(readdirSync(dirname(join(into, FIRST)))).toEqual(['20261120T080000Z_60s.mp4.json']);
  });
});
