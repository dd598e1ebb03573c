import { gpuTiersOf } from '../core/fleet/lanes';
import {
  decideLane,
  type FrameCounts,
  type LaneDecision,
  type LaneRule,
  type LaneSwitchStore,
} from '../core/lane-switch';
import type { Clock, FleetSource, Telemetry } from '../core/ports';

export interface LaneSwitchDeps {
  readonly fleet: Pick<FleetSource, 'index'>;
  readonly frames: FrameCounts;
  readonly store: LaneSwitchStore;
  readonly rule: LaneRule;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** What is summed: long enough that one busy quarter of an hour starts no endpoint. */
const WINDOW_MS = 30 * 60_000;

/** Sums what the gpu tiers infer, compares it with the break-even and writes where their cameras run. */
export function createLaneSwitch(deps: LaneSwitchDeps) {
  const { fleet, frames, store, rule, clock, telemetry } = deps;
  return async (): Promise<LaneDecision> => {
    const now = clock.now();
    const period = { from: new Date(now.getTime() - WINDOW_MS), to: now };
    const counted = await frames.framesInferred(gpuTiersOf(await fleet.index()), period);
    const before = await store.read();
    const decision = decideLane(before, counted / (WINDOW_MS / 1000), { rule, now });
    await store.write(decision);
    telemetry.count('gatedFramesPerSecond', decision.framesPerSecond);
    telemetry.count('breakEvenFramesPerSecond', decision.breakEvenFramesPerSecond);
    telemetry.count('gpuLaneOn', decision.lane === 'gpu' ? 1 : 0);
    telemetry.log('info', 'lane switch', { ...decision, before: before.lane });
    return decision;
  };
}
