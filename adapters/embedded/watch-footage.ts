import { type FSWatcher, watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface WatchFootageOptions {
  readonly signal: AbortSignal;
  /** Longest time between two looks where nothing tells of a change, ms. @default 30000 */
  readonly rescanMs?: number;
  /** Time after which files that may still grow are looked at again, ms. @default 2000 */
  readonly settleMs?: number;
  /** Changes within this time are one, ms. @default 200 */
  readonly debounceMs?: number;
  /** Told once where the system can't watch the folder; looks then go by `rescanMs` alone. */
  readonly onFallback?: (reason: string) => void;
  /** What tells of changes. @default node:fs, recursively */
  readonly watchFolder?: (folder: string, onChange: () => void) => FSWatcher;
}

/**
 * Looks at a footage folder at once and again after every change, one look at a time, until `signal`
 * aborts. Watching is a hint only: network file systems and full inotify tables tell nothing, so a look
 * comes every `rescanMs` in any case.
 * @param look answers how many files may still grow
 */
export async function watchFootage(
  folder: string,
  look: () => Promise<number>,
  options: WatchFootageOptions,
): Promise<void> {
  const { signal, rescanMs = 30_000, settleMs = 2000, debounceMs = 200 } = options;
  const changes = new Changes();
  const stop = watchChanges(folder, changes, options);
  try {
    while (!signal.aborted) {
      const unsettled = await look();
      const timeoutMs = unsettled > 0 ? Math.min(settleMs, rescanMs) : rescanMs;
      const hasChanged = await changes.next({ timeoutMs, signal });
      if (hasChanged) await sleep(debounceMs, undefined, { signal }).catch(() => {});
      changes.forget();
    }
  } finally {
    stop();
  }
}

function watchRecursively(folder: string, onChange: () => void): FSWatcher {
  return watch(folder, { recursive: true }, onChange);
}

function watchChanges(
  folder: string,
  changes: Changes,
  { onFallback, watchFolder = watchRecursively }: WatchFootageOptions,
): () => void {
  const fallBack = (error: unknown): void =>
    onFallback?.(
      `"${folder}": expected the system to tell of changes, found ${(error as Error).message}; it is looked through at intervals instead`,
    );
  try {
    const watcher = watchFolder(folder, () => changes.note());
    watcher.on('error', fallBack);
    return () => watcher.close();
  } catch (error) {
    fallBack(error);
    return () => {};
  }
}

/** A change noted before anybody waits is not lost. */
class Changes {
  private hasChanged = false;
  private wake: (() => void) | null = null;

  note(): void {
    this.hasChanged = true;
    this.wake?.();
  }

  forget(): void {
    this.hasChanged = false;
  }

  /** @returns whether there was a change, rather than the timeout or the end */
  async next({
    timeoutMs,
    signal,
  }: {
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<boolean> {
    if (this.hasChanged || signal.aborted) return this.hasChanged;
    const timer = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    const ended = sleep(timeoutMs, undefined, {
      signal: AbortSignal.any([signal, timer.signal]),
    }).catch(() => {});
    await Promise.race([woken, ended]);
    timer.abort();
    this.wake = null;
    return this.hasChanged;
  }
}
