import {
  decideLane,
  type FrameCounts,
  type LaneDecision,
  type LaneRule,
  type LaneSwitchStore,
} from '../core/lane-switch';
import type { Clock, Telemetry } from '../core/ports';

export interface LaneSwitchDeps {
  readonly frames: FrameCounts;
  readonly store: LaneSwitchStore;
  readonly rule: LaneRule;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** What is summed: long enough that one busy quarter of an hour starts no endpoint. */
const WINDOW_MINUTES = 30;

/** Sums what cameras of lane gpu infer, compares it with the break-even and writes where they run. */
export function createLaneSwitch(deps: LaneSwitchDeps) {
  const { frames, store, rule, clock, telemetry } = deps;
  return async (): Promise<LaneDecision> => {
    const now = clock.now();
    const windowMs = WINDOW_MINUTES * 60_000;
    const counted = await frames.framesMeantForGpu({
      from: new Date(now.getTime() - windowMs),
      to: now,
    });
    const before = await store.read();
    const decision = decideLane(before, counted / (windowMs / 1000), { rule, now });
    await store.write(decision);
    telemetry.count('gatedFramesPerSecond', decision.framesPerSecond);
    telemetry.count('breakEvenFramesPerSecond', decision.breakEvenFramesPerSecond);
    telemetry.count('gpuLaneOn', decision.lane === 'gpu' ? 1 : 0);
    const summed = { framesInferred: counted, windowMinutes: WINDOW_MINUTES };
    telemetry.log('info', 'lane switch', { ...decision, ...summed, before: before.lane });
    return decision;
  };
}
