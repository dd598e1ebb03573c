import type { CameraSettings } from './camera-settings';
import { type CameraCost, priceTier } from './price-book';
import { US_EAST_1 } from './prices/us-east-1';
import { ASSUMED_FLEET } from './tier-cost';

/**
 * What a camera is taken to use before it was measured: 1 Mbit/s rate-controlled footage of a quiet place, in
 * segments of 60 s, as `quiet-abr1m-k10` in docs/benchmarks.md.
 */
const ASSUMED = {
  /** CPU seconds an hour whatever the interval, and those of one sample a second: 4.0 at 5 s and 15.5 at 1 s. */
  fixedCpuSeconds: 1.1,
  cpuSecondsAtOneSecond: 14.4,
  bytesPerHour: 450_000_000,
  snapshotsPerHour: 2,
  snapshotBytes: 20_000,
  segmentSeconds: 60,
  keptRatio: 0.1,
} as const;

/** Without the motion gate every sample is inferred: 2.2 times the work in the same table. */
const UNGATED_FACTOR = 2.2;
/** CPU seconds to decode and infer one frame on the cpu lane: `exhaustive` of that table, what is fixed left out. */
export const CPU_SECONDS_A_FRAME = (ASSUMED.cpuSecondsAtOneSecond * UNGATED_FACTOR) / 3600;

export const ASSUMED_USAGE_IN_WORDS =
  '1 Mbit/s of a quiet place in segments of 60 s, a tenth of it kept as evidence; CPU as quiet-abr1m-k10 in docs/benchmarks.md';

/** CPU seconds that an hour of a camera's footage is taken to need on the cpu lane. */
export function assumedCpuSecondsPerHour({ analysis }: Pick<CameraSettings, 'analysis'>): number {
  const { sampleIntervalSeconds, motionGate } = analysis;
  const factor = motionGate ? 1 : UNGATED_FACTOR;
  const sampled = (ASSUMED.cpuSecondsAtOneSecond * factor) / sampleIntervalSeconds;
  return ASSUMED.fixedCpuSeconds + sampled;
}

/** Dollars a camera-month at assumed usage; null on the gpu lane, whose price is the endpoint's, not a camera's. */
export function assumedCostOf(settings: Priced): number | null {
  return settings.lane === 'gpu' ? null : assumedLinesOf(settings).totalUsdPerMonth;
}

type Priced = Pick<CameraSettings, 'lane' | 'analysis' | 'retention'>;

/** The same by line, on the cpu lane. */
export function assumedLinesOf(settings: Priced): CameraCost {
  const usage = {
    cpuSeconds: assumedCpuSecondsPerHour(settings),
    bytesRead: ASSUMED.bytesPerHour,
    rowsWritten: (2 * 3600) / ASSUMED.segmentSeconds,
    snapshotsWritten: ASSUMED.snapshotsPerHour,
    snapshotBytes: ASSUMED.snapshotsPerHour * ASSUMED.snapshotBytes,
  };
  const { quietDays, eventDays, archiveDays } = settings.retention;
  const options = {
    ...ASSUMED_FLEET,
    quietDays,
    eventDays,
    archiveDays,
    segmentSeconds: ASSUMED.segmentSeconds,
    keptRatio: ASSUMED.keptRatio,
  };
  return priceTier(usage, options, US_EAST_1);
}
