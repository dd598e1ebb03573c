import { describe, expect, it } from 'vitest';
import { createRoute, type RouteDeps } from '../../handlers/route';
import { makeWorld, remaining, s3Notification, sqsEvent } from './world';

const KEY = 'site/cam/20261120T080000Z_60s.mp4';
const NONE = { batchItemFailures: [] };

function routing(change: Partial<RouteDeps> = {}) {
  const world = makeWorld();
  const route = createRoute({
    bucket: 'footage',
    fleet: world.fleet,
    probeSeconds: async () => 60,
    modelSha256Of: () => 'sha',
    floors: world.store,
    laneSwitch: null,
    lanes: { cpu: world.cpu, gpu: world.gpu },
    quarantine: world.store,
    health: world.health,
    clock: world.clock,
    telemetry: world.telemetry,
    ...change,
  });
  const send = (...bodies: readonly unknown[]) => route(sqsEvent(...bodies), remaining(10_000));
  const taken = async (lane: 'cpu' | 'gpu') =>
    (await world[lane].receive({ max: 10, visibilitySeconds: 30 })).map(({ body }) => body);
  return { ...world, send, taken };
}

describe('route', () => {
  it('sends a segment to the lane of its camera’s tier, with everything fixed', async () => {
    const { send, taken, health } = routing();
    expect(await send(s3Notification(KEY), s3Notification(KEY.replace('cam', 'busy')))).toEqual(
      NONE,
    );
    expect(await taken('cpu')).toMatchObject([
      {
        segmentKey: KEY,
        objectKey: KEY,
        objectVersion: 'etag-1',
        range: '0-60000',
        tier: 'steady',
        attempt: 1,
      },
    ]);
    expect(await taken('gpu')).toMatchObject([{ camera: 'site/busy', tier: 'high', lane: 'gpu' }]);
    expect([...(await health.lastLandings()).keys()]).toEqual(['site/cam', 'site/busy']);
  });

  it('takes S3 through EventBridge, whose keys are not encoded, and prefers the version', async () => {
    const { send, taken } = routing();
    const detail = {
      bucket: { name: 'footage' },
      object: { key: KEY, etag: 'e', 'version-id': 'v7' },
    };
    await send({ source: 'aws.s3', 'detail-type': 'Object Created', detail });
    expect(await taken('cpu')).toMatchObject([{ segmentKey: KEY, objectVersion: 'v7' }]);
  });

  it('acknowledges S3’s test event and deletions without doing anything', async () => {
    const { send, taken, telemetry } = routing();
    const deleted = s3Notification(KEY);
    deleted.Records[0]!.eventName = 'ObjectRemoved:Delete';
    expect(await send({ Service: 'Amazon S3', Event: 's3:TestEvent' }, deleted)).toEqual(NONE);
    expect([await taken('cpu'), telemetry.counted]).toEqual([[], {}]);
  });

  it.each([
    ['a key with + and %', 'site/ca+m%20/20261120T080000Z_60s.mp4', 'segment-key'],
    ['a start in the future', 'site/cam/20261120T090000Z_60s.mp4', 'segment-from-future'],
    ['a week in one file', 'site/cam/20261101T080000Z_604800s.mp4', 'segment-over-limit'],
  ])('quarantines %s and acknowledges it', async (_, key, code) => {
    const { send, store, telemetry } = routing();
    expect(await send(s3Notification(key))).toEqual(NONE);
    expect(await store.rejections()).toMatchObject([{ key, code, objectVersion: 'etag-1' }]);
    expect(telemetry.counted.quarantined).toBe(1);
  });

  it.each([
    ['another bucket', s3Notification(KEY, { bucket: 'elsewhere' })],
    ['text', 'hello\nlevel=error forged'],
    ['another form', { Records: [{ s3: { bucket: { name: 'footage' } } }] }],
    ['a broken encoding', JSON.stringify(s3Notification('x')).replace('"x"', '"%E0%A4%A"')],
  ])('drops a message of %s, counted, and neither quarantines nor retries it', async (_, body) => {
    const { send, store, telemetry, taken } = routing();
    expect(await send(body)).toEqual(NONE);
    expect(telemetry.counted).toEqual({ refusedMessages: 1 });
    expect([await store.rejections(), await taken('cpu')]).toEqual([[], []]);
  });

  it('counts an unknown camera each time and names it once an hour', async () => {
    const { send, telemetry, clock, taken } = routing();
    const key = (minute: number) => `site/new/20261120T080${minute}00Z_60s.mp4`;
    await send(s3Notification(key(0)), s3Notification(key(1)));
    clock.advance(3600);
    await send(s3Notification(key(2)));
    expect(telemetry.counted.unknownCameras).toBe(3);
    expect(telemetry.logged.map(({ fields }) => fields)).toEqual([
      { camera: 'site/new' },
      { camera: 'site/new' },
    ]);
    expect(await taken('cpu')).toMatchObject([
      { tier: 'steady' },
      { tier: 'steady' },
      { tier: 'steady' },
    ]);
  });

  it('reports only the record whose store failed', async () => {
    const { send } = routing({
      health: {
        noteLanded: async (camera) => {
          if (camera === 'site/busy') throw new Error('throttled');
        },
      },
    });
    const busy = KEY.replace('cam', 'busy');
    expect(await send(s3Notification(KEY), s3Notification(busy))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm1' }],
    });
  });
});
