import { copyFileSync, mkdirSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { LandedObject } from '../../core/route-segment';
import { DataFolderError } from './errors';

/** A file that was written to this recently may still grow: it is taken at a later look, ms. */
const SETTLE_MS = 2000;
const IGNORED = /(^|\/)\.|\.part$|\.json$/;

/** Footage laid out as segment keys below one folder; nothing outside it is ever opened. */
export class FootageFolder {
  private constructor(readonly folder: string) {}

  /** @throws {DataFolderError} where there is no such folder */
  static async open(folder: string): Promise<FootageFolder> {
    try {
      const real = await realpath(folder);
      if ((await stat(real)).isDirectory()) return new FootageFolder(real);
    } catch {
      // Falls through to the one sentence below.
    }
    throw new DataFolderError(
      `"${folder}": expected a folder of footage, found none; name it with --footage`,
    );
  }

  /**
   * Everything that has landed, by key. Links are not followed. `objectVersion` is size and time of
   * change: a file that is replaced is a new version, one that is copied back unchanged is not.
   * @param nowMs files changed less than two seconds before are left for later; null takes all
   */
  async list(nowMs: number | null): Promise<{ landed: LandedObject[]; unsettled: number }> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    const landed: LandedObject[] = [];
    let unsettled = 0;
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      const key = relative(this.folder, path).split(sep).join('/');
      if (!entry.isFile() || IGNORED.test(key)) continue;
      const stats: Stats = statSync(path);
      if (nowMs !== null && nowMs - stats.mtimeMs < SETTLE_MS) unsettled++;
      else landed.push({ key, objectVersion: `${stats.size}-${Math.floor(stats.mtimeMs)}` });
    }
    landed.sort(
      (a, b) => baseName(a.key).localeCompare(baseName(b.key)) || a.key.localeCompare(b.key),
    );
    return { landed, unsettled };
  }

  /** The file of a key. @throws {DataFolderError} for a key that leads out of the folder */
  pathOf(key: string): string {
    const path = resolve(this.folder, key);
    if (path.startsWith(this.folder + sep)) return path;
    throw new DataFolderError(
      `"${key}": expected a key inside the footage folder, found one that leads out of it`,
    );
  }

  /** Copies a rejected file aside with its reason beside it; the original stays where it is. */
  quarantine(
    into: string,
    rejection: {
      readonly key: string;
      readonly code: string;
      readonly reason: string;
      readonly at: string;
    },
  ): void {
    const target = join(into, rejection.key);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(this.pathOf(rejection.key), target);
    writeFileSync(`${target}.json`, `${JSON.stringify(rejection, null, 2)}\n`);
  }
}

function baseName(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}
