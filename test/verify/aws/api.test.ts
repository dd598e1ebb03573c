import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type OpenedApi, openApi, sendForm } from './api';
import { LOBBY, LOBBY_BYTES, type MadeRoad, makeRoad, openFunctions } from './road';

const PERIOD = 'since=2026-11-02T00:00:00Z&until=2026-11-03T00:00:00Z';
const ALL = '[all]';
const OWN = '[site:harbour-depot]';
const OTHER = '[site:north-mall]';

let road: MadeRoad;
let api: OpenedApi;
beforeAll(async () => {
  const endpoint = inject('motoEndpoint');
  road = await makeRoad(endpoint);
  const functions = await openFunctions(road);
  await road.clients.s3.send(
    new PutObjectCommand({ Bucket: road.footageBucket, Key: LOBBY, Body: LOBBY_BYTES }),
  );
  await functions.route.poll();
  await functions.detectCpu.poll();
  api = await openApi(endpoint, road);
});

const jsonOf = async (groups: string | null, path: string, body?: unknown) => {
  const { status, text } = await api.ask(groups, path, body);
  return [status, JSON.parse(text)] as const;
};

describe('the api’s function on DynamoDB and S3', () => {
  it('shows the cameras of the fleet and what was analysed to who may see the site', async () => {
    const [status, { cameras }] = await jsonOf(OWN, '/api/cameras');
    expect([status, cameras.map(({ camera }: { camera: string }) => camera)]).toEqual([
      200,
      ['harbour-depot/lobby', 'harbour-depot/yard'],
    ]);
    const [, { segments }] = await jsonOf(OWN, `/api/segments?${PERIOD}`);
    expect(segments).toMatchObject([{ segmentKey: LOBBY, tier: 'steady' }]);
    const [, { events }] = await jsonOf(OWN, `/api/events?${PERIOD}`);
    expect(events[0]).toMatchObject({ camera: 'harbour-depot/lobby', className: 'person' });
    const picture = await api.ask(OWN, `/api/snapshots/${events[0].snapshotKey}`);
    expect([picture.status, picture.headers['content-type']]).toEqual([200, 'image/jpeg']);
    expect(Buffer.from(picture.text, 'base64').subarray(0, 2).toString('hex')).toBe('ffd8');
  });

  it('shows none of it to who may see another site, or none', async () => {
    for (const groups of [OTHER, '']) {
      for (const path of ['/api/cameras', `/api/segments?${PERIOD}`, `/api/events?${PERIOD}`]) {
        expect((await api.ask(groups, path)).text).not.toMatch(/harbour-depot/);
      }
      const [status, { code }] = await jsonOf(groups, `/api/footage/${LOBBY}`);
      expect([status, code]).toEqual([403, 'site-not-allowed']);
    }
    expect((await jsonOf(null, '/api/cameras'))[0]).toBe(401);
  });

  it('opens footage by cookies of one site', async () => {
    const opened = await api.ask(OWN, '/api/session/footage', { site: 'harbour-depot' });
    expect([opened.status, opened.cookies.length]).toEqual([200, 3]);
    const refused = await api.ask(OTHER, '/api/session/footage', { site: 'harbour-depot' });
    expect([refused.status, refused.cookies]).toEqual([403, []]);
  });

  it('signs a form that S3 takes, for the file that was said', async () => {
    const video = { name: 'a.mp4', bytes: LOBBY_BYTES.length, durationSeconds: 60 };
    const [status, form] = await jsonOf(ALL, '/api/uploads/presign', video);
    expect(status).toBe(200);
    expect((await sendForm(form, LOBBY_BYTES)).status).toBe(204);
    const { Body } = await road.clients.s3.send(
      new GetObjectCommand({ Bucket: road.footageBucket, Key: form.objectKey }),
    );
    expect((await Body!.transformToByteArray()).length).toBe(LOBBY_BYTES.length);
    const policy = JSON.parse(Buffer.from(form.fields.Policy, 'base64').toString());
    expect(policy.conditions).toEqual(
      expect.arrayContaining([
        ['eq', '$key', form.objectKey],
        ['eq', '$Content-Type', 'video/mp4'],
        ['content-length-range', LOBBY_BYTES.length, LOBBY_BYTES.length],
      ]),
    );
    expect((await jsonOf(OWN, '/api/uploads/presign', video))[0]).toBe(403);
  });

  it('prices a camera by its rows and every tier by assumed usage, without a time series', async () => {
    const cost = `/api/cameras/${LOBBY.split('/20')[0]}/cost`;
    const [status, measured] = await jsonOf(OWN, `${cost}?until=2026-11-02T09:00:00Z`);
    expect([status, measured]).toMatchObject([200, { segments: 1, footageSeconds: 60 }]);
    expect(measured.totalUsdPerMonth).toBeGreaterThan(0);
    const [, { cameras }] = await jsonOf(OWN, '/api/fleet/tiers');
    for (const { tiers } of cameras) {
      expect(tiers).toEqual(
        ['high', 'low', 'steady'].map((tier) =>
          expect.objectContaining({ tier, isMeasured: false }),
        ),
      );
    }
    expect((await jsonOf(OTHER, cost))[0]).toBe(403);
  });

  it('says what the cloud has not: analytics, a stream, its queues', async () => {
    for (const path of [
      `/api/analytics/quiet-share?${PERIOD}`,
      '/api/stream',
      '/api/dead-letters',
    ]) {
      const [status, { code }] = await jsonOf(ALL, path);
      expect([path, status, code]).toEqual([path, 404, 'not-offered']);
    }
    const [, health] = await jsonOf(ALL, '/api/health');
    expect([health.queues, health.deadLetters]).toEqual([null, { count: null, latest: [] }]);
    const [, { offers }] = await jsonOf(ALL, '/api/session');
    expect(offers).toEqual(['snapshots', 'footage', 'upload-forms', 'sign-out']);
  });
});
