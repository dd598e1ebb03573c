import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

/** What a handler needs of Lambda's context: the time that is left. */
export type Deadline = Pick<Context, 'getRemainingTimeInMillis'>;
export type SqsHandler = (event: SQSEvent, context: Deadline) => Promise<SQSBatchResponse>;

/**
 * Works a batch record by record and reports those whose work threw: the queue delivers them again, the
 * rest is done.
 */
export function workBatch(
  event: SQSEvent,
  work: (record: SQSRecord) => Promise<void>,
): Promise<SQSBatchResponse> {
  return processPartialResponse(event, work, new BatchProcessor(EventType.SQS), {
    processInParallel: false,
    throwOnFullBatchFailure: false,
  });
}
