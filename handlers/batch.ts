import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { TierwatchError } from '../core/errors';
import { MAX_DELIVERIES } from '../core/limits';
import type { Clock, FailureNotes } from '../core/ports';

/** What a handler needs of Lambda's context: the time that is left. */
export type Deadline = Pick<Context, 'getRemainingTimeInMillis'>;
export type SqsHandler = (event: SQSEvent, context: Deadline) => Promise<SQSBatchResponse>;

export interface BatchDeps {
  /** Keeps why a last delivery failed. @default nobody: the queue does so itself */
  readonly failures?: Pick<FailureNotes, 'note'>;
  readonly clock: Clock;
  /** Records are worked at the same time: they wait for others more than they work. @default one after another */
  readonly isTogether?: boolean;
}

/**
 * Works a batch and reports the records whose work threw: the queue delivers them again, the rest is done.
 */
export function workBatch(
  event: SQSEvent,
  work: (record: SQSRecord) => Promise<void>,
  deps?: BatchDeps,
): Promise<SQSBatchResponse> {
  const noted = async (record: SQSRecord): Promise<void> => {
    try {
      await work(record);
    } catch (error) {
      if (deps) await noteLast(record, error, deps);
      throw error;
    }
  };
  return processPartialResponse(event, noted, new BatchProcessor(EventType.SQS), {
    processInParallel: deps?.isTogether ?? false,
    throwOnFullBatchFailure: false,
  });
}

/** A dead letter says why: noted once it is one. Where that fails too, the log has it. */
async function noteLast(
  { messageId, attributes }: SQSRecord,
  error: unknown,
  { failures, clock }: BatchDeps,
): Promise<void> {
  if (Number(attributes.ApproximateReceiveCount) < MAX_DELIVERIES) return;
  const cause = error instanceof Error ? error.message : String(error);
  const code = error instanceof TierwatchError ? `[${error.code}] ` : '';
  const note = { messageId, cause: `${code}${cause}`, at: clock.now().toISOString() };
  await failures?.note(note).catch(() => undefined);
}
