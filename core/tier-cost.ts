import type { AnalyticsAnswer } from './analytics-queries';
import { COST_FIELDS, PRICED_ON } from './analytics-row';
import { type CameraCost, priceTier, type TierPriceOptions } from './price-book';
import { priceWork, waitedSecondsOf } from './price-work';
import { US_EAST_1 } from './prices/us-east-1';

/** What a fleet of this size pays; stated beside every figure. */
export const ASSUMED_FLEET = {
  ...PRICED_ON,
  quietDays: 2,
  eventDays: 30,
  archiveDays: 365,
  cameras: 1000,
} as const;

export const COST_ASSUMPTIONS = `Lambda ${ASSUMED_FLEET.architecture} ${ASSUMED_FLEET.memoryMb} MB, footage kept ${ASSUMED_FLEET.quietDays} days, evidence ${ASSUMED_FLEET.eventDays} and archived until ${ASSUMED_FLEET.archiveDays}, ${ASSUMED_FLEET.cameras} cameras; ${US_EAST_1.region} list prices of ${US_EAST_1.asOf}`;

type KeptDays = Required<Pick<TierPriceOptions, 'quietDays' | 'eventDays' | 'archiveDays'>>;

/** What was measured of some segments: a row of `cost-by-tier`, or the sum of several. */
export interface MeasuredWork
  extends Omit<AnalyticsAnswer<'cost-by-tier'>, 'tier' | 'workUsd' | 'usdPerCameraMonth'> {
  /** As it was priced when it was worked: waiting for an endpoint is in it alone. @default priced by the sums, without any */
  readonly workUsd?: number | undefined;
}

/**
 * Dollars a camera-month of a tier, by line, were every hour like the footage of these segments.
 * @param kept days that footage is kept. @default those of the assumed fleet
 * @returns null without footage
 */
export function costOfTier(
  row: MeasuredWork,
  { quietDays, eventDays, archiveDays }: KeptDays = ASSUMED_FLEET,
): CameraCost | null {
  const { segments, footageSeconds, quietSegments, ...used } = row;
  if (footageSeconds <= 0) return null;
  const hours = footageSeconds / 3600;
  const hourly = {
    cpuSeconds: used.cpuSeconds / hours,
    bytesRead: used.bytesRead / hours,
    rowsWritten: used.rowsWritten / hours,
    snapshotsWritten: used.snapshotsWritten / hours,
    snapshotBytes: used.snapshotBytes / hours,
    waitSeconds: waitSecondsOf(row) / hours,
  };
  const options = {
    ...ASSUMED_FLEET,
    quietDays,
    eventDays,
    archiveDays,
    segmentSeconds: Math.min(3600, Math.max(1, footageSeconds / segments)),
    keptRatio: 1 - quietSegments / segments,
  };
  return priceTier(hourly, options, US_EAST_1);
}

/** Of all that dollars were counted for the sums tell but the waiting. To a hundredth of a second: the sums are rounded. */
function waitSecondsOf(row: MeasuredWork): number {
  const { workUsd } = row;
  if (workUsd === undefined) return 0;
  const beyondUsd = workUsd - priceWork(row, PRICED_ON, US_EAST_1);
  const seconds = waitedSecondsOf(beyondUsd, PRICED_ON.architecture, US_EAST_1);
  return Math.max(0, Math.round(seconds * 100) / 100);
}

/** The work of several rows together. */
export function sumWork(rows: readonly MeasuredWork[]): MeasuredWork {
  const names = ['segments', 'quietSegments', ...COST_FIELDS] as const;
  const sums = names.map(
    (name) => [name, rows.reduce((all, row) => all + (row[name] ?? 0), 0)] as const,
  );
  return Object.fromEntries(sums) as unknown as MeasuredWork;
}
