import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, inject, it } from 'vitest';
import { createMetricsClient } from '../../../adapters/aws/cloudwatch-frames';
import { CloudWatchQueueAges } from '../../../adapters/aws/cloudwatch-queue-ages';
import { DynamoRejections } from '../../../adapters/aws/dynamo-alerts';
import { DynamoDeletions } from '../../../adapters/aws/dynamo-deletions';
import { DynamoStore } from '../../../adapters/aws/dynamo-store';
import { S3Fleet } from '../../../adapters/aws/s3-fleet';
import { S3Footage } from '../../../adapters/aws/s3-footage';
import { S3Present } from '../../../adapters/aws/s3-present';
import { S3Quarantine } from '../../../adapters/aws/s3-quarantine';
import { S3Shelf } from '../../../adapters/aws/s3-shelf';
import { SnsNotifier } from '../../../adapters/aws/sns-notifier';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import { redriveQueue } from '../../../adapters/aws/sqs-redrive';
import { compileFleet, INDEX_KEY, renderCompiled, shardKey } from '../../../core/fleet/compile';
import { parseFleet } from '../../../core/fleet/parse';
import { resolveCamera } from '../../../core/fleet/resolve';
import { stableHash } from '../../../core/hash';
import { notificationSchema } from '../../../core/notification';
import { alertAt, CAMERA, itemAt } from '../../contracts/records';
import { ManualClock } from '../../fakes/manual-clock';
import { RecordingTelemetry } from '../../handlers/world';
import { REGION } from './moto';
import { answerMoves } from './move-tasks';
import { LOBBY_BYTES } from './road';
import {
  clientsAt,
  createBucket,
  createQueue,
  createTable,
  createTopic,
  uniqueName,
} from './world';

const endpoint = inject('motoEndpoint');
const clients = clientsAt(endpoint);
const { s3, sqs, sns, dynamo } = clients;
const put = (Bucket: string, Key: string, Body: string | Uint8Array) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const KEY = 'north-mall/entrance/20261120T080000Z_60s.mp4';

describe('footage in S3', () => {
  it('is a file while it is worked, and none afterwards, also when the work fails', async () => {
    const bucket = await createBucket(clients);
    const { ETag } = await put(bucket, KEY, 'footage');
    const footage = new S3Footage(s3, { bucket });
    const object = { key: KEY, objectVersion: ETag!.replaceAll('"', '') };
    let seen = '';
    const text = await footage.withFile(object, { maxBytes: 1000 }, async (path) => {
      seen = path;
      return readFileSync(path, 'utf8');
    });
    expect([text, seen.endsWith('.mp4'), existsSync(seen)]).toEqual(['footage', true, false]);
    const failing = footage.withFile(object, { maxBytes: 1000 }, async (path) => {
      seen = path;
      throw new Error('crash');
    });
    await expect(failing).rejects.toThrow('crash');
    expect(existsSync(seen)).toBe(false);
  });

  it('is the version that was announced, not the one that took its place', async () => {
    const bucket = await createBucket(clients, true);
    const { VersionId } = await put(bucket, KEY, 'first');
    await put(bucket, KEY, 'second');
    const object = { key: KEY, objectVersion: VersionId! };
    const read = async (path: string) => readFileSync(path, 'utf8');
    expect(await new S3Footage(s3, { bucket }).withFile(object, { maxBytes: 1000 }, read)).toBe(
      'first',
    );
  });

  it('of a time range is fetched as far as the range needs, the rest is a hole', async () => {
    const bucket = await createBucket(clients);
    const { ETag } = await put(bucket, KEY, LOBBY_BYTES);
    const object = { key: KEY, objectVersion: ETag!.replaceAll('"', '') };
    const asked: (string | undefined)[] = [];
    const { s3: watched } = clientsAt(endpoint);
    watched.middlewareStack.add(
      (next) => (args) => {
        asked.push((args.input as { Range?: string }).Range);
        return next(args);
      },
      { step: 'initialize' },
    );
    const range = { fromSeconds: 20, toSeconds: 30 };
    const options = { maxBytes: LOBBY_BYTES.length, range };
    const bytes = await new S3Footage(watched, { bucket }).withFile(object, options, async (path) =>
      readFileSync(path),
    );
    const sample = Math.floor(LOBBY_BYTES.length * 0.4);
    expect(bytes.length).toBe(LOBBY_BYTES.length);
    expect(bytes.subarray(sample, sample + 100)).toEqual(
      LOBBY_BYTES.subarray(sample, sample + 100),
    );
    expect(bytes.equals(LOBBY_BYTES)).toBe(false);
    expect(asked.every((one) => one?.startsWith('bytes='))).toBe(true);
  });

  it('that is gone, was replaced, or is too large is refused by name', async () => {
    const bucket = await createBucket(clients);
    const { ETag } = await put(bucket, KEY, 'footage');
    const footage = new S3Footage(s3, { bucket });
    const refused = (key: string, objectVersion: string, maxBytes = 1000) =>
      footage.withFile({ key, objectVersion }, { maxBytes }, async () => {});
    const version = ETag!.replaceAll('"', '');
    await expect(refused('a/b/none.mp4', version)).rejects.toMatchObject({ code: 'footage-gone' });
    await expect(refused(KEY, '0'.repeat(32))).rejects.toMatchObject({ code: 'footage-gone' });
    await expect(refused(KEY, version, 6)).rejects.toMatchObject({ code: 'footage-over-limit' });
  });
});

it('tells which footage is still there, page by page, and no more than one look lists', async () => {
  const bucket = await createBucket(clients, true);
  const keyAt = (minute: number, camera = 'north-mall/entrance'): string =>
    `${camera}/20261120T${String(Math.floor(minute / 60)).padStart(2, '0')}${String(minute % 60).padStart(2, '0')}00Z_60s.mp4`;
  const day = Array.from({ length: 24 }, (_, hour) => keyAt(hour * 60));
  const there = [...day.filter((_, hour) => hour % 3 !== 1), 'cctv/2026/11/20/0800_door.mp4'];
  await Promise.all(there.map((key) => put(bucket, key, 'x')));
  // What was deleted in a bucket with versions is not there.
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: day[0]! }));
  const asked: ListObjectsV2CommandInput[] = [];
  const { s3: watched } = clientsAt(endpoint);
  watched.middlewareStack.add(
    (next) => (args) => {
      asked.push(args.input as ListObjectsV2CommandInput);
      // Two keys a page, in place of a thousand.
      return next({ ...args, input: { ...args.input, MaxKeys: 2 } });
    },
    { step: 'initialize' },
  );
  const listed = new S3Present(watched, bucket);
  const door = 'cctv/2026/11/20/0800_door.mp4';
  expect(await listed.present([...day, door, 'cctv/2026/11/20/0801_door.mp4'])).toEqual(
    new Set([...there.filter((key) => key !== day[0])]),
  );
  expect(asked.map(({ Prefix }) => Prefix)).toEqual(
    expect.arrayContaining(['north-mall/entrance/20261120T', 'cctv/2026/11/20/080']),
  );
  // Ten pages end at the tenth listed hour: what lies behind counts as there.
  const all = Array.from({ length: 24 * 60 }, (_, minute) => keyAt(minute));
  const more = Array.from({ length: 30 }, (_, minute) => keyAt(minute + 1, 'north-mall/yard'));
  await Promise.all(more.map((key) => put(bucket, key, 'x')));
  const yard = all.map((key) => key.replace('entrance', 'yard'));
  const found = await listed.present(yard);
  expect(found).toEqual(new Set([...more.slice(0, 20), ...yard.slice(21)]));
  expect(await listed.present([])).toEqual(new Set());
});

it('notes the deletion of as much as one message deletes in one row a day, be every other second kept', async () => {
  const table = await createTable(clients);
  const log = new DynamoDeletions(table, { evidenceDays: 60 });
  // No two alike: what a row takes at worst.
  const gone = Array.from({ length: 20_000 }, (_, index) => {
    const fromMs = Date.parse('2026-11-20T00:00:00Z') + index * 4000 + ((index * 7919) % 1500);
    const toMs = fromMs + 1000 + ((index * 6007) % 900);
    return {
      objectKey: `${index}.mp4`,
      startedAt: new Date(fromMs).toISOString(),
      endedAt: new Date(toMs).toISOString(),
      reason: 'quiet for more than 2 days',
    };
  });
  const at = '2026-11-23T00:00:00.000Z';
  await log.note(CAMERA, gone, at);
  const rows = await Array.fromAsync(table.query(`deleted#${CAMERA}`));
  expect(rows.map(({ sk }) => String(sk).slice(0, 10))).toEqual(['2026-11-20']);
  expect((rows[0]!.spans as Uint8Array).length).toBeLessThan(400_000 / 2);
  const found = await log.find(CAMERA, gone);
  expect([found.size, found.get('19999.mp4')]).toEqual([
    20_000,
    { at, reason: 'quiet for more than 2 days' },
  ]);
});

it('copies rejected footage with its reason beside it, whatever its key, and records it', async () => {
  const [footageBucket, quarantineBucket] = [
    await createBucket(clients),
    await createBucket(clients),
  ];
  const records = new DynamoRejections(await createTable(clients));
  const key = 'site/ca m+ü%20/x?.mp4';
  await put(footageBucket, key, 'bytes');
  const quarantine = new S3Quarantine(s3, records, { footageBucket, quarantineBucket });
  const rejection = {
    key,
    code: 'segment-key',
    reason: 'r',
    at: '2026-11-20T08:00:00.000Z',
    objectVersion: 'v',
  };
  await quarantine.reject(rejection);
  await quarantine.reject({ ...rejection, key: 'gone.mp4' });
  const read = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: quarantineBucket, Key }));
    return Body!.transformToString();
  };
  expect(await read(key)).toBe('bytes');
  expect(JSON.parse(await read(`${key}.json`))).toEqual({
    ...rejection,
    bucket: footageBucket,
    isCopied: true,
  });
  expect(JSON.parse(await read('gone.mp4.json'))).toMatchObject({ isCopied: false });
  expect(await records.isRejected(key, 'v')).toBe(true);
});

describe('the published fleet', () => {
  const text = 'cameras: { north/door: { tier: steady } }';
  const AT = '2026-11-20T08:00:00.000Z';
  const publish = async (bucket: string, fleetText: string) => {
    const { index, shards } = compileFleet(parseFleet('fleet.yaml', fleetText));
    await put(bucket, INDEX_KEY, renderCompiled(index));
    for (const [number, shard] of shards.entries()) {
      if (Object.keys(shard.cameras).length > 0) {
        await put(bucket, shardKey(number), gzipSync(renderCompiled(shard)));
      }
    }
  };
  const open = async () => {
    const bucket = await createBucket(clients);
    const clock = new ManualClock();
    const telemetry = new RecordingTelemetry();
    const fleet = new S3Fleet(s3, { bucket, clock, telemetry, lanes: ['cpu', 'gpu'] });
    const tierOf = async () => (await fleet.resolve('north/door', AT)).settings.tier;
    return { bucket, clock, telemetry, fleet, tierOf };
  };

  it('resolves a camera as the fleet file does, and holds a change within a minute', async () => {
    const { bucket, clock, fleet, tierOf } = await open();
    await publish(bucket, text);
    expect(await fleet.resolve('north/door', AT)).toEqual(
      resolveCamera(parseFleet('fleet.yaml', text), 'north/door', AT),
    );
    await publish(bucket, text.replace('steady', 'high'));
    clock.advance(59);
    expect(await tierOf()).toBe('steady');
    clock.advance(1);
    expect(await tierOf()).toBe('high');
  });

  it('keeps the last good version where the new one can’t be read, and says so', async () => {
    const { bucket, clock, telemetry, tierOf } = await open();
    await publish(bucket, text);
    await tierOf();
    await put(bucket, INDEX_KEY, '{ not json');
    clock.advance(60);
    expect(await tierOf()).toBe('steady');
    expect(telemetry.counted).toEqual({ staleFleetConfig: 1 });
  });

  it('that was never published is a sentence with what to do', async () => {
    const { tierOf } = await open();
    await expect(tierOf()).rejects.toMatchObject({ code: 'fleet-config', retryable: true });
  });
});

it('publishes an alert to the topic of its notify name, once a call, its id as attribute', async () => {
  const { arn, queue } = await createTopic(clients);
  const notifier = new SnsNotifier(sns, { ops: arn });
  await notifier.send(alertAt(0));
  const received = await new SqsQueue<{ Message: string }>(sqs, queue).receive({
    max: 1,
    visibilitySeconds: 5,
  });
  expect(notificationSchema.parse(JSON.parse(received[0]!.body.Message))).toMatchObject({
    kind: 'alert',
    id: 'alert-0',
  });
  await expect(notifier.send({ ...alertAt(0), notify: 'nobody' })).rejects.toMatchObject({
    code: 'sns-notify',
    retryable: true,
  });
});

it('asks SQS to move dead letters back at the rate that was set: moto lacks it, so the request is compared whole', async () => {
  const { url, arn, deadLetter } = await createQueue(clients);
  const asked: unknown[] = [];
  const recording = clientsAt(inject('motoEndpoint')).sqs;
  answerMoves(recording, (input) => asked.push(input));
  const redrive = () => redriveQueue(recording, { url, perSecond: 50 });
  expect(await redrive()).toBe(0);
  await new SqsQueue(sqs, { url: deadLetter.url }).send([{ body: 'dead' }]);
  expect(await redrive()).toBe(1);
  expect(asked).toEqual([
    { SourceArn: deadLetter.arn, DestinationArn: arn, MaxNumberOfMessagesPerSecond: 50 },
  ]);
  await expect(redriveQueue(sqs, { url: deadLetter.url })).rejects.toMatchObject({
    code: 'no-dead-letters',
  });
});

it('looks at dead letters without hiding one: ten of thirteen, again and again, all still there', async () => {
  const queue = await createQueue(clients);
  const { deadLetter } = queue;
  const bodies = Array.from({ length: 12 }, (_, index) => ({ body: { index } }));
  await new SqsQueue(sqs, { url: deadLetter.url }).send(bodies);
  await sqs.send(new SendMessageCommand({ QueueUrl: deadLetter.url, MessageBody: 'no JSON' }));
  const looked = new SqsQueue<unknown>(sqs, queue);
  for (let look = 0; look < 3; look++) {
    const letters = await looked.deadLetters();
    expect(new Set(letters.map(({ id }) => id)).size).toBe(10);
    expect(await looked.counts()).toEqual({ waiting: 0, inFlight: 0, dead: 13 });
  }
  const taken = await new SqsQueue(sqs, { url: deadLetter.url }).receive({
    max: 10,
    visibilitySeconds: 30,
  });
  expect(taken).toHaveLength(10);
  const rest = await looked.deadLetters();
  expect(rest.map(({ body }) => body)).toContainEqual(null);
});

it('tells the latest age of each queue that CloudWatch knows one of, seconds', async () => {
  const metrics = createMetricsClient({
    region: REGION,
    endpoint: inject('motoEndpoint'),
    requestTimeoutMs: 10_000,
    maxAttempts: 3,
  });
  const now = new Date();
  const QueueName = uniqueName('aged');
  const put = (minutesAgo: number, Value: number) =>
    metrics.send(
      new PutMetricDataCommand({
        Namespace: 'AWS/SQS',
        MetricData: [
          {
            MetricName: 'ApproximateAgeOfOldestMessage',
            Dimensions: [{ Name: 'QueueName', Value: QueueName }],
            Timestamp: new Date(now.getTime() - minutesAgo * 60_000),
            Value,
          },
        ],
      }),
    );
  await put(4, 100);
  await put(2, 220);
  const ages = new CloudWatchQueueAges(metrics, { now: () => now });
  expect(await ages.oldestSeconds([uniqueName('none'), QueueName])).toEqual(
    new Map([[QueueName, 220]]),
  );
});

it.each([
  ['a known camera', CAMERA, 3],
  ['the longest names', `${'s'.repeat(63)}/${'c'.repeat(63)}`, 4],
])(
  'writes a quiet segment of %s to %s in %i write units: item, pointer, index',
  async (_, camera, expected) => {
    const table = await createTable(clients);
    const store = new DynamoStore(table, { quietDays: 32, evidenceDays: 60 });
    const frames = Array.from({ length: 60 }, (_, second) => ({
      atSeconds: second,
      source: 'gated' as const,
      detections: [],
    }));
    const windows = Array.from({ length: 60 }, (_, second) => ({
      phaseSeconds: second % 10,
      bitsPerMacroblock: Math.round(Math.abs(Math.sin(second)) * 1000) / 1000,
    }));
    const ids = { objectVersion: stableHash('version'), analysisId: stableHash('analysis') };
    const quiet = (minute: number) =>
      itemAt(minute, { ...ids, camera, frames, packetSummary: { windows } });
    await store.putItem(quiet(0));
    await store.setCurrent(quiet(0), { onlyIfAbsent: true });
    const rows: { bytes: number; isIndexed: boolean }[] = [];
    dynamo.middlewareStack.add(
      (next, context) => async (args) => {
        const { Item } = args.input as { Item?: Record<string, unknown> };
        if (context.commandName === 'PutItemCommand' || context.commandName === 'PutCommand') {
          rows.push({ bytes: sizeOf(Item!), isIndexed: 'timePk' in Item! });
        } else if (/Update|Delete|Transact/.test(context.commandName ?? '')) {
          rows.push({ bytes: 1, isIndexed: false });
        }
        return next(args);
      },
      { step: 'initialize', name: 'count-writes' },
    );
    await store.putItem(quiet(1));
    await store.setCurrent(quiet(1), { onlyIfAbsent: true });
    dynamo.middlewareStack.remove('count-writes');
    const units = rows.reduce(
      (sum, { bytes, isIndexed }) => sum + Math.ceil(bytes / 1024) * (isIndexed ? 2 : 1),
      0,
    );
    expect([rows.length, units]).toEqual([2, expected]);
    expect(rows.filter(({ isIndexed }) => isIndexed)[0]!.bytes).toBeLessThanOrEqual(1024);
    expect(await Array.fromAsync(store.itemsOfCamera(camera, {}))).toHaveLength(2);
  },
);

/** Size of a row by DynamoDB's rule: names and values. */
function sizeOf(row: Record<string, unknown>): number {
  return Object.entries(row).reduce((sum, [name, value]) => {
    const bytes = value instanceof Uint8Array ? value.length : Buffer.byteLength(String(value));
    return sum + Buffer.byteLength(name) + bytes;
  }, 0);
}

it.each([true, false])(
  'lists and deletes footage by version (versioned bucket: %s), and nothing that took its place',
  async (isVersioned) => {
    const bucket = await createBucket(clients, isVersioned);
    const other = KEY.replace('080000Z', '090000Z');
    await put(bucket, KEY, 'first');
    await put(bucket, other, 'other');
    await put(bucket, 'elsewhere/camera/x.mp4', 'x');
    const shelf = new S3Shelf(s3, bucket);
    const listed = await Array.fromAsync(shelf.list(`${CAMERA}/`));
    expect(listed.map(({ objectKey, bytes }) => [objectKey, bytes])).toEqual([
      [KEY, 5],
      [other, 5],
    ]);
    const read = async (path: string) => readFileSync(path, 'utf8');
    const [object] = listed;
    const footage = new S3Footage(s3, { bucket });
    expect(
      await footage.withFile(
        { key: KEY, objectVersion: object!.objectVersion },
        { maxBytes: 99 },
        read,
      ),
    ).toBe('first');
    if (isVersioned) await put(bucket, KEY, 'second');
    await shelf.delete([object!]);
    const left = await Array.fromAsync(shelf.list(`${CAMERA}/`));
    expect(left.map(({ objectKey }) => objectKey)).toEqual(isVersioned ? [KEY, other] : [other]);
  },
);
