import { constants } from 'node:os';

/** npm hands on the Ctrl-C that the terminal has sent already: what comes this soon is the same (ms). */
const SAME_MS = 1000;

export interface StopDeps {
  readonly nowMs: () => number;
  /** The first: finish what is in hand. */
  readonly onStop: () => void;
  /** Once more: end at once. What is in hand comes back with the next start, as after a kill. */
  readonly onEnd: (exitCode: number) => void;
}

/** What a process hears that is asked to end: once, or once more. */
export function hearStops({ nowMs, onStop, onEnd }: StopDeps): (signal: NodeJS.Signals) => void {
  let firstMs: number | null = null;
  return (signal) => {
    if (firstMs === null) {
      firstMs = nowMs();
      onStop();
    } else if (nowMs() - firstMs > SAME_MS) onEnd(128 + constants.signals[signal]);
  };
}
