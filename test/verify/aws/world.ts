import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateDeliveryStreamCommand } from '@aws-sdk/client-firehose';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { type AwsClients, createClients } from '../../../adapters/aws/clients';
import { DynamoTable } from '../../../adapters/aws/dynamo-table';
import { TABLE_KEYS } from '../../../core/table-keys';
import { ACCOUNT, FAKE_CREDENTIALS, REGION } from './moto';

let made = 0;

/** A name that no other test of this run has. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${++made}-${process.pid}`;
}

export function clientsAt(endpoint: string): AwsClients {
  Object.assign(process.env, FAKE_CREDENTIALS);
  return createClients({ region: REGION, endpoint, requestTimeoutMs: 10_000, maxAttempts: 3 });
}

/** The single table as infra makes it. */
export async function createTable({ dynamo }: AwsClients): Promise<DynamoTable> {
  const TableName = uniqueName('table');
  const { partition, sort, byTime, byStatus } = TABLE_KEYS;
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys(partition, sort),
      AttributeDefinitions: [
        ...[partition, sort, byTime.partition, byTime.sort],
        ...[byStatus.partition, byStatus.sort],
      ].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      GlobalSecondaryIndexes: [byTime, byStatus].map((index) => ({
        IndexName: index.index,
        KeySchema: keys(index.partition, index.sort),
        Projection: { ProjectionType: 'ALL' as const },
      })),
    }),
  );
  return new DynamoTable(dynamo, TableName);
}

/** @returns its name */
export async function createBucket({ s3 }: AwsClients, isVersioned = false): Promise<string> {
  const Bucket = uniqueName('bucket');
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (isVersioned) {
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  return Bucket;
}

export interface MadeQueue {
  readonly url: string;
  readonly arn: string;
  readonly deadLetter: { readonly url: string; readonly arn: string };
}

/** A queue with its dead-letter queue after five deliveries. */
export async function createQueue({ sqs }: AwsClients, prefix = 'queue'): Promise<MadeQueue> {
  const make = async (QueueName: string, Attributes: Record<string, string> = {}) => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    const { Attributes: found } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    return { url: QueueUrl!, arn: found!.QueueArn! };
  };
  const name = uniqueName(prefix);
  const deadLetter = await make(`${name}-dead`);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetter.arn, maxReceiveCount: 5 });
  return { ...(await make(name, { RedrivePolicy })), deadLetter };
}

/** A topic whose messages land in a queue. */
export async function createTopic(clients: AwsClients): Promise<{ arn: string; queue: MadeQueue }> {
  const queue = await createQueue(clients, 'topic');
  const { TopicArn } = await clients.sns.send(
    new CreateTopicCommand({ Name: uniqueName('topic') }),
  );
  await clients.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn }));
  return { arn: TopicArn!, queue };
}

export interface MadeStream {
  readonly name: string;
  readonly arn: string;
  /** Records so far, parsed from their JSON lines. */
  landed(): Promise<readonly unknown[]>;
}

/** A Firehose stream into a bucket of its own. */
export async function createStream(clients: AwsClients): Promise<MadeStream> {
  const bucket = await createBucket(clients);
  const name = uniqueName('detections');
  const { DeliveryStreamARN } = await clients.firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: name,
      ExtendedS3DestinationConfiguration: {
        BucketARN: `arn:aws:s3:::${bucket}`,
        RoleARN: `arn:aws:iam::${ACCOUNT}:role/firehose`,
      },
    }),
  );
  const textOf = async (Key: string): Promise<string> => {
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return Body!.transformToString();
  };
  return {
    name,
    arn: DeliveryStreamARN!,
    landed: async () => {
      const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
      const texts = await Promise.all(Contents.map(({ Key }) => textOf(Key!)));
      return texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line));
    },
  };
}
