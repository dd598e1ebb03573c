import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { TierwatchError } from '../../core/errors';
import type { DeadLetter, Delivery, Queue } from '../../core/ports';
import { isNamed } from './errors';

/** Some messages of a batch were not taken; the others were. */
export class SqsBatchError extends TierwatchError {
  override readonly name = 'SqsBatchError';
  constructor(operation: string, failed: readonly { Code?: string | undefined }[]) {
    const codes = [...new Set(failed.map(({ Code }) => Code ?? 'unknown'))].join(', ');
    super(
      `"${operation}": expected the whole batch to be taken, found ${failed.length} refused: ${codes}; it is tried again`,
      { code: 'sqs-batch', retryable: true },
    );
  }
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_BATCH = 10;
const MAX_VISIBILITY_SECONDS = 43_200;
/** A look asks all of SQS's servers: without waiting it would miss letters of those it did not ask. */
const LOOK_WAIT_SECONDS = 1;

export interface SqsQueueOptions {
  readonly url: string;
  /** Of its dead-letter queue; reading and redriving them needs both. */
  readonly deadLetter?: { readonly url: string; readonly arn: string };
  /** Its own; a redrive names it as where the letters go. */
  readonly arn?: string;
  /** Messages a second that a redrive moves. @default as fast as SQS does */
  readonly redrivePerSecond?: number;
}

/** A standard queue of Amazon SQS. It does not deduplicate: what works a message is idempotent. */
export class SqsQueue<Body> implements Queue<Body> {
  constructor(
    private readonly sqs: SQSClient,
    private readonly options: SqsQueueOptions,
  ) {}

  /** @throws {SqsBatchError} */
  async send(messages: Parameters<Queue<Body>['send']>[0]): Promise<number> {
    for (const batch of batchesOf(messages)) {
      const { Failed = [] } = await this.sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: this.options.url,
          Entries: batch.map(({ body, delaySeconds }, index) => ({
            Id: String(index),
            MessageBody: JSON.stringify(body),
            ...(delaySeconds ? { DelaySeconds: Math.round(delaySeconds) } : {}),
          })),
        }),
      );
      if (Failed.length > 0) throw new SqsBatchError('SendMessageBatch', Failed);
    }
    return messages.length;
  }

  async receive({
    max,
    visibilitySeconds,
  }: Parameters<Queue<Body>['receive']>[0]): Promise<readonly Delivery<Body>[]> {
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.options.url,
        MaxNumberOfMessages: Math.min(max, MAX_BATCH),
        VisibilityTimeout: visibilitySeconds,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
    return Messages.map((message) => ({
      id: message.MessageId!,
      receiptHandle: message.ReceiptHandle!,
      receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
      body: bodyOf<Body>(message),
    }));
  }

  /** @throws {SqsBatchError} */
  async acknowledge(receiptHandles: readonly string[]): Promise<void> {
    for (const batch of batchesOf(receiptHandles)) {
      const { Failed = [] } = await this.sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: this.options.url,
          Entries: batch.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })),
        }),
      );
      const lost = Failed.filter(({ Code }) => Code !== 'ReceiptHandleIsInvalid');
      if (lost.length > 0) throw new SqsBatchError('DeleteMessageBatch', lost);
    }
  }

  async release(
    receiptHandle: string,
    { afterSeconds }: Parameters<Queue<Body>['release']>[1],
  ): Promise<void> {
    const command = new ChangeMessageVisibilityCommand({
      QueueUrl: this.options.url,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: Math.min(Math.ceil(afterSeconds), MAX_VISIBILITY_SECONDS),
    });
    try {
      await this.sqs.send(command);
    } catch (error) {
      // A handle of an earlier delivery: the message is another's, or gone.
      if (!isNamed(error, 'ReceiptHandleIsInvalid', 'MessageNotInflight')) throw error;
    }
  }

  /** Approximate, as SQS's own. */
  async counts(): Promise<{ waiting: number; inFlight: number; dead: number }> {
    const [own, dead] = await Promise.all([
      this.attributesOf(this.options.url),
      this.options.deadLetter ? this.attributesOf(this.options.deadLetter.url) : null,
    ]);
    return {
      waiting: own.visible + own.delayed,
      inFlight: own.inFlight,
      dead: dead ? dead.visible + dead.inFlight : 0,
    };
  }

  /**
   * A look at up to ten, that hides nothing from anybody (docs/decisions/dead-letters.md). SQS keeps neither
   * cause nor instant: `deadAt` is when the message was sent first.
   */
  async deadLetters(): Promise<readonly DeadLetter<Body>[]> {
    if (!this.options.deadLetter) return [];
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.options.deadLetter.url,
        MaxNumberOfMessages: MAX_BATCH,
        VisibilityTimeout: 0,
        WaitTimeSeconds: LOOK_WAIT_SECONDS,
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    );
    const byId = new Map(Messages.map((message) => [message.MessageId!, message]));
    return [...byId].map(([id, message]) => ({
      id,
      body: anyBodyOf(message) as Body,
      cause: 'its last delivery ended without a word: see the function’s log by this message id',
      deadAt: new Date(Number(message.Attributes?.SentTimestamp ?? 0)).toISOString(),
    }));
  }

  /** Moves all dead letters back to this queue; SQS can't choose among them. @returns how many were waiting */
  async redrive(): Promise<number> {
    const { deadLetter, arn, redrivePerSecond } = this.options;
    if (!deadLetter) return 0;
    const { dead } = await this.counts();
    if (dead === 0) return 0;
    await this.sqs.send(
      new StartMessageMoveTaskCommand({
        SourceArn: deadLetter.arn,
        ...(arn ? { DestinationArn: arn } : {}),
        ...(redrivePerSecond ? { MaxNumberOfMessagesPerSecond: redrivePerSecond } : {}),
      }),
    );
    return dead;
  }

  private async attributesOf(url: string) {
    const { Attributes = {} } = await this.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      }),
    );
    return {
      visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
      inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
      delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
    };
  }
}

function bodyOf<Body>({ Body: text = 'null' }: Message): Body {
  return JSON.parse(text) as Body;
}

/** A dead letter may be dead because it is no JSON. */
function anyBodyOf(message: Message): unknown {
  try {
    return bodyOf(message);
  } catch {
    return null;
  }
}

function batchesOf<One>(all: readonly One[]): One[][] {
  return Array.from({ length: Math.ceil(all.length / MAX_BATCH) }, (_, index) =>
    all.slice(index * MAX_BATCH, (index + 1) * MAX_BATCH),
  );
}
