import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FootageFolder } from '../../../adapters/embedded/footage-folder';
import { FootageReader } from '../../../adapters/embedded/footage-reader';
import { cleanUpAfterEach, temporaryFolder } from './data-folder';

cleanUpAfterEach();

async function readerOver(files: readonly string[]) {
  const folder = temporaryFolder();
  for (const name of files) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
  const reader = new FootageReader(await FootageFolder.open(folder));
  return { folder, reader };
}

it('reads a part of a file, both ends included, and knows it again', async () => {
  const { reader } = await readerOver(['a/b/0123.mp4']);
  const file = await reader.open('a/b/0123.mp4');
  expect(file?.bytes).toBe(12);
  expect(await new Response(file!.read({ first: 4, last: 7 })).text()).toBe('0123');
  expect((await reader.open('a/b/0123.mp4'))?.version).toBe(file?.version);
});

it('finds nothing outside its folder, no link, no folder and no file that is being written', async () => {
  const { folder, reader } = await readerOver(['a/x.mp4', 'a/.x.mp4', 'a/y.mp4.part']);
  symlinkSync('/etc/hostname', join(folder, 'a/link.mp4'));
  symlinkSync('/etc', join(folder, 'out'));
  const keys = [
    'a/link.mp4',
    'out/hostname',
    '../x.mp4',
    'a/../a/x.mp4',
    '/etc/hostname',
    'a',
    'a/.x.mp4',
    'a/y.mp4.part',
    'a/none.mp4',
    'none/x.mp4',
    `${'a/'.repeat(600)}x.mp4`,
  ];
  for (const key of keys) expect([key, await reader.open(key)]).toEqual([key, null]);
  expect(await reader.present(keys)).toEqual(new Set());
});

it('tells which of many files are there, wherever they lie', async () => {
  const { reader } = await readerOver(['a/b/1.mp4', 'a/b/2.mp4', 'c/3.mp4', '4.mp4']);
  const asked = ['a/b/1.mp4', 'a/b/9.mp4', 'c/3.mp4', '4.mp4', 'd/5.mp4'];
  expect(await reader.present(asked)).toEqual(new Set(['a/b/1.mp4', 'c/3.mp4', '4.mp4']));
});
