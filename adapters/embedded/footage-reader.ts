import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { UnsafeKeyError } from './errors';
import type { FootageFolder } from './footage-folder';
import { type OpenFile, openFile } from './stored-file';

const IGNORED = /(^|\/)\.|\.part$/;

/** Footage of a folder for who looks at it. */
export class FootageReader {
  constructor(private readonly folder: Pick<FootageFolder, 'pathOf' | 'folder'>) {}

  /** Null where there is none; a key that leads out of the folder is none. */
  async open(objectKey: string): Promise<OpenFile | null> {
    const path = this.pathOf(objectKey);
    return path === null ? null : openFile(path);
  }

  /** Those of the keys that there is a file of: each folder is listed once. */
  async present(objectKeys: readonly string[]): Promise<ReadonlySet<string>> {
    const present = new Set<string>();
    for (const [folder, keys] of Map.groupBy(objectKeys, folderOf)) {
      const path = folder === '' ? this.folder.folder : this.pathOf(folder);
      const entries = path === null ? [] : await readdir(path, { withFileTypes: true }).catch(none);
      const names = new Set(entries.filter((one) => one.isFile()).map(({ name }) => name));
      for (const key of keys) {
        const name = key.slice(folder === '' ? 0 : folder.length + 1);
        if (names.has(name) && !IGNORED.test(key)) present.add(key);
      }
    }
    return present;
  }

  private pathOf(objectKey: string): string | null {
    if (IGNORED.test(objectKey)) return null;
    try {
      return this.folder.pathOf(objectKey);
    } catch (error) {
      if (error instanceof UnsafeKeyError) return null;
      throw error;
    }
  }
}

function folderOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')));
}

function none(): Dirent[] {
  return [];
}
