import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PutBucketNotificationConfigurationCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import type { AwsClients } from '../../../adapters/aws/clients';
import type { DynamoTable } from '../../../adapters/aws/dynamo-table';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import { EventSource } from '../../../adapters/embedded/event-source';
import { ENVIRONMENT, type EnvironmentName } from '../../../core/environment';
import { compileFleet, INDEX_KEY, renderCompiled, shardKey } from '../../../core/fleet/compile';
import { parseFleet } from '../../../core/fleet/parse';
import { REGION } from './moto';
import {
  clientsAt,
  createBucket,
  createQueue,
  createStream,
  createTable,
  createTopic,
  type MadeQueue,
  type MadeStream,
} from './world';

const ROOT = join(__dirname, '../../..');
export const LOBBY = 'harbour-depot/lobby/20261102T080000Z_60s.mp4';
export const LOBBY_BYTES = readFileSync(join(ROOT, 'demo/footage', LOBBY));

const FLEET = `
retention: { maxBytes: 1 }
keyPatterns: [{ pattern: 'cctv/{camera}/{start:yyyyMMdd-HHmmss}.mp4', site: harbour-depot }]
defaults: { tier: steady, classes: [person, vehicle], cameraSilentMinutes: 30, healthNotify: ops }
cameras:
  harbour-depot/yard: { tier: high }
  harbour-depot/lobby:
    alerts: [{ name: any, classes: [person], notify: ops }]
    alertMaxAgeMinutes: 5256000
notify: { ops: { stdout: true } }
`;

/** Everything that the road needs, made in moto as infra makes it at AWS. */
export interface MadeRoad {
  readonly clients: AwsClients;
  readonly table: DynamoTable;
  readonly footageBucket: string;
  readonly quarantineBucket: string;
  readonly snapshotsBucket: string;
  readonly configBucket: string;
  readonly landed: MadeQueue;
  readonly cpu: MadeQueue;
  readonly gpu: MadeQueue;
  readonly analytics: MadeQueue;
  readonly retention: MadeQueue;
  readonly detections: MadeStream;
  readonly topic: { readonly arn: string; readonly queue: MadeQueue };
  readonly variables: Readonly<Record<string, string>>;
}

/** @param change of what the functions are given */
export async function makeRoad(
  endpoint: string,
  change: Partial<Record<EnvironmentName, string>> = {},
): Promise<MadeRoad> {
  const clients = clientsAt(endpoint);
  const [footageBucket, quarantineBucket, snapshotsBucket, configBucket] = await Promise.all([
    createBucket(clients, true),
    createBucket(clients),
    createBucket(clients),
    createBucket(clients),
  ]);
  const [landed, cpu, gpu, analytics, retention] = [
    await createQueue(clients, 'landed'),
    await createQueue(clients, 'cpu'),
    await createQueue(clients, 'gpu'),
    await createQueue(clients, 'analytics'),
    await createQueue(clients, 'retention'),
  ];
  const topic = await createTopic(clients);
  const detections = await createStream(clients);
  const table = await createTable(clients);
  await publishFleet(clients, configBucket, FLEET);
  await clients.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: footageBucket,
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: landed.arn, Events: ['s3:ObjectCreated:*'] }],
      },
    }),
  );
  const values: Partial<Record<EnvironmentName, string>> = {
    environment: 'verify',
    footageBucket,
    quarantineBucket,
    snapshotsBucket,
    configBucket,
    table: table.name,
    cpuQueueUrl: cpu.url,
    gpuQueueUrl: gpu.url,
    analyticsQueueUrl: analytics.url,
    detectionsStream: detections.name,
    retentionQueueUrl: retention.url,
    retentionMode: 'enforce',
    notifyTopics: JSON.stringify({ ops: topic.arn }),
    lanes: 'cpu,gpu',
    modelFolder: join(ROOT, 'model-build/default'),
    quietItemDays: '32',
    evidenceItemDays: '60',
    footageDays: '30',
    workers: '1',
    awsEndpoint: endpoint,
    ...change,
  };
  const variables = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [ENVIRONMENT[name as EnvironmentName], value]),
  );
  const names = { footageBucket, quarantineBucket, snapshotsBucket, configBucket };
  const queues = { landed, cpu, gpu, analytics, retention };
  return { clients, table, ...names, ...queues, detections, topic, variables };
}

export async function publishFleet(
  { s3 }: AwsClients,
  Bucket: string,
  text: string,
): Promise<void> {
  const { index, shards } = compileFleet(parseFleet('fleet.yaml', text));
  await s3.send(new PutObjectCommand({ Bucket, Key: INDEX_KEY, Body: renderCompiled(index) }));
  for (const [number, shard] of shards.entries()) {
    const Body = gzipSync(renderCompiled(shard));
    await s3.send(new PutObjectCommand({ Bucket, Key: shardKey(number), Body }));
  }
}

function bundled(file: string): {
  handler: (event: unknown, context: Context) => Promise<unknown>;
} {
  return createRequire(file)(file);
}

/** The gpu lane's function, fed from its queue; its endpoint is at an address on loopback. */
export async function openGpuLane(
  { clients, gpu, variables }: MadeRoad,
  { address, endpointName }: { readonly address: string; readonly endpointName: string },
) {
  Object.assign(process.env, variables, {
    [ENVIRONMENT.gpuAddress]: address,
    [ENVIRONMENT.gpuEndpoint]: endpointName,
    [ENVIRONMENT.gpuVariant]: 'main',
  });
  const { handler } = await import('../../../handlers/detect-gpu.entry');
  const fed = (timeoutSeconds: number) =>
    new EventSource('detect-gpu', new SqsQueue(clients.sqs, gpu), handler as never, {
      clock: { now: () => new Date() },
      batchSize: 10,
      visibilitySeconds: 60,
      timeoutSeconds,
    });
  return { lane: fed(120), laneOutOfTime: fed(5) };
}

type LambdaHandler = (event: never, context: Context) => Promise<unknown>;

/** The functions as their entries make them, each fed from its queue as Lambda's event source does. */
export async function openFunctions(
  { clients, landed, cpu, retention, variables }: MadeRoad,
  {
    bundle,
    printsMetrics = false,
  }: {
    /** Where bundled functions lie; absent: their entries. */
    readonly bundle?: string;
    /** By `console.log`, where a test can take them. */
    readonly printsMetrics?: boolean;
  } = {},
) {
  Object.assign(process.env, variables, {
    AWS_REGION: REGION,
    AWS_LAMBDA_FUNCTION_NAME: 'verify',
    POWERTOOLS_DEV: String(printsMetrics),
    POWERTOOLS_TRACE_ENABLED: 'false',
    POWERTOOLS_METRICS_DISABLED: String(!printsMetrics),
    POWERTOOLS_LOG_LEVEL: 'CRITICAL',
  });
  const { handler: route } = bundle
    ? bundled(join(bundle, 'route.js'))
    : await import('../../../handlers/route.entry');
  const { handler: detectCpu } = bundle
    ? bundled(join(bundle, 'detect-cpu.js'))
    : await import('../../../handlers/detect-cpu.entry');
  const { handler: alerts } = bundle
    ? bundled(join(bundle, 'alerts.js'))
    : await import('../../../handlers/alerts.entry');
  const { handler: expire } = bundle
    ? bundled(join(bundle, 'retention.js'))
    : await import('../../../handlers/retention.entry');
  const fed = (name: string, queue: MadeQueue, handler: LambdaHandler, timeoutSeconds = 120) =>
    new EventSource(name, new SqsQueue(clients.sqs, queue), handler as never, {
      clock: { now: () => new Date() },
      batchSize: 10,
      visibilitySeconds: 60,
      timeoutSeconds,
    });
  return {
    route: fed('route', landed, route as LambdaHandler),
    detectCpu: fed('detect-cpu', cpu, detectCpu as LambdaHandler),
    /** Too little time is left for any segment. */
    detectCpuOutOfTime: fed('detect-cpu', cpu, detectCpu as LambdaHandler, 5),
    retention: fed('retention', retention, expire as LambdaHandler),
    scheduleRetention: () =>
      expire({ source: 'schedule' }, { functionName: 'retention' } as Context),
    alerts: () => alerts({}, { functionName: 'alerts' } as Context),
  };
}
