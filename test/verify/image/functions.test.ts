import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { DynamoAlerts, DynamoRejections } from '../../../adapters/aws/dynamo-alerts';
import { DynamoStore } from '../../../adapters/aws/dynamo-store';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import { createTimeSeriesClients } from '../../../adapters/aws/time-series-clients';
import { EventSource } from '../../../adapters/embedded/event-source';
import { ENVIRONMENT, type EnvironmentName } from '../../../core/environment';
import { FUNCTION_ACCESS } from '../../../handlers/all.permissions';
import { queueDeskOf } from '../aws/api';
import { ACCOUNT, REGION } from '../aws/moto';
import { type MadeRoad, makeRoad } from '../aws/road';
import { type MadeQueue, uniqueName } from '../aws/world';
import { prepareLambdaBase } from './bases';
import {
  buildImage,
  configOf,
  type ImageConfig,
  needImageTools,
  removeImage,
  run,
  type UnpackedImage,
  unpackImage,
} from './buildah';
import { type FunctionProcess, startFunction } from './function-process';

const ROOT = join(__dirname, '../../..');
const FOOTAGE = join(ROOT, 'demo/footage');
/** Goal of the image over its base, uncompressed. */
const MAX_BYTES = 350 * 1024 ** 2;
/** Of Amazon Linux 2023, which AWS's base for Node 24 is made of. https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html */
const AWS_GLIBC = 34;
/** The product's default for detect-cpu; the others have less. */
const MEMORY_MB = 1769;
const IMAGE = `tierwatch-functions:${process.pid}`;

let image: UnpackedImage;
let config: ImageConfig;
let bytes: number;
let road: MadeRoad;
let variables: Readonly<Record<string, string>>;
const running: FunctionProcess[] = [];

async function open(name: string, memoryMb = MEMORY_MB): Promise<FunctionProcess> {
  const one = await startFunction(name, { root: image.root, config, memoryMb, variables });
  running.push(one);
  return one;
}

const sizeOf = async (path: string): Promise<number> =>
  Number((await run('du', ['--bytes', '--summarize', path])).split('\t')[0]);

beforeAll(async () => {
  needImageTools();
  const base = await prepareLambdaBase();
  const startedMs = performance.now();
  const dockerfile = join(ROOT, 'handlers/Dockerfile');
  await buildImage({ name: IMAGE, dockerfile, context: ROOT, args: { BASE: `localhost/${base}` } });
  const seconds = (performance.now() - startedMs) / 1000;
  config = await configOf(IMAGE);
  image = await unpackImage(IMAGE);
  const empty = await unpackImage(base);
  bytes = (await sizeOf(image.root)) - (await sizeOf(empty.root));
  await empty.remove();
  console.log(
    `image: ${(bytes / 1024 ** 2).toFixed(0)} MB over its base, built in ${seconds.toFixed(0)} s`,
  );
  ({ road, variables } = await makeVariables());
}, 600_000);

afterAll(async () => {
  for (const one of running) await one.stop();
  await image.remove();
  await removeImage(IMAGE);
});

/** What infra gives the functions, all together. */
async function makeVariables() {
  const made = await makeRoad(inject('motoEndpoint'), {
    modelFolder: '/var/task/model-build/default',
  });
  const endpoint = inject('motoEndpoint');
  const { secrets } = createTimeSeriesClients({
    ...{ region: REGION, endpoint },
    ...{ requestTimeoutMs: 10_000, maxAttempts: 1 },
  });
  const SecretString = JSON.stringify({ token: 'token' });
  const { ARN } = await secrets.send(
    new CreateSecretCommand({ Name: uniqueName('influx'), SecretString }),
  );
  const database = uniqueName('series').replaceAll('-', '_');
  const body = new URLSearchParams({ q: `CREATE DATABASE "${database}"` });
  const influxUrl = inject('influxEndpoint') ?? 'http://127.0.0.1:9';
  if (inject('influxEndpoint')) await fetch(`${influxUrl}/query`, { method: 'POST', body });
  const given: Partial<Record<EnvironmentName, string>> = {
    timeSeries: 'influxdb',
    influxUrl,
    influxSecret: ARN!,
    influxAdminSecret: ARN!,
    influxWriteSecret: ARN!,
    influxReadSecret: ARN!,
    timeSeriesDatabase: database,
    timeSeriesDays: '400',
    gpuEndpoint: 'verify-gpu',
    gpuVariant: 'main',
    gpuEndpointConfig: 'config',
    gpuScaling: '{"min":1,"max":2,"target":16}',
    gpuLaneRule: JSON.stringify({
      instanceType: 'ml.g4dn.xlarge',
      instances: 1,
      architecture: 'x86',
      dwellMinutes: 60,
      cpuMsPerFrame: 34.7,
      concurrentRequests: 16,
    }),
    analyticsFunction: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:analytics-query:live`,
    sitesClaim: 'cognito:groups',
    pageAddress: 'https://tierwatch.example.com',
    footageKeySecret: ARN!,
    queueDesk: queueDeskOf(made),
  };
  const named = Object.entries(given).map(([name, value]) => [
    ENVIRONMENT[name as EnvironmentName],
    value,
  ]);
  return { road: made, variables: { ...made.variables, ...Object.fromEntries(named) } };
}

function fed(one: FunctionProcess, queue: MadeQueue) {
  return new EventSource('image', new SqsQueue(road.clients.sqs, queue), one.invoke as never, {
    clock: { now: () => new Date() },
    batchSize: 10,
    visibilitySeconds: 60,
    timeoutSeconds: 120,
  });
}

it('adds at most 350 MB to its base, and needs no newer C library than AWS’s base has', async () => {
  expect(bytes).toBeLessThan(MAX_BYTES);
  const libraries = await run('find', [
    join(image.root, 'var/task'),
    ...['-name', '*.node', '-o', '-name', '*.so*'],
  ]);
  const needed = new Set<number>();
  for (const file of libraries.trim().split('\n')) {
    for (const [, minor] of readFileSync(file)
      .toString('latin1')
      .matchAll(/GLIBC_2\.(\d+)/g)) {
      needed.add(Number(minor));
    }
  }
  console.log(`image: needs glibc 2.${Math.max(...needed)}`);
  expect(Math.max(...needed)).toBeLessThanOrEqual(AWS_GLIBC);
});

it('boots every function, as a user without rights on files that can’t be written', async () => {
  const boots: string[] = [];
  for (const name of Object.keys(FUNCTION_ACCESS)) {
    const one = await startFunction(name, { root: image.root, config, memoryMb: 1769, variables });
    boots.push(`${name} ${one.bootMs.toFixed(0)} ms`);
    await one.stop();
  }
  console.log(`image: process start to ready at one vCPU: ${boots.join(', ')}`);
  expect(boots).toHaveLength(Object.keys(FUNCTION_ACCESS).length);
});

it('takes real segments from landing to item, snapshot, alert and a row of the time series', async () => {
  const [route, detect, analytics, query] = [
    await open('route'),
    await open('detect-cpu'),
    await open('analytics'),
    await open('analytics-query'),
  ];
  const keys = ['lobby/20261102T080000Z_60s.mp4', 'car-park/20261102T080000Z_60s.mp4'].map(
    (name) => `harbour-depot/${name}`,
  );
  const landed = fed(route, road.landed);
  // S3 tests a notification when it is set up.
  expect(await landed.poll()).toBe(1);
  const firstMs = performance.now();
  for (const Key of keys) {
    const Body = readFileSync(join(FOOTAGE, Key));
    await road.clients.s3.send(new PutObjectCommand({ Bucket: road.footageBucket, Key, Body }));
  }
  await road.clients.s3.send(
    new PutObjectCommand({
      Bucket: road.footageBucket,
      Key: 'harbour-depot/lobby/20261102T090000Z_60s.mp4',
      Body: 'not a video',
    }),
  );
  expect(await landed.poll()).toBe(3);
  expect(await fed(detect, road.cpu).poll()).toBe(3);
  console.log(
    `image: 3 objects landed and worked in ${((performance.now() - firstMs) / 1000).toFixed(1)} s, cold, at one vCPU`,
  );
  const store = new DynamoStore(road.table, { quietDays: 32, evidenceDays: 60 });
  const items = await Promise.all(
    ['lobby', 'car-park'].map((camera) =>
      Array.fromAsync(store.itemsOfCamera(`harbour-depot/${camera}`, {})),
    ),
  );
  expect(items.map((list) => list.map(({ segmentKey, status }) => [segmentKey, status]))).toEqual(
    keys.map((key) => [[key, 'done']]),
  );
  const snapshotKey = items[0]![0]!.presences[0]!.snapshotKey!;
  const { Body } = await road.clients.s3.send(
    new GetObjectCommand({ Bucket: road.snapshotsBucket, Key: snapshotKey }),
  );
  expect([...(await Body!.transformToByteArray()).subarray(0, 2)]).toEqual([0xff, 0xd8]);
  const alerts = new DynamoAlerts(road.table, road.clients.dynamo);
  const sent = await alerts.alertsOfCamera('harbour-depot/lobby');
  expect(sent.map(({ rule, status }) => [rule, status])).toEqual([['any', 'sent']]);
  const published = new SqsQueue<{ Message: string }>(road.clients.sqs, road.topic.queue);
  const heard = await published.receive({ max: 10, visibilitySeconds: 60 });
  expect(heard.map(({ body }) => JSON.parse(body.Message).id)).toEqual([sent[0]!.id]);
  const rejections = await new DynamoRejections(road.table).rejections();
  expect(rejections.map(({ code }) => code)).toEqual(['unreadable-video']);
  if (!inject('influxEndpoint')) return;
  expect(await fed(analytics, road.analytics).poll()).toBe(2);
  const period = { since: '2026-11-02T00:00:00Z', until: '2026-11-03T00:00:00Z' };
  const asked = { query: 'quiet-share', sites: null, params: period };
  expect(await query.invoke(asked)).toMatchObject({ rows: [{ tier: 'steady', segments: 2 }] });
}, 180_000);
