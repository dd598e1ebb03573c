import { analyticsRowSchema } from '../core/analytics-row';
import type { AnalyticsRow, AnalyticsStore, Telemetry } from '../core/ports';
import type { SqsHandler } from './batch';

export interface AnalyticsDeps {
  readonly analytics: Pick<AnalyticsStore, 'write'>;
  readonly telemetry: Telemetry;
}

/**
 * Rows of analysed segments → the time series, a batch in one write. Late and repeated rows take the place
 * of the first. Where the write fails the whole batch is delivered again.
 */
export function createAnalytics({ analytics, telemetry }: AnalyticsDeps): SqsHandler {
  return async ({ Records }) => {
    const rows: AnalyticsRow[] = [];
    for (const { body, messageId } of Records) {
      try {
        rows.push(...analyticsRowSchema.array().parse(JSON.parse(body)));
      } catch {
        telemetry.count('refusedMessages', 1);
        telemetry.log('error', 'expected analytics rows, found another form', { messageId });
      }
    }
    try {
      if (rows.length > 0) await analytics.write(rows);
    } catch (error) {
      // Of a dead letter this line is all there is: the function may write no note of its own.
      const messageIds = Records.map(({ messageId }) => messageId);
      const cause = error instanceof Error ? error.message : String(error);
      telemetry.log('error', 'tried again later', { messageIds, cause });
      throw error;
    }
    return { batchItemFailures: [] };
  };
}
