import { createClients, DEFAULT_CLIENT_OPTIONS } from '../adapters/aws/clients';
import { DynamoAlerts, DynamoHealth, DynamoRejections } from '../adapters/aws/dynamo-alerts';
import { DynamoDeletions } from '../adapters/aws/dynamo-deletions';
import { DynamoFailures } from '../adapters/aws/dynamo-failures';
import { DynamoStore } from '../adapters/aws/dynamo-store';
import { DynamoTable } from '../adapters/aws/dynamo-table';
import { FirehoseDetections } from '../adapters/aws/firehose-detections';
import { S3Fleet } from '../adapters/aws/s3-fleet';
import { S3Footage } from '../adapters/aws/s3-footage';
import { S3LaneSwitch } from '../adapters/aws/s3-lane-switch';
import { S3Quarantine } from '../adapters/aws/s3-quarantine';
import { S3Snapshots } from '../adapters/aws/s3-snapshots';
import { SnsNotifier } from '../adapters/aws/sns-notifier';
import { SqsQueue } from '../adapters/aws/sqs-queue';
import type { EnvironmentName } from '../core/environment';
import type { AnalyticsRow, Clock, SegmentMessage, Telemetry } from '../core/ports';
import type { readEnvironment } from './environment';

type Given<Name extends EnvironmentName> = ReturnType<typeof readEnvironment<Name>>;

export const systemClock: Clock = { now: () => new Date() };

/** The SDK's clients of a function, at AWS or at a stand-in on loopback. */
export function clientsOf({ awsEndpoint }: Given<'awsEndpoint'>) {
  return createClients({
    region: process.env.AWS_REGION ?? 'us-east-1',
    ...(awsEndpoint ? { endpoint: awsEndpoint } : {}),
    ...DEFAULT_CLIENT_OPTIONS,
  });
}
type Clients = ReturnType<typeof clientsOf>;

/** The ports of the road on AWS; each function takes those that it needs. */
export const awsPorts = {
  fleet: (
    { s3 }: Clients,
    { configBucket, lanes }: Given<'configBucket' | 'lanes'>,
    telemetry: Telemetry,
  ) => new S3Fleet(s3, { bucket: configBucket, clock: systemClock, telemetry, lanes }),

  laneSwitch: ({ s3 }: Clients, { configBucket }: Given<'configBucket'>) =>
    new S3LaneSwitch(s3, configBucket),

  table: ({ dynamo }: Clients, { table }: Given<'table'>) => new DynamoTable(dynamo, table),

  store: (
    table: DynamoTable,
    { quietItemDays, evidenceItemDays }: Given<'quietItemDays' | 'evidenceItemDays'>,
  ) =>
    new DynamoStore(table, {
      quietDays: quietItemDays,
      evidenceDays: evidenceItemDays,
      clock: systemClock,
    }),

  deletions: (table: DynamoTable, { evidenceItemDays }: Given<'evidenceItemDays'>) =>
    new DynamoDeletions(table, { evidenceDays: evidenceItemDays }),

  alerts: ({ dynamo }: Clients, table: DynamoTable) => new DynamoAlerts(table, dynamo),

  health: (table: DynamoTable) => new DynamoHealth(table),

  footage: ({ s3 }: Clients, { footageBucket }: Given<'footageBucket'>) =>
    new S3Footage(s3, { bucket: footageBucket }),

  quarantine: (
    { s3 }: Clients,
    table: DynamoTable,
    names: Given<'footageBucket' | 'quarantineBucket'>,
  ) => new S3Quarantine(s3, new DynamoRejections(table), names),

  failures: (table: DynamoTable) => new DynamoFailures(table),

  snapshots: ({ s3 }: Clients, { snapshotsBucket }: Given<'snapshotsBucket'>) =>
    new S3Snapshots(s3, snapshotsBucket),

  notifier: ({ sns }: Clients, { notifyTopics }: Given<'notifyTopics'>) =>
    new SnsNotifier(sns, notifyTopics),

  lane: ({ sqs }: Clients, url: string) => new SqsQueue<SegmentMessage>(sqs, { url }),

  archive: ({ firehose }: Clients, { detectionsStream }: { readonly detectionsStream: string }) =>
    new FirehoseDetections(firehose, detectionsStream),

  analyticsQueue: (
    { sqs }: Clients,
    { analyticsQueueUrl }: { readonly analyticsQueueUrl: string },
  ) => new SqsQueue<readonly AnalyticsRow[]>(sqs, { url: analyticsQueueUrl }),
};
