import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { TierwatchError } from '../../core/errors';
import { SqsQueue } from './sqs-queue';

/** A queue whose failed messages go nowhere that they could come back from. */
export class NoDeadLettersError extends TierwatchError {
  override readonly name = 'NoDeadLettersError';
  constructor(url: string) {
    super(
      `"${url}": expected a queue with a dead-letter queue, found none; name the queue that feeds the function, not its dead letters`,
      { code: 'no-dead-letters', retryable: false },
    );
  }
}

const redrivePolicySchema = z.looseObject({ deadLetterTargetArn: z.string().startsWith('arn:') });

/**
 * Moves a queue's dead letters back to it.
 * @param options `perSecond`: messages a second; absent: as fast as SQS does
 * @returns how many were waiting
 * @throws {NoDeadLettersError}
 */
export async function redriveQueue(
  sqs: SQSClient,
  { url, perSecond }: { readonly url: string; readonly perSecond?: number | undefined },
): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['RedrivePolicy', 'QueueArn'] }),
  );
  const policy = redrivePolicySchema.safeParse(JSON.parse(Attributes?.RedrivePolicy ?? 'null'));
  if (!policy.success) throw new NoDeadLettersError(url);
  const arn = policy.data.deadLetterTargetArn;
  // Both queues belong to one account and region, so their addresses differ by the name alone.
  const deadLetterUrl = `${url.slice(0, url.lastIndexOf('/') + 1)}${arn.split(':').at(-1)}`;
  const queue = new SqsQueue(sqs, {
    url,
    deadLetter: { url: deadLetterUrl, arn },
    ...(Attributes?.QueueArn ? { arn: Attributes.QueueArn } : {}),
    ...(perSecond === undefined ? {} : { redrivePerSecond: perSecond }),
  });
  return queue.redrive();
}
