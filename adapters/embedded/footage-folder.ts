import { type BigIntStats, type Dirent, existsSync, lstatSync } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { LandedObject } from '../../core/identify-segment';
import type { Rejection } from '../../core/ports';
import { asDataFolderError, DataFolderError } from './errors';
import { ProcessVersionMemory, readVersion, type VersionMemory } from './footage-version';
import { copyToQuarantine } from './quarantine-folder';
import { pathInside } from './safe-path';

/** A file that was written to this recently may still grow: it is taken at a later look, ms. */
const SETTLE_MS = 2000;
const IGNORED = /(^|\/)\.|\.part$|\.json$/;
/** Files looked at before other work gets its turn. */
const STATS_A_TURN = 500;

interface Candidate {
  readonly key: string;
  /** Last part of the key: footage of all cameras is taken by time. */
  readonly name: string;
  readonly path: string;
  readonly stats: BigIntStats;
}

/** A file that may still grow, by its path. */
export interface GrowingFile {
  readonly growing: string;
}

/** Footage laid out as segment keys below one folder; nothing outside it is ever opened. */
export class FootageFolder {
  private constructor(
    readonly folder: string,
    private readonly memory: VersionMemory,
  ) {}

  /**
   * @param memory keeps versions over restarts. @default for this process only
   * @throws {DataFolderError} where there is no such folder
   */
  static async open(
    folder: string,
    memory: VersionMemory = new ProcessVersionMemory(),
  ): Promise<FootageFolder> {
    try {
      const real = await realpath(folder);
      if ((await stat(real)).isDirectory()) return new FootageFolder(real, memory);
    } catch {
      // Falls through to the one sentence below.
    }
    throw new DataFolderError(
      'missing',
      `"${folder}": expected a folder of footage, found none; name it with --footage`,
    );
  }

  /**
   * Everything that has landed, by time. Links are not followed; dotfiles, `*.part` and `*.json` are no footage.
   * `objectVersion` as in footage-version.ts.
   * @param nowMs files changed less than two seconds before are left for later; null takes all
   */
  async list(nowMs: number | null): Promise<{ landed: LandedObject[]; unsettled: number }> {
    const landed: LandedObject[] = [];
    let unsettled = 0;
    for await (const found of this.walk(nowMs)) {
      if ('growing' in found) unsettled++;
      else landed.push(found);
    }
    return { landed, unsettled };
  }

  /**
   * As `list`, one by one: a file is read for its version only when its turn comes.
   * @param paths files and folders to look at. @default the whole folder
   * @throws {DataFolderError} where the folder has gone
   */
  async *walk(
    nowMs: number | null,
    paths: readonly string[] = [this.folder],
  ): AsyncGenerator<LandedObject | GrowingFile> {
    for (const [index, { key, path, stats }] of (await this.candidates(paths)).entries()) {
      if (index % STATS_A_TURN === STATS_A_TURN - 1) await setImmediate();
      // The system's own time of change: unlike mtime, a copy can't set it. One ahead is another host's clock.
      if (nowMs !== null && Math.abs(nowMs - Number(stats.ctimeMs)) < SETTLE_MS) {
        yield { growing: path };
        continue;
      }
      const objectVersion = await this.versionOf({ key, path, stats });
      if (objectVersion === 'gone') continue;
      yield objectVersion === 'changing' ? { growing: path } : { key, objectVersion };
    }
  }

  /**
   * Version and size of the file of a key as it is now; it is read only where it has changed.
   * @returns null where it is gone
   * @throws {UnsafeKeyError} {@link DataFolderError}
   */
  async versionAt(key: string): Promise<{ objectVersion: string; sizeBytes: number } | null> {
    const path = this.pathOf(key);
    try {
      const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (!stats?.isFile()) return null;
      const objectVersion = await this.versionOf({ key, path, stats });
      return objectVersion === 'gone' ? null : { objectVersion, sizeBytes: Number(stats.size) };
    } catch (error) {
      throw asDataFolderError(path, error);
    }
  }

  /** The file of a key. @throws {UnsafeKeyError} for a key that leads out of the folder */
  pathOf(key: string): string {
    return pathInside(this.folder, key);
  }

  /** Copies a rejected file aside with its reason beside it; the original stays where it is. */
  quarantine(into: string, rejection: Rejection): void {
    copyToQuarantine({ into, rejection, from: this.pathOf(rejection.key) });
  }

  private async candidates(paths: readonly string[]): Promise<Candidate[]> {
    const candidates: Candidate[] = [];
    let looked = 0;
    for (const at of paths) {
      for (const { parentPath, name } of await this.filesAt(at)) {
        if (++looked % STATS_A_TURN === 0) await setImmediate();
        const path = join(parentPath, name);
        const key = relative(this.folder, path).split(sep).join('/');
        if (IGNORED.test(key)) continue;
        const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
        if (stats?.isFile()) candidates.push({ key, name, path, stats });
      }
    }
    return candidates.sort((a, b) => compare(a.name, b.name) || compare(a.key, b.key));
  }

  /**
   * The files at and below a path.
   * @throws {DataFolderError} such as where the footage folder itself has gone
   */
  private async filesAt(path: string): Promise<Pick<Dirent, 'parentPath' | 'name'>[]> {
    try {
      // What lies behind a link that has come into the way is not below the folder.
      const parent = dirname(path);
      if (path !== this.folder && (await realpath(parent)) !== parent) return [];
      if (!(await lstat(path)).isDirectory()) return [{ parentPath: parent, name: basename(path) }];
      const entries = await readdir(path, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile());
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code)) throw asDataFolderError(path, error);
      if (!existsSync(this.folder)) {
        throw new DataFolderError(
          'missing',
          `"${this.folder}": expected the folder of footage, found it gone since the start; put it back and start again: nothing that was finished is lost`,
          error,
        );
      }
      // A folder within that goes while it is read takes nothing else along.
      return existsSync(path) ? this.filesAt(path) : [];
    }
  }

  /** A file that can't be read has a version too: it is rejected by name where it is worked. */
  private async versionOf({ key, path, stats }: Omit<Candidate, 'name'>): Promise<string> {
    const known = this.memory.get(key);
    const isSame =
      known?.sizeBytes === Number(stats.size) && known.modifiedNs === String(stats.mtimeNs);
    if (known && isSame) return known.objectVersion;
    try {
      const version = await readVersion(path);
      if (version) this.memory.set(key, version);
      return version?.objectVersion ?? 'changing';
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
      return `${stats.size}-unread${stats.mtimeMs}`;
    }
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
