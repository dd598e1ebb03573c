import { DynamoRejections } from '../adapters/aws/dynamo-alerts';
import { S3Shelf } from '../adapters/aws/s3-shelf';
import { SqsQueue } from '../adapters/aws/sqs-queue';
import { awsPorts, clientsOf, systemClock } from './aws-road';
import { readEnvironment } from './environment';
import { observed } from './observed';
import { createRetention, type RetentionMessage } from './retention';

const given = readEnvironment([
  'environment',
  'footageBucket',
  'configBucket',
  'table',
  'retentionQueueUrl',
  'retentionMode',
  'lanes',
  'quietItemDays',
  'evidenceItemDays',
  'awsEndpoint',
]);
/** One message's share of the function's time: S3 deletes a thousand a call. */
const MAX_OBJECTS = 20_000;

const { telemetry, observe } = observed('retention', given.environment);
const clients = clientsOf(given);
const table = awsPorts.table(clients, given);
const run = createRetention({
  shelf: new S3Shelf(clients.s3, given.footageBucket),
  store: awsPorts.store(table, given),
  quarantine: new DynamoRejections(table),
  deletions: awsPorts.deletions(table, given),
  fleet: awsPorts.fleet(clients, given, telemetry),
  queue: new SqsQueue<RetentionMessage>(clients.sqs, { url: given.retentionQueueUrl }),
  clock: systemClock,
  telemetry,
  mode: given.retentionMode,
  maxObjects: MAX_OBJECTS,
});

/** Daily, and then camera by camera. */
export const handler = observe(run);
