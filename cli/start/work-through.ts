import { setTimeout as sleep } from 'node:timers/promises';
import { counted } from '../table';
import type { EventCount } from './event-count';
import type { Platform } from './platform';
import type { Progress } from './progress';
import type { RunTally } from './run-tally';

export interface WorkThroughOptions {
  readonly footage: string;
  readonly workers: number;
  /** End when nothing is waiting; else watch on until `stopping`. */
  readonly isOnce: boolean;
  readonly tally: RunTally;
  readonly count: EventCount;
  readonly progress: Progress;
  readonly say: (line: string) => void;
  readonly stopping: AbortSignal;
  /** Hears of every tick of 30 s. */
  readonly onTick: (ticks: number) => Promise<void>;
}

/** A file that grew while it was read is looked at again after this. */
const UNSETTLED_MS = 500;
const TICK_MS = 30_000;

/** Looks at the footage, works what it finds and tells how far it is, until nothing waits or it is told to stop. */
export async function workThrough(platform: Platform, options: WorkThroughOptions): Promise<void> {
  const { isOnce, tally, count, progress, stopping } = options;
  const startedMs = performance.now();
  let unsettled = 0;
  let isLooking = true;
  const speed = (): string => {
    const seconds = (performance.now() - startedMs) / 1000;
    return `, ${(tally.footageSeconds / seconds).toFixed(0)}x realtime`;
  };
  const line = (behind: number, isOver = false): string =>
    tally.done + tally.rejected.length + behind === 0
      ? idleLine(options, { ...platform.landed, isOver })
      : `${counted(tally.done, 'segment')} done, ${behind} behind, ${counted(count.total(), 'event')}, ${tally.rejected.length} quarantined`;
  const detail = (): string => (tally.done === 0 ? '' : speed());
  const consume = async (): Promise<void> => {
    while (!stopping.aborted) {
      const taken = await platform.work();
      if (taken > 0 && !progress.isDue) continue;
      const { behind } = await platform.counts();
      progress.show(line(behind), detail());
      if (taken > 0) continue;
      if (isOnce && behind === 0 && !isLooking && unsettled === 0) return;
      await sleep(isOnce ? 50 : 200);
    }
  };
  const look = async (): Promise<void> => {
    if (!isOnce) return platform.watch(stopping, options.say);
    while (!stopping.aborted) {
      unsettled = await platform.intake(stopping);
      if (unsettled === 0) break;
      await sleep(UNSETTLED_MS);
    }
    isLooking = false;
  };
  const tick = async (): Promise<void> => {
    for (let ticks = 1; !stopping.aborted && !isOnce; ticks++) {
      await sleep(TICK_MS, undefined, { signal: stopping }).catch(() => {});
      if (!stopping.aborted) await options.onTick(ticks);
    }
  };
  await Promise.all([look(), tick(), ...Array.from({ length: options.workers }, consume)]);
  progress.end(line((await platform.counts()).behind, true), detail());
}

/** What is said where there has been nothing to do. */
function idleLine(
  { footage, isOnce }: Pick<WorkThroughOptions, 'footage' | 'isOnce'>,
  { files, fresh, isOver }: Platform['landed'] & { readonly isOver: boolean },
): string {
  if (!isOver) {
    const found = files === 0 ? '' : `: ${files} files, ${fresh} of them new`;
    return `${isOnce ? 'looking through' : 'watching'} ${footage}${found}`;
  }
  return files === 0
    ? `no footage in ${footage}: expected <site>/<camera>/<yyyymmddThhmmssZ>_<seconds>s.mp4, as "tierwatch land" makes it`
    : `nothing new in ${footage}: all ${files} files are known from earlier runs`;
}
