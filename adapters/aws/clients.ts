import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface ClientOptions {
  readonly region: string;
  /** Another address than AWS's own; tests put a stand-in here. */
  readonly endpoint?: string;
  /** Longest wait for one answer, ms; far below a function's timeout, so that the queue gets its turn. */
  readonly requestTimeoutMs: number;
  /** Attempts at one call before the queue delivers again. */
  readonly maxAttempts: number;
}

export const DEFAULT_CLIENT_OPTIONS = { requestTimeoutMs: 10_000, maxAttempts: 4 } as const;

export interface AwsClients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly dynamo: DynamoDBDocumentClient;
  readonly firehose: FirehoseClient;
}

/** What every client of the SDK is made with: adaptive retries and a deadline of its own. */
export function clientConfig({ region, endpoint, ...limits }: ClientOptions) {
  return {
    region,
    ...(endpoint ? { endpoint } : {}),
    retryMode: 'adaptive',
    maxAttempts: limits.maxAttempts,
    requestHandler: { connectionTimeout: 2000, requestTimeout: limits.requestTimeoutMs },
  };
}

/** The clients of the road. */
export function createClients(options: ClientOptions): AwsClients {
  const shared = clientConfig(options);
  return {
    s3: new S3Client({ ...shared, forcePathStyle: options.endpoint !== undefined }),
    sqs: new SQSClient(shared),
    sns: new SNSClient(shared),
    firehose: new FirehoseClient(shared),
    dynamo: DynamoDBDocumentClient.from(new DynamoDBClient(shared), {
      marshallOptions: { removeUndefinedValues: true },
    }),
  };
}
