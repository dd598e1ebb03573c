import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { CreateDatabaseCommand, CreateTableCommand } from '@aws-sdk/client-timestream-write';
import { expect, inject, it } from 'vitest';
import { clientConfig } from '../../../adapters/aws/clients';
import { detectionLines, FirehoseDetections } from '../../../adapters/aws/firehose-detections';
import { SecretToken } from '../../../adapters/aws/influx-token';
import { LiveAnalytics } from '../../../adapters/aws/live-analytics';
import { recordCalls } from '../../../adapters/aws/record-calls';
import type { RejectedRow } from '../../../adapters/aws/rejected-row';
import { createTimeSeriesClients } from '../../../adapters/aws/time-series-clients';
import type { SdkCall } from '../../../core/iam/operations';
import { analyticsAt, itemAt } from '../../contracts/records';
import { ManualClock } from '../../fakes/manual-clock';
import { REGION } from './moto';
import { clientsAt, createStream, uniqueName } from './world';

const endpoint = inject('motoEndpoint');
const clients = clientsAt(endpoint);
const config = { region: REGION, endpoint, requestTimeoutMs: 10_000, maxAttempts: 3 };
const series = createTimeSeriesClients(config);

const box = [0.1, 0.2, 0.3, 0.4] as const;
const seen = (atSeconds: number, count: number) => ({
  atSeconds,
  source: 'inferred' as const,
  detections: Array.from({ length: count }, () => ({
    className: 'person',
    confidence: 0.9,
    box: [...box] as [number, number, number, number],
  })),
});
const ITEM = itemAt(0, {
  frames: [seen(0, 1), { atSeconds: 1, source: 'gated', detections: [] }, seen(2, 2)],
});
const LINE = {
  schemaVersion: 1,
  date: '2026-11-20',
  site: 'north-mall',
  camera: 'north-mall/entrance',
  startedAt: ITEM.startedAt,
  segmentKey: ITEM.segmentKey,
  objectVersion: 'v1',
  range: '0-60000',
  analysisId: 'analysis-1',
  tier: 'low',
  model: 'demo-0123',
  part: 0,
  frames: [seen(0, 1), seen(2, 2)],
};

async function openStream() {
  const { name, landed } = await createStream(clients);
  const firehose = new FirehoseClient(clientConfig(config));
  return { firehose, detections: new FirehoseDetections(firehose, name), landed };
}

it('lands one JSON line a segment with its detections, date and site; a quiet one lands nothing', async () => {
  const { detections, landed } = await openStream();
  await detections.write(itemAt(1));
  expect(await landed()).toEqual([]);
  await detections.write(ITEM);
  expect(await landed()).toEqual([LINE]);
});

it('cuts a segment of more than 1 MB into parts that hold every frame once', () => {
  const frames = Array.from({ length: 600 }, (_, second) => seen(second, 40));
  const lines = detectionLines(itemAt(0, { frames }));
  expect(lines.every(({ length }) => length <= 1_000_000)).toBe(true);
  const parts = lines.map((line) => JSON.parse(line.toString()) as typeof LINE);
  expect(parts.map(({ part }) => part)).toEqual([0, 1]);
  expect(parts.flatMap((part) => part.frames)).toEqual(frames);
});

it('sends again only what Firehose refused, and leaves what it refuses twice to the queue', async () => {
  const { firehose, detections } = await openStream();
  const frames = Array.from({ length: 600 }, (_, second) => seen(second, 40));
  const sent: number[] = [];
  let refusals = 1;
  firehose.middlewareStack.add(
    (_next, context) => async (args) => {
      expect(context.commandName).toBe(PutRecordBatchCommand.name);
      const { Records } = args.input as unknown as { Records: unknown[] };
      sent.push(Records.length);
      const isRefused = refusals-- > 0;
      const RequestResponses = Records.map((_, index) =>
        isRefused && index === 0 ? { ErrorCode: 'ServiceUnavailableException' } : { RecordId: 'x' },
      );
      return { output: { $metadata: {}, RequestResponses }, response: {} } as never;
    },
    { step: 'initialize' },
  );
  await detections.write(itemAt(0, { frames }));
  expect(sent).toEqual([2, 1]);
  refusals = 2;
  await expect(detections.write(itemAt(0, { frames }))).rejects.toMatchObject({
    code: 'firehose-detections',
    retryable: true,
  });
});

it('writes 150 rows to LiveAnalytics in two calls that moto takes', async () => {
  const table = { database: uniqueName('analytics'), table: 'segments' };
  const DatabaseName = table.database;
  await series.timestreamWrite.send(new CreateDatabaseCommand({ DatabaseName }));
  await series.timestreamWrite.send(
    new CreateTableCommand({ DatabaseName, TableName: 'segments' }),
  );
  const recorded = createTimeSeriesClients(config);
  const calls: SdkCall[] = [];
  recordCalls(recorded.timestreamWrite, (call) => calls.push(call));
  const rejected: RejectedRow[] = [];
  const store = new LiveAnalytics(recorded, {
    table,
    clock: new ManualClock(),
    onRejected: (one) => rejected.push(one),
  });
  await store.write(Array.from({ length: 150 }, (_, index) => analyticsAt(index)));
  expect(
    calls.map(({ operation, input }) => [operation, (input.Records as unknown[]).length]),
  ).toEqual([
    ['WriteRecords', 100],
    ['WriteRecords', 50],
  ]);
  expect(rejected).toEqual([]);
});

it('reads InfluxDB’s token from Secrets Manager, and again when it was refused', async () => {
  const Name = uniqueName('influx');
  const SecretString = JSON.stringify({ token: 'first' });
  await series.secrets.send(new CreateSecretCommand({ Name, SecretString }));
  const tokens = new SecretToken(series.secrets, Name);
  expect(await tokens.token()).toBe('first');
  await series.secrets.send(
    new PutSecretValueCommand({
      SecretId: Name,
      SecretString: JSON.stringify({ token: 'second' }),
    }),
  );
  expect(await tokens.token()).toBe('first');
  expect(await tokens.token('first')).toBe('second');
  await expect(new SecretToken(series.secrets, 'absent').token()).rejects.toMatchObject({
    code: 'influx-token',
    retryable: true,
    message: expect.stringContaining('ResourceNotFoundException'),
  });
});
