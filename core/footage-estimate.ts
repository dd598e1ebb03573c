import type { CameraSettings } from './camera-settings';
import { priceTier } from './price-book';
import { US_EAST_1 } from './prices/us-east-1';
import { ASSUMED_FLEET } from './tier-cost';
import type { TierEstimate } from './upload';

/** What analysing a piece of footage at a tier took. */
export interface MeasuredFootage {
  readonly footageSeconds: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
  /** Parts that it was analysed in, as landed segments would be. */
  readonly segments: number;
  /** Those with something in them. */
  readonly evidenceSegments: number;
  readonly snapshots: number;
  readonly snapshotBytes: number;
}

/** An item and its pointer a segment. */
const ROWS_A_SEGMENT = 2;

/**
 * A camera-month at a tier, were every hour like a piece of footage. On the gpu lane null: its price is its
 * endpoint's, shared by many cameras.
 */
export function estimateTier(
  settings: Pick<CameraSettings, 'tier' | 'lane' | 'analysis' | 'retention'>,
  measured: MeasuredFootage,
): TierEstimate {
  const { tier, lane, analysis, retention } = settings;
  const { sampleIntervalSeconds } = analysis;
  const shown = { tier, lane, sampleIntervalSeconds };
  if (lane === 'gpu') {
    const basis = 'a lane whose price is its endpoint’s, shared by its cameras';
    return { ...shown, usdPerMonth: null, lines: [], basis };
  }
  const { footageSeconds, segments } = measured;
  const hours = footageSeconds / 3600;
  const { lines, totalUsdPerMonth } = priceTier(
    {
      cpuSeconds: measured.cpuSeconds / hours,
      bytesRead: measured.bytes / hours,
      rowsWritten: (segments * ROWS_A_SEGMENT) / hours,
      snapshotsWritten: measured.snapshots / hours,
      snapshotBytes: measured.snapshotBytes / hours,
    },
    {
      ...ASSUMED_FLEET,
      quietDays: retention.quietDays,
      eventDays: retention.eventDays,
      archiveDays: retention.archiveDays,
      segmentSeconds: Math.min(3600, Math.max(1, footageSeconds / segments)),
      keptRatio: measured.evidenceSegments / segments,
    },
    US_EAST_1,
  );
  const basis = `${footageSeconds.toFixed(0)} s analysed with ${measured.cpuSeconds.toFixed(2)} CPU s on this machine`;
  return { ...shown, usdPerMonth: totalUsdPerMonth, lines: [...lines], basis };
}
