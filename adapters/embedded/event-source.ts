import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Clock, Delivery, Queue } from '../../core/ports';

type Handler = (
  event: SQSEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
) => Promise<SQSBatchResponse>;

export interface EventSourceOptions {
  readonly batchSize: number;
  /** Longer than any batch may take: a delivery comes back only when its process died. */
  readonly visibilitySeconds: number;
  /** Time that the handler is told it has, seconds. */
  readonly timeoutSeconds: number;
  readonly clock: Clock;
}

/** A failed delivery that the handler gave no time of its own comes back after this. */
const RETRY_SECONDS = 1;

/**
 * Drives a function from an embedded queue as Lambda's event source mapping does from SQS: batches, partial
 * responses, acknowledgement of what was done.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export class EventSource<Body> {
  constructor(
    private readonly name: string,
    private readonly queue: Queue<Body>,
    private readonly handler: Handler,
    private readonly options: EventSourceOptions,
  ) {}

  /** Takes one batch and works it. @returns how many deliveries there were */
  async poll(): Promise<number> {
    const { batchSize, visibilitySeconds, timeoutSeconds, clock } = this.options;
    const deliveries = await this.queue.receive({ max: batchSize, visibilitySeconds });
    if (deliveries.length === 0) return 0;
    const deadlineMs = clock.now().getTime() + timeoutSeconds * 1000;
    const context = { getRemainingTimeInMillis: () => deadlineMs - clock.now().getTime() };
    const event = { Records: deliveries.map((delivery) => this.recordOf(delivery)) };
    const { failed, cause } = await this.invoke(event, context);
    const isDone = ({ id }: Delivery<Body>): boolean => !failed.has(id);
    const handles = deliveries.filter(isDone).map(({ receiptHandle }) => receiptHandle);
    await this.queue.acknowledge(handles);
    for (const delivery of deliveries) {
      if (isDone(delivery)) continue;
      await this.queue.release(delivery.receiptHandle, { afterSeconds: RETRY_SECONDS, cause });
    }
    return deliveries.length;
  }

  /** A handler that throws has failed with its whole batch. */
  private async invoke(
    event: SQSEvent,
    context: Parameters<Handler>[1],
  ): Promise<{ failed: ReadonlySet<string>; cause: string }> {
    try {
      const { batchItemFailures } = await this.handler(event, context);
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      return { failed, cause: `${this.name} reported a failure` };
    } catch (error) {
      const failed = new Set(event.Records.map(({ messageId }) => messageId));
      return { failed, cause: error instanceof Error ? error.message : String(error) };
    }
  }

  private recordOf({ id, receiptHandle, receiveCount, body }: Delivery<Body>): SQSRecord {
    const now = String(this.options.clock.now().getTime());
    return {
      messageId: id,
      receiptHandle,
      body: JSON.stringify(body),
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        SentTimestamp: now,
        SenderId: 'embedded',
        ApproximateFirstReceiveTimestamp: now,
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:local:000000000000:${this.name}`,
      awsRegion: 'local',
    };
  }
}
