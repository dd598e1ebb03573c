import { setImmediate } from 'node:timers/promises';
import type { Steps } from '../../core/steps';

/** Longest that other work waits for its turn, beside one step (ms). */
const TURN_MS = 10;

/** Goes through steps, and lets the queue, the page and Ctrl-C have their turn in between. */
export async function inTurns<Result>(steps: Steps<Result>): Promise<Result> {
  let sinceMs = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - sinceMs < TURN_MS) continue;
    await setImmediate();
    sinceMs = performance.now();
  }
}
