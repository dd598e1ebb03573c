import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { DynamoAlerts, DynamoRejections } from '../../../adapters/aws/dynamo-alerts';
import { DynamoStore } from '../../../adapters/aws/dynamo-store';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import type { AnalyticsRow } from '../../../core/ports';
import { LOBBY, LOBBY_BYTES, type MadeRoad, makeRoad, openFunctions } from './road';

let road: MadeRoad;
let functions: Awaited<ReturnType<typeof openFunctions>>;
beforeAll(async () => {
  road = await makeRoad(inject('motoEndpoint'));
  functions = await openFunctions(road);
  // S3 tests a notification when it is set up: the road acknowledges it.
  await functions.route.poll();
});

const land = (Key: string, Body: string | Uint8Array) =>
  road.clients.s3.send(new PutObjectCommand({ Bucket: road.footageBucket, Key, Body }));
const store = () => new DynamoStore(road.table, { quietDays: 32, evidenceDays: 60 });
const itemsOf = (camera: string) => Array.fromAsync(store().itemsOfCamera(camera, {}));

describe('the road on AWS’s APIs', () => {
  it('takes a landed segment to its item, snapshot, alert and analytics row', async () => {
    await land(LOBBY, LOBBY_BYTES);
    expect(await functions.route.poll()).toBe(1);
    expect(await functions.detectCpu.poll()).toBe(1);
    const [item, ...rest] = await itemsOf('harbour-depot/lobby');
    expect(rest).toEqual([]);
    expect(item).toMatchObject({ segmentKey: LOBBY, tier: 'steady', lane: 'cpu', status: 'done' });
    const [presence] = item!.presences;
    const { Body } = await road.clients.s3.send(
      new GetObjectCommand({ Bucket: road.snapshotsBucket, Key: presence!.snapshotKey! }),
    );
    const jpeg = await Body!.transformToByteArray();
    expect([...jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
    const alerts = await new DynamoAlerts(road.table, road.clients.dynamo).alertsOfCamera(
      'harbour-depot/lobby',
    );
    expect(alerts.map(({ rule, status }) => [rule, status])).toEqual([['any', 'sent']]);
    const sent = await new SqsQueue<{ Message: string }>(
      road.clients.sqs,
      road.topic.queue,
    ).receive({
      max: 10,
      visibilitySeconds: 60,
    });
    expect(sent.map(({ body }) => JSON.parse(body.Message).id)).toEqual([alerts[0]!.id]);
    const rows = await new SqsQueue<AnalyticsRow[]>(road.clients.sqs, road.analytics).receive({
      max: 10,
      visibilitySeconds: 1,
    });
    expect(rows.map(({ body }) => body[0]?.segmentKey)).toEqual([LOBBY]);
    const { analysisId, frames } = item!;
    const seen = frames.filter(({ detections }) => detections.length > 0);
    expect(await road.detections.landed()).toMatchObject([{ analysisId, frames: seen }]);
  });

  it('does a segment that is announced twice once', async () => {
    const [item] = await itemsOf('harbour-depot/lobby');
    const object = { key: encodeURIComponent(LOBBY), eTag: item!.objectVersion };
    const record = {
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: road.footageBucket }, object },
    };
    const landed = new SqsQueue(road.clients.sqs, road.landed);
    await landed.send([{ body: { Records: [record] } }, { body: { Records: [record] } }]);
    await functions.route.poll();
    await functions.detectCpu.poll();
    expect(await itemsOf('harbour-depot/lobby')).toHaveLength(1);
    const sent = await new SqsQueue(road.clients.sqs, road.topic.queue).receive({
      max: 10,
      visibilitySeconds: 1,
    });
    expect(sent).toEqual([]);
  });

  it('quarantines text named .mp4 and a key of no segment, each with a copy and its reason', async () => {
    const text = 'harbour-depot/lobby/20261102T090000Z_60s.mp4';
    await land(text, 'not a video');
    await land('harbour depot/notes+1.mp4', 'notes');
    await functions.route.poll();
    await functions.detectCpu.poll();
    const rejections = await new DynamoRejections(road.table).rejections();
    expect(rejections.map(({ key, code }) => [key, code]).sort()).toEqual([
      ['harbour depot/notes+1.mp4', 'segment-key'],
      [text, 'unreadable-video'],
    ]);
    const { Body } = await road.clients.s3.send(
      new GetObjectCommand({ Bucket: road.quarantineBucket, Key: `${text}.json` }),
    );
    expect(JSON.parse(await Body!.transformToString())).toMatchObject({
      code: 'unreadable-video',
      isCopied: true,
      reason: expect.not.stringMatching(/tmp/),
    });
    const { waiting, inFlight } = await new SqsQueue(road.clients.sqs, road.cpu).counts();
    expect([waiting, inFlight]).toEqual([0, 0]);
  });

  it('makes a new result of a new version of a key', async () => {
    const { VersionId } = await land(LOBBY, LOBBY_BYTES);
    // moto's own notifications lack versions: this one is as S3 writes it.
    await new SqsQueue(road.clients.sqs, road.landed).acknowledge(
      (
        await new SqsQueue(road.clients.sqs, road.landed).receive({ max: 10, visibilitySeconds: 9 })
      ).map(({ receiptHandle }) => receiptHandle),
    );
    const object = { key: encodeURIComponent(LOBBY), eTag: 'x', versionId: VersionId };
    const s3 = { bucket: { name: road.footageBucket }, object };
    const body = { Records: [{ eventName: 'ObjectCreated:Put', s3 }] };
    await new SqsQueue(road.clients.sqs, road.landed).send([{ body }]);
    await functions.route.poll();
    await functions.detectCpu.poll();
    const versions = (await itemsOf('harbour-depot/lobby')).map(
      ({ objectVersion }) => objectVersion,
    );
    expect(versions).toHaveLength(2);
    expect(versions).toContain(VersionId);
  });

  it('runs the scheduled function over nothing pending', async () => {
    await functions.alerts();
    const { waiting } = await new SqsQueue(road.clients.sqs, road.topic.queue).counts();
    expect(waiting).toBe(0);
  });
});
