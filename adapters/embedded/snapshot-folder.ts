import { mkdirSync, realpathSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { SnapshotStore } from '../../core/ports';
import { asDataFolderError } from './errors';
import { pathInside } from './safe-path';

/**
 * JPEG files below one folder, written aside, flushed and renamed: a name always has its whole picture, and
 * one that a row names is on the disk. A file that a dead process left aside has the name that the repeated
 * delivery writes again, so nothing piles up.
 */
export class SnapshotFolder implements SnapshotStore {
  private readonly folder: string;
  private readonly writing = new Map<string, Promise<void>>();

  constructor(folder: string) {
    this.folder = resolve(folder);
  }

  /** @throws {UnsafeKeyError} {@link DataFolderError} */
  async put(key: string, jpeg: Uint8Array): Promise<void> {
    const path = this.pathOf(key, true);
    const before = this.writing.get(path) ?? Promise.resolve();
    const mine = before.catch(() => {}).then(() => replaceFile(path, jpeg));
    this.writing.set(path, mine);
    try {
      await mine;
    } finally {
      if (this.writing.get(path) === mine) this.writing.delete(path);
    }
  }

  async get(key: string): Promise<Uint8Array | null> {
    const path = this.pathOf(key, false);
    try {
      return await readFile(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw asDataFolderError(path, error);
    }
  }

  /** Removes all snapshots below a segment's key. @throws {DataFolderError} */
  async remove(segmentKey: string): Promise<void> {
    const path = this.pathOf(segmentKey, false);
    await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
      throw asDataFolderError(path, error);
    });
  }

  private pathOf(key: string, creates: boolean): string {
    try {
      if (creates) mkdirSync(this.folder, { recursive: true });
      return pathInside(realpathSync(this.folder), key);
    } catch (error) {
      const isAbsent = !creates && (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (isAbsent) return pathInside(this.folder, key);
      throw asDataFolderError(this.folder, error);
    }
  }
}

async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(aside, 'w');
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {});
    throw asDataFolderError(path, error);
  }
}
