import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { SnapshotStore } from '../../core/ports';
import { asDataFolderError, DataFolderError } from './errors';

/** JPEG files below one folder, written aside and renamed: a name always has its whole picture. */
export class SnapshotFolder implements SnapshotStore {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = resolve(folder);
  }

  async put(key: string, jpeg: Uint8Array): Promise<void> {
    const path = this.pathOf(key);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.part`, jpeg);
      await rename(`${path}.part`, path);
    } catch (error) {
      throw asDataFolderError(path, error);
    }
  }

  async get(key: string): Promise<Uint8Array | null> {
    try {
      return await readFile(this.pathOf(key));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  private pathOf(key: string): string {
    const path = resolve(join(this.folder, key));
    if (path.startsWith(this.folder + sep)) return path;
    throw new DataFolderError(
      `"${key}": expected a snapshot inside the data folder, found a path that leads out`,
    );
  }
}
