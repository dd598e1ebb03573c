import { setTimeout as sleep } from 'node:timers/promises';
import { FolderWatches, type FolderWatchesOptions } from './folder-watches';

export interface WatchFootageOptions extends Omit<FolderWatchesOptions, 'onChange'> {
  readonly signal: AbortSignal;
  /** Longest time between two looks at the whole folder, ms; longer where a look takes more than a tenth of it. @default 30000 */
  readonly rescanMs?: number;
  /** Time after which a change, and what may still grow, is looked at once more, ms. @default 2000 */
  readonly settleMs?: number;
  /** Changes of a path within this time are one, ms. @default 200 */
  readonly debounceMs?: number;
}

/** Looks at the whole folder take no more of the time than one in this many. */
const RESCAN_SHARE = 10;

/**
 * Looks at a footage folder at once, and at what has changed in it after every change, one look at a time, until
 * `signal` aborts. A change is looked at twice: the word of it may come before the file can be seen. Watching is a hint
 * only: network file systems and full inotify tables tell nothing, so the whole folder is looked at every `rescanMs` in any case.
 * @param look looks at files and folders by their paths; answers those that may still grow
 */
export async function watchFootage(
  folder: string,
  look: (paths: readonly string[]) => Promise<readonly string[]>,
  { signal, rescanMs = 30_000, settleMs = 2000, debounceMs = 200, ...rest }: WatchFootageOptions,
): Promise<void> {
  const agenda = new Agenda();
  const watches = new FolderWatches({
    ...rest,
    onChange: (path) => agenda.plan(path, { inMs: debounceMs, looks: 2 }),
  });
  agenda.plan(folder, { inMs: 0, looks: 1 });
  try {
    while (!signal.aborted) {
      await agenda.due(signal);
      const due = agenda.take();
      if (due.size === 0) continue;
      const paths = due.has(folder) ? [folder] : [...due.keys()];
      const startedMs = performance.now();
      for (const path of paths) await watches.add(path);
      const growing = await look(paths);
      for (const path of growing) agenda.plan(path, { inMs: settleMs, looks: 1 });
      for (const [path, looks] of due) {
        if (looks > 1) agenda.plan(path, { inMs: settleMs, looks: looks - 1 });
      }
      if (!due.has(folder)) continue;
      const tookMs = performance.now() - startedMs;
      agenda.plan(folder, { inMs: Math.max(rescanMs, RESCAN_SHARE * tookMs), looks: 1 });
    }
  } finally {
    watches.close();
  }
}

interface Plan {
  /** Of `performance.now()`. */
  readonly atMs: number;
  /** How often it is to be looked at. */
  readonly looks: number;
}

/** What is to be looked at, and when. */
class Agenda {
  private readonly plans = new Map<string, Plan>();
  /** What `due` waits for, of `performance.now()`. */
  private awaitedMs = Number.POSITIVE_INFINITY;
  private wake: (() => void) | null = null;

  /** The earlier of two times stands, and the larger count. */
  plan(path: string, { inMs, looks }: { readonly inMs: number; readonly looks: number }): void {
    const atMs = performance.now() + inMs;
    const known = this.plans.get(path);
    this.plans.set(path, {
      atMs: Math.min(atMs, known?.atMs ?? atMs),
      looks: Math.max(looks, known?.looks ?? looks),
    });
    if (atMs < this.awaitedMs) this.wake?.();
  }

  /** Waits until something is due, or something earlier is planned. */
  async due(signal: AbortSignal): Promise<void> {
    this.awaitedMs = Number.POSITIVE_INFINITY;
    for (const { atMs } of this.plans.values()) this.awaitedMs = Math.min(this.awaitedMs, atMs);
    const leftMs = this.awaitedMs - performance.now();
    if (leftMs <= 0) return;
    const timer = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    const ended = sleep(Math.ceil(leftMs), undefined, {
      signal: AbortSignal.any([signal, timer.signal]),
    }).catch(() => {});
    await Promise.race([woken, ended]);
    timer.abort();
    this.wake = null;
  }

  /** Takes what is due off it. @returns paths, and how often they are to be looked at, this time included */
  take(): ReadonlyMap<string, number> {
    const nowMs = performance.now();
    const due = new Map<string, number>();
    for (const [path, { atMs, looks }] of this.plans) {
      if (atMs > nowMs) continue;
      due.set(path, looks);
      this.plans.delete(path);
    }
    return due;
  }
}
