import type { FSWatcher } from 'node:fs';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { WatchFolder } from '../../../adapters/embedded/folder-watches';
import { FootageFolder } from '../../../adapters/embedded/footage-folder';
import { watchFootage } from '../../../adapters/embedded/watch-footage';
import { cleanUpAfterEach, temporaryFolder } from './data-folder';

cleanUpAfterEach();

/** Far longer than a test may take: only the system's word can bring another look. */
const NEVER_MS = 600_000;
const FIRST = 'north-mall/entrance/20261120T080000Z_60s.mp4';

/** As `land` does: under another name first. */
function land(folder: string, key: string): void {
  const path = join(folder, key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, key);
  renameSync(`${path}.part`, path);
}

/**
 * Watches a real folder.
 * @param onLook hears of each look: how many came before it, and all keys that were found so far
 * @returns the paths of all looks
 */
async function watchUntil(
  folder: string,
  expected: readonly string[],
  onLook: (before: number, found: ReadonlySet<string>) => void,
): Promise<string[][]> {
  const footage = await FootageFolder.open(folder);
  const end = new AbortController();
  const found = new Set<string>();
  const looks: string[][] = [];
  const look = async (paths: readonly string[]): Promise<string[]> => {
    for await (const one of footage.walk(null, paths)) if ('key' in one) found.add(one.key);
    onLook(looks.length, found);
    looks.push([...paths]);
    if (expected.every((key) => found.has(key))) end.abort();
    return [];
  };
  const quick = { rescanMs: NEVER_MS, settleMs: 1, debounceMs: 1 };
  await watchFootage(footage.folder, look, { signal: end.signal, ...quick });
  return looks;
}

it('looks at the whole folder at once, then at what has changed alone', async () => {
  const folder = temporaryFolder();
  land(folder, FIRST);
  const late = 'north-mall/entrance/20261120T080100Z_60s.mp4';
  const looks = await watchUntil(folder, [FIRST, late], (before) => {
    if (before === 0) land(folder, late);
  });
  expect(looks[0]).toEqual([folder]);
  expect(looks.slice(1).flat()).not.toContain(folder);
  expect(looks.at(-1)).toContain(join(folder, late));
});

it('misses no file that is renamed into a folder made a moment ago', async () => {
  const folder = temporaryFolder();
  const keys = Array.from({ length: 60 }, (_, n) => `site-${n % 7}/camera-${n}/20261120T08Z.mp4`);
  const waiting = [...keys];
  await watchUntil(folder, keys, () => {
    for (const key of waiting.splice(0, 3)) land(folder, key);
  });
  expect(waiting).toEqual([]);
});

it('watches a folder anew that was removed and made again', async () => {
  const folder = temporaryFolder();
  land(folder, FIRST);
  const [second, third] = [1, 2].map((n) => FIRST.replace('080000', `080${n}00`)) as [
    string,
    string,
  ];
  let step = 0;
  await watchUntil(folder, [FIRST, second, third], (_, found) => {
    if (step === 0) {
      rmSync(join(folder, 'north-mall'), { recursive: true });
      land(folder, second);
      step = 1;
    }
    if (step === 1 && found.has(second)) {
      land(folder, third);
      step = 2;
    }
  });
  expect(step).toBe(2);
});

/** A system whose word of changes the test gives. */
function spokenFor(): {
  readonly watchFolder: WatchFolder;
  readonly tell: (name: string | null) => void;
} {
  const listeners: ((kind: string, name: string | null) => void)[] = [];
  return {
    watchFolder: (_, onChange) => {
      listeners.push(onChange);
      return { on: () => {}, close: () => {} } as unknown as FSWatcher;
    },
    tell: (name) => {
      for (const listener of listeners) listener('change', name);
    },
  };
}

it('looks twice after a change, so that word of it may come before the file can be seen', async () => {
  const folder = temporaryFolder();
  const { watchFolder, tell } = spokenFor();
  const end = new AbortController();
  const looks: (readonly string[])[] = [];
  const look = async (paths: readonly string[]): Promise<string[]> => {
    looks.push(paths);
    if (looks.length === 1) tell('late.mp4');
    if (looks.length === 3) end.abort();
    return [];
  };
  await watchFootage(folder, look, {
    signal: end.signal,
    rescanMs: NEVER_MS,
    settleMs: 1,
    debounceMs: 1,
    watchFolder,
  });
  expect(looks).toEqual([[folder], [join(folder, 'late.mp4')], [join(folder, 'late.mp4')]]);
});

it('looks at a whole folder of which the system says no more than that it changed', async () => {
  const folder = temporaryFolder();
  const { watchFolder, tell } = spokenFor();
  const end = new AbortController();
  const looks: (readonly string[])[] = [];
  const look = async (paths: readonly string[]): Promise<string[]> => {
    looks.push(paths);
    if (looks.length === 1) tell(null);
    else end.abort();
    return [];
  };
  const options = { signal: end.signal, rescanMs: NEVER_MS, debounceMs: 1, watchFolder };
  await watchFootage(folder, look, options);
  expect(looks).toEqual([[folder], [folder]]);
});

it('looks again by itself at a file that may still grow', async () => {
  const folder = temporaryFolder();
  const growing = join(folder, 'growing.mp4');
  const end = new AbortController();
  const looks: (readonly string[])[] = [];
  const look = async (paths: readonly string[]): Promise<string[]> => {
    looks.push(paths);
    if (looks.length === 3) end.abort();
    return [growing];
  };
  await watchFootage(folder, look, { signal: end.signal, rescanMs: NEVER_MS, settleMs: 1 });
  expect(looks).toEqual([[folder], [growing], [growing]]);
});

it('goes by looks at intervals where the system has no watches left, and says so once', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'north-mall'));
  const end = new AbortController();
  const reasons: string[] = [];
  const looks: (readonly string[])[] = [];
  const look = async (paths: readonly string[]): Promise<string[]> => {
    looks.push(paths);
    if (looks.length === 3) end.abort();
    return [];
  };
  await watchFootage(folder, look, {
    signal: end.signal,
    rescanMs: 1,
    onFallback: (reason) => reasons.push(reason),
    watchFolder: () => {
      throw new Error('ENOSPC: System limit for number of file watchers reached');
    },
  });
  expect(looks).toEqual([[folder], [folder], [folder]]);
  expect(reasons).toEqual([
    `"${folder}": expected the system to tell of changes, found ENOSPC: System limit for number of file watchers reached; it is looked through at intervals instead`,
  ]);
});
