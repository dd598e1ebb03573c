import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { DynamoStore } from '../../../adapters/aws/dynamo-store';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import type { SegmentMessage } from '../../../core/segment-message';
import { type RunningServer, startServer } from '../../endpoint/server-process';
import { LOBBY_BYTES, type MadeRoad, makeRoad, openFunctions, openGpuLane } from './road';
import { type Forwarder, startForwarder } from './sagemaker-forwarder';

const ENDPOINT = 'verify-lane';
let road: MadeRoad;
let functions: Awaited<ReturnType<typeof openFunctions>>;
let lane: Awaited<ReturnType<typeof openGpuLane>>['lane'];
let server: RunningServer;
let forwarder: Forwarder;
beforeAll(async () => {
  road = await makeRoad(inject('motoEndpoint'));
  functions = await openFunctions(road);
  await functions.route.poll();
  server = await startServer();
  forwarder = await startForwarder(ENDPOINT, server.url);
  ({ lane } = await openGpuLane(road, { address: forwarder.url, endpointName: ENDPOINT }));
});
afterAll(() => {
  forwarder.stop();
  server.process.kill('SIGKILL');
});

/** A camera of a gpu tier in the road's fleet. */
const keyAt = (hour: string): string => `harbour-depot/yard/20261102T${hour}0000Z_60s.mp4`;
const items = async () => {
  const store = new DynamoStore(road.table, { quietDays: 32, evidenceDays: 60 });
  return Array.fromAsync(store.itemsOfCamera('harbour-depot/yard', {}));
};

async function land(hour: string): Promise<void> {
  const Key = keyAt(hour);
  const Body = LOBBY_BYTES;
  await road.clients.s3.send(new PutObjectCommand({ Bucket: road.footageBucket, Key, Body }));
  await functions.route.poll();
}

it('takes a segment from S3 by InvokeEndpoint to its item, snapshot and row', async () => {
  await land('08');
  expect(await lane.poll()).toBe(1);
  const [item, ...rest] = await items();
  expect(rest).toEqual([]);
  expect(item).toMatchObject({
    segmentKey: keyAt('08'),
    lane: 'gpu',
    tier: 'high',
    status: 'done',
  });
  expect(item!.usage.gpuMs).toBeGreaterThan(0);
  expect(item!.presences.every(({ snapshotKey }) => snapshotKey !== null)).toBe(true);
  expect(item!.presences.length).toBeGreaterThan(0);
  // So the server is fair among cameras before it reads a body.
  expect(forwarder.attributes).toEqual(['{"camera":"harbour-depot/yard"}']);
});

it.each([
  ['09', { status: 429, type: 'ThrottlingException', message: 'Rate exceeded' }, 'throttled'],
  ['10', { status: 503, type: 'ServiceUnavailable', message: 'no capacity' }, 'busy'],
  ['11', { status: 400, type: 'ValidationError', message: 'Endpoint is not found.' }, 'missing'],
  ['12', { status: 500, type: 'InternalFailure', message: 'oops' }, 'failed'],
] as const)(
  'spills at %s h what the endpoint answers with %j, and the cpu lane finishes it',
  async (hour, failure, reason) => {
    forwarder.fail(failure);
    await land(hour);
    expect(await lane.poll()).toBe(1);
    const cpu = new SqsQueue<SegmentMessage>(road.clients.sqs, road.cpu);
    const [spilled] = await cpu.receive({ max: 1, visibilitySeconds: 0 });
    expect(spilled!.body).toMatchObject({
      segmentKey: keyAt(hour),
      lane: 'cpu',
      spilledFor: reason,
    });
    await functions.detectCpu.poll();
    expect((await items()).at(-1)).toMatchObject({
      segmentKey: keyAt(hour),
      lane: 'cpu',
      tier: 'high',
    });
  },
  120_000,
);

it('an endpoint of another name is refused, as SageMaker would', async () => {
  const response = await fetch(`${forwarder.url}/endpoints/other/invocations`, { method: 'POST' });
  expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([
    400,
    'ValidationError',
  ]);
});
