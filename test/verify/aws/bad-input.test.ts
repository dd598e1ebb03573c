import { Readable } from 'node:stream';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, inject, it } from 'vitest';
import { DynamoRejections } from '../../../adapters/aws/dynamo-alerts';
import { DynamoStore } from '../../../adapters/aws/dynamo-store';
import { S3Footage } from '../../../adapters/aws/s3-footage';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import { LOBBY, LOBBY_BYTES, type MadeRoad, makeRoad, openFunctions } from './road';
import { clientsAt } from './world';

let road: MadeRoad;
let functions: Awaited<ReturnType<typeof openFunctions>>;
beforeAll(async () => {
  road = await makeRoad(inject('motoEndpoint'));
  functions = await openFunctions(road);
  await functions.route.poll();
});

const land = (Key: string, Body: string | Uint8Array) =>
  road.clients.s3.send(new PutObjectCommand({ Bucket: road.footageBucket, Key, Body }));

it('quarantines 0 bytes, and what was deleted before it was read, and retries neither', async () => {
  const [empty, gone] = ['20261102T173000Z', '20261102T173100Z'].map(
    (at) => `harbour-depot/street/${at}_60s.mp4`,
  ) as [string, string];
  await land(empty, '');
  const { VersionId } = await land(gone, LOBBY_BYTES);
  expect(await functions.route.poll()).toBe(2);
  await road.clients.s3.send(
    new DeleteObjectCommand({ Bucket: road.footageBucket, Key: gone, VersionId }),
  );
  expect(await functions.detectCpu.poll()).toBe(2);
  const rejections = await new DynamoRejections(road.table).rejections();
  expect(rejections.map(({ key, code }) => [key, code]).sort()).toEqual([
    [empty, 'unreadable-video'],
    [gone, 'footage-gone'],
  ]);
  const store = new DynamoStore(road.table, { quietDays: 32, evidenceDays: 60 });
  expect(await Array.fromAsync(store.itemsOfCamera('harbour-depot/street', {}))).toEqual([]);
  const { waiting, inFlight } = await new SqsQueue(road.clients.sqs, road.cpu).counts();
  expect([waiting, inFlight]).toEqual([0, 0]);
});

/** The real adapter, its client answered in S3's place. */
function footageAnswering(answer: () => Promise<{ output: object }>): S3Footage {
  const { s3 } = clientsAt(inject('motoEndpoint'));
  s3.middlewareStack.add((() => () => answer()) as never, { step: 'initialize' });
  return new S3Footage(s3, { bucket: road.footageBucket });
}
const OBJECT = { key: LOBBY, objectVersion: '0'.repeat(32) };
const MAX = { maxBytes: 2 * 1024 ** 3 };
const neverUsed = async (): Promise<void> => {
  throw new Error('expected no file');
};

it('tries again what its KMS key denies: nobody’s footage is quarantined for a policy', async () => {
  const error = Object.assign(new Error('not authorized to perform: kms:Decrypt'), {
    name: 'AccessDenied',
    $metadata: { httpStatusCode: 403 },
  });
  const footage = footageAnswering(() => Promise.reject(error));
  await expect(footage.withFile(OBJECT, MAX, neverUsed)).rejects.toMatchObject({
    code: 'footage-denied',
    retryable: true,
    message: expect.stringContaining("KMS key's policy"),
  });
});

it('fetches nothing of an object of 5 GB', async () => {
  let read = 0;
  const Body = new Readable({
    read() {
      read++;
    },
  });
  const output = { ContentLength: 5 * 1024 ** 3, Body };
  const footage = footageAnswering(async () => ({ output }));
  await expect(footage.withFile(OBJECT, MAX, neverUsed)).rejects.toMatchObject({
    code: 'footage-over-limit',
    retryable: false,
  });
  expect([Body.destroyed, read]).toEqual([true, 0]);
});
