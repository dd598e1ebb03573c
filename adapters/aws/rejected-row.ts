import type { AnalyticsRow, Telemetry } from '../../core/ports';

/** A row that a time series will never take, and its reason; the rows beside it were taken. */
export interface RejectedRow {
  readonly row: AnalyticsRow;
  readonly reason: string;
}

/** Hears of each rejected row: delivering it again would change nothing. */
export type OnRejected = (rejected: RejectedRow) => void;

/** Counts and logs each rejected row; the item in the store is still the truth. */
export function reportRejected(telemetry: Telemetry): OnRejected {
  return ({ row: { segmentKey, range }, reason }) => {
    telemetry.count('refusedMessages', 1);
    telemetry.log('error', 'the time series rejected a row', { segmentKey, range, reason });
  };
}
