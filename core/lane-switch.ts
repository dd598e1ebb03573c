import * as z from 'zod';
import { type BreakEven, endpointFor } from './gpu-break-even';
import type { Telemetry } from './ports';

const rate = z.number().min(0);

/** Where the cameras of lane gpu run, and the numbers that it was decided by: the one object that route reads. */
export const laneDecisionSchema = z.strictObject({
  schemaVersion: z.literal(1),
  lane: z.enum(['cpu', 'gpu']),
  /** Instant at which they went there. */
  since: z.iso.datetime(),
  decidedAt: z.iso.datetime(),
  reason: z.enum(['first', 'above', 'below', 'between', 'dwell']),
  /** Sum of inferred frames a second of all cameras whose settings say lane gpu. */
  framesPerSecond: rate,
  breakEvenFramesPerSecond: rate,
  /** Instances that take as many frames, and what they cost. */
  instances: z.number().int().min(0).default(1),
  endpointUsdPerHour: rate,
  /** What Lambda would take for the same frames. */
  lambdaUsdPerHour: rate,
});
export type LaneDecision = z.infer<typeof laneDecisionSchema>;

/** The object's key, beside the published fleet. */
export const LANE_SWITCH_KEY = 'lane-switch.json';

/** What stands before anything was measured: Lambda, which costs nothing where nothing comes. */
export const UNDECIDED: LaneDecision = {
  schemaVersion: 1,
  lane: 'cpu',
  since: '1970-01-01T00:00:00.000Z',
  decidedAt: '1970-01-01T00:00:00.000Z',
  reason: 'first',
  framesPerSecond: 0,
  breakEvenFramesPerSecond: 0,
  instances: 0,
  endpointUsdPerHour: 0,
  lambdaUsdPerHour: 0,
};

/** On where Lambda would cost this much of the endpoint, off where less than that: between them nothing changes. */
export const ON_RATIO = 1.2;
export const OFF_RATIO = 0.8;

export interface LaneRule {
  readonly breakEven: BreakEven;
  /** A lane is kept for so long at least (min). */
  readonly dwellMinutes: number;
}

/**
 * Decides anew: what Lambda takes for the sum of the rates against the instances that they need, with hysteresis and a
 * minimum dwell. A GPU that its vCPUs can't feed never pays, however many cameras there are.
 */
export function decideLane(
  before: LaneDecision,
  framesPerSecond: number,
  { rule, now }: { readonly rule: LaneRule; readonly now: Date },
): LaneDecision {
  const { breakEven, dwellMinutes } = rule;
  const { instances, usdPerHour } = endpointFor(framesPerSecond, breakEven);
  const lambdaUsdPerHour = framesPerSecond * 3600 * breakEven.lambdaUsdPerFrame;
  const ratio = lambdaUsdPerHour / usdPerHour;
  const wanted = ratio >= ON_RATIO ? 'gpu' : ratio < OFF_RATIO ? 'cpu' : before.lane;
  const isHeld = now.getTime() - Date.parse(before.since) < dwellMinutes * 60_000;
  const isChange = wanted !== before.lane && !isHeld;
  const decidedAt = now.toISOString();
  const reason = ratio >= ON_RATIO ? 'above' : ratio < OFF_RATIO ? 'below' : 'between';
  return {
    schemaVersion: 1,
    lane: isChange ? wanted : before.lane,
    since: isChange ? decidedAt : before.since,
    decidedAt,
    reason: isHeld && wanted !== before.lane ? 'dwell' : reason,
    framesPerSecond,
    breakEvenFramesPerSecond: breakEven.framesPerSecond,
    instances,
    endpointUsdPerHour: usdPerHour,
    lambdaUsdPerHour,
  };
}

/** Where the decision lies. */
export interface LaneSwitchStore {
  /** @throws where it is out of reach or has another form */
  read(): Promise<LaneDecision>;
  write(decision: LaneDecision): Promise<void>;
}

/** Frames that were inferred, by the platform's own metrics. */
export interface FrameCounts {
  /** Sum over all cameras meant for the gpu lane, on whichever lane they ran, with from <= at < to. */
  framesMeantForGpu(period: { readonly from: Date; readonly to: Date }): Promise<number>;
}

/** The decision of one process: it starts undecided. */
export class HeldLaneSwitch implements LaneSwitchStore {
  private held = UNDECIDED;

  async read(): Promise<LaneDecision> {
    return this.held;
  }

  async write(decision: LaneDecision): Promise<void> {
    this.held = decision;
  }
}

/** Read again after this at the earliest. */
const FRESH_MS = 60_000;

/** What route asks. A decision that can't be read changes nothing: the last one holds, and the cpu lane before any. */
export class LaneSwitch {
  private held: { readonly lane: LaneDecision['lane']; readonly readMs: number } | null = null;

  constructor(
    private readonly store: Pick<LaneSwitchStore, 'read'>,
    private readonly deps: { readonly nowMs: () => number; readonly telemetry: Telemetry },
  ) {}

  /** Where cameras of lane gpu run now. */
  async lane(): Promise<LaneDecision['lane']> {
    const nowMs = this.deps.nowMs();
    if (this.held && nowMs - this.held.readMs < FRESH_MS) return this.held.lane;
    let lane = this.held?.lane ?? 'cpu';
    try {
      ({ lane } = await this.store.read());
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      this.deps.telemetry.count('staleLaneSwitch', 1);
      this.deps.telemetry.log('warn', 'the lane switch can’t be read', { cause, lane });
    }
    this.held = { lane, readMs: nowMs };
    return lane;
  }
}
