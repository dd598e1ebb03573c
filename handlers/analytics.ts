import type { SQSBatchItemFailure } from 'aws-lambda';
import type { AnalyticsRow, AnalyticsStore, Telemetry } from '../core/ports';
import { queuedRowsSchema, rowOfQueued } from '../core/queued-row';
import type { SqsHandler } from './batch';
import { NewerMessageError, readMessage } from './message';

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
    const newer: SQSBatchItemFailure[] = [];
    for (const { body, messageId, attributes } of Records) {
      try {
        const sentMs = Number(attributes.SentTimestamp);
        const found = readMessage(queuedRowsSchema, body);
        if (found) rows.push(...found.map((row) => rowOfQueued(row, sentMs)));
        else {
          telemetry.count('refusedMessages', 1);
          telemetry.log('error', 'expected analytics rows, found another form', { messageId });
        }
      } catch (error) {
        if (!(error instanceof NewerMessageError)) throw error;
        telemetry.log('warn', 'tried again later', { messageId, cause: error.message });
        newer.push({ itemIdentifier: messageId });
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
    return { batchItemFailures: newer };
  };
}
