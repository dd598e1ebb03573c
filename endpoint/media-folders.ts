import { mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of one request's media. */
export interface MediaFolder {
  readonly path: string;
  /** Once is enough. */
  remove(): Promise<void>;
}

/** Where Linux has a file system in memory. */
const MEMORY = '/dev/shm';
const MOST_BYTES = 256 * 1024 ** 2;
const PREFIX = 'tierwatch-endpoint-';
/** No request is worked for longer. */
const LEFT_BEHIND_MS = 3_600_000;

/**
 * Folders for media between their arrival and their decoder. In memory while they have room there: a body of 400 KB on a
 * disk's file system took 3 ms of CPU (docs/benchmarks.md), and one that waits for long is written out.
 */
export class MediaFolders {
  private freeBytes: number;

  /** @param memory a folder in memory; half of what is free there is used at most, the rest is the pictures' */
  constructor(
    private readonly memory = MEMORY,
    mostBytes = MOST_BYTES,
  ) {
    for (const folder of [memory, tmpdir()]) removeLeftBehind(folder);
    this.freeBytes = Math.min(mostBytes, freeBytesOf(memory) / 2);
  }

  /** @param bytes what will lie there at most */
  make(bytes: number): MediaFolder {
    const isInMemory = bytes <= this.freeBytes;
    const taken = isInMemory ? bytes : 0;
    const path = mkdtempSync(join(isInMemory ? this.memory : tmpdir(), PREFIX));
    this.freeBytes -= taken;
    let removed: Promise<void> | null = null;
    const remove = async (): Promise<void> => {
      await rm(path, { recursive: true, force: true });
      this.freeBytes += taken;
    };
    return {
      path,
      remove: () => {
        removed ??= remove();
        return removed;
      },
    };
  }
}

/** What a server that was killed held: nobody else would remove it. */
function removeLeftBehind(folder: string): void {
  const before = Date.now() - LEFT_BEHIND_MS;
  try {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (name.startsWith(PREFIX) && statSync(path).mtimeMs < before) {
        rmSync(path, { recursive: true, force: true });
      }
    }
  } catch {
    // No such folder, or another program's removal of the same.
  }
}

function freeBytesOf(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
