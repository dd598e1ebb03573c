import type { SQSRecord } from 'aws-lambda';
import { isFootageAtFault } from '../core/blame';
import type { TierwatchError } from '../core/errors';
import type { Quarantine, Queue, Telemetry } from '../core/ports';
import { type SegmentMessage, segmentMessageSchema } from '../core/segment-message';
import { type WorkDeps, type WorkOutcome, workSegment } from '../core/work-segment';
import { type BatchDeps, type Deadline, type SqsHandler, workBatch } from './batch';
import { readMessage } from './message';

export interface DetectCpuDeps extends WorkDeps, BatchDeps {
  /** The lane's own queue. */
  readonly queue: Pick<Queue<SegmentMessage>, 'send' | 'release'>;
  readonly quarantine: Pick<Quarantine, 'reject'>;
  readonly telemetry: Telemetry;
  /** Time that a message's range may take, ms; what is left of the function's must exceed it. */
  readonly neededMs: (message: SegmentMessage) => number;
  /** Takes what this lane can't work for want of its endpoint. @returns whether it did */
  readonly spill?: (message: SegmentMessage, error: unknown) => Promise<boolean>;
  /** Hears what became of each message; on one machine it keeps the tally. */
  readonly observer?: {
    done(outcome: WorkOutcome): void;
    failed(message: SegmentMessage, error: unknown): void;
  };
}

/** Seconds until a failed delivery comes back, by how often it was delivered. */
const BACKOFF_SECONDS = [1, 5, 30, 120] as const;

/** A lane's messages → analysed segments: rows, snapshots, alerts. */
export function createDetectCpu(deps: DetectCpuDeps): SqsHandler {
  return (event, context) => {
    const work = async ({ body, messageId, receiptHandle, attributes }: SQSRecord) => {
      const message = parseMessage(body, messageId, deps);
      if (!message || (await isSentAgain(message, context, deps))) return;
      try {
        const outcome = await workSegment(message, deps);
        report(outcome, message, deps.telemetry);
        deps.observer?.done(outcome);
      } catch (error) {
        if (await deps.spill?.(message, error)) return;
        deps.observer?.failed(message, error);
        if (isFootageAtFault(error)) {
          await quarantine(message, error, deps);
          return;
        }
        const receiveCount = Number(attributes.ApproximateReceiveCount);
        const afterSeconds =
          BACKOFF_SECONDS[Math.min(receiveCount, BACKOFF_SECONDS.length) - 1] ?? 1;
        const cause = error instanceof Error ? error.message : String(error);
        deps.telemetry.count('retried', 1);
        deps.telemetry.log('warn', 'tried again later', { ...namesOf(message), messageId, cause });
        await deps.queue.release(receiptHandle, { afterSeconds, cause });
        throw error;
      }
    };
    return workBatch(event, work, deps);
  };
}

/** @returns null for what is no message of ours: it is dropped, loudly @throws {NewerMessageError} */
function parseMessage(
  body: string,
  messageId: string,
  { telemetry }: DetectCpuDeps,
): SegmentMessage | null {
  const message = readMessage(segmentMessageSchema, body);
  if (message) return message;
  telemetry.count('refusedMessages', 1);
  telemetry.log('error', 'expected a segment message, found another form', { messageId });
  return null;
}

/** What can't be finished in time goes back as a new message: it must not use up a delivery (contracts 11). */
async function isSentAgain(
  message: SegmentMessage,
  context: Deadline,
  { queue, neededMs, telemetry }: DetectCpuDeps,
): Promise<boolean> {
  if (context.getRemainingTimeInMillis() >= neededMs(message)) return false;
  await queue.send([{ body: { ...message, attempt: message.attempt + 1 } }]);
  telemetry.count('sentAgain', 1);
  return true;
}

async function quarantine(
  { objectKey, objectVersion, ...rest }: SegmentMessage,
  { code, message: reason }: TierwatchError,
  { quarantine: store, telemetry, clock }: DetectCpuDeps,
): Promise<void> {
  const at = clock.now().toISOString();
  await store.reject({ key: objectKey, objectVersion, code, reason, at });
  telemetry.count('quarantined', 1);
  telemetry.log('warn', 'quarantined', { segmentKey: rest.segmentKey, objectKey, code, reason });
}

function report({ item, isNew }: WorkOutcome, message: SegmentMessage, telemetry: Telemetry): void {
  telemetry.log('info', isNew ? 'segment done' : 'segment was done', {
    ...namesOf(message),
    inferred: item.framesInferred,
    presences: item.presences.length,
  });
  if (!isNew) return;
  const dimensions = { tier: item.tier, lane: item.lane };
  const lagMs = Date.parse(item.analysedAt) - Date.parse(item.endedAt);
  telemetry.count('segments', 1, dimensions);
  telemetry.count('framesSampled', item.framesSampled, dimensions);
  telemetry.count('framesDecoded', item.framesDecoded, dimensions);
  telemetry.count('framesInferred', item.framesInferred, dimensions);
  telemetry.count('analysisSeconds', item.usage.wallSeconds, dimensions);
  telemetry.count('lagSeconds', lagMs / 1000, dimensions);
  // Once more for the alarm, which looks at all tiers together.
  telemetry.count('lagSeconds', lagMs / 1000);
  // What the lane switch sums, on whichever lane it was worked.
  if (message.intendedLane === 'gpu') telemetry.count('framesMeantForGpu', item.framesInferred);
  if (item.usage.gpuMs > 0) telemetry.count('gpuMs', item.usage.gpuMs, dimensions);
}

function namesOf({ segmentKey, range, camera }: SegmentMessage): Record<string, string> {
  return { segmentKey, range, camera };
}
