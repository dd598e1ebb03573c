import { describe, expect, it } from 'vitest';
import type { AllowedSites } from '../../handlers/api/deps';
import { renderOpenApi } from '../../handlers/api/document';
import { cleanUpAfterEach } from '../adapters/embedded/data-folder';
import { itemAt, minute } from '../contracts/records';
import { type ApiWorld, apiWorld, DOOR, QUAY } from './api-world';

cleanUpAfterEach();

const PERIOD = `since=${minute(0)}&until=${minute(60)}`;
const HARBOUR: AllowedSites = ['harbour'];

/** A request of every route of the document: what lists, and what names one thing of a site. */
const LISTS: Readonly<Record<string, string>> = {
  '/api/cameras': '/api/cameras?',
  '/api/events': `/api/events?${PERIOD}&`,
  '/api/segments': `/api/segments?${PERIOD}&`,
  '/api/usage': `/api/usage?${PERIOD}&`,
  '/api/analytics/activity-by-hour': `/api/analytics/activity-by-hour?${PERIOD}&`,
  '/api/analytics/cost-by-tier': `/api/analytics/cost-by-tier?${PERIOD}&`,
  '/api/analytics/lag-p95': `/api/analytics/lag-p95?${PERIOD}&`,
  '/api/analytics/busiest-cameras': `/api/analytics/busiest-cameras?${PERIOD}&`,
  '/api/analytics/quiet-share': `/api/analytics/quiet-share?${PERIOD}&`,
  '/api/health': '/api/health?',
  '/api/dead-letters': '/api/dead-letters?',
  '/api/rejections': '/api/rejections?',
  '/api/fleet/tiers': `/api/fleet/tiers?${PERIOD}&`,
};
const ONES: Readonly<Record<string, (camera: string) => string>> = {
  '/api/cameras/{site}/{camera}': (camera) => `/api/cameras/${camera}`,
  '/api/cameras/{site}/{camera}/events/{id}': (camera) =>
    `/api/cameras/${camera}/events/${'0'.repeat(32)}`,
  '/api/segments/{site}/{camera}/{name}': (camera) =>
    `/api/segments/${itemAt(1, { camera }).segmentKey}`,
  '/api/segments/frames': (camera) =>
    `/api/segments/frames?segmentKey=${itemAt(1, { camera }).segmentKey}`,
  '/api/analytics/work-by-camera': (camera) =>
    `/api/analytics/work-by-camera?camera=${camera}&${PERIOD}`,
  '/api/cameras/{site}/{camera}/cost': (camera) => `/api/cameras/${camera}/cost?${PERIOD}`,
  '/api/timeline': (camera) => `/api/timeline?camera=${camera}&from=${minute(0)}&to=${minute(60)}`,
  '/api/clips': (camera) => `/api/clips?camera=${camera}&from=${minute(0)}&to=${minute(1)}`,
  '/api/snapshots/{key}': (camera) => `/api/snapshots/${camera}/a/b.jpg`,
  '/api/footage/{objectKey}': (camera) => `/api/footage/${itemAt(1, { camera }).segmentKey}`,
};
/** Routes of a site of their own, and those that tell of nobody's footage. */
const OTHERS: readonly string[] = [
  '/api/stream',
  '/api/uploads',
  '/api/uploads/{id}',
  '/api/uploads/{id}/video',
  '/api/session',
  '/api/session/footage',
  '/api/sign-in',
  '/api/sign-in/callback',
  '/api/sign-in/end',
  '/api/sign-in/start',
  '/api/uploads/presign',
  '/api/fleet/tier-change',
  '/api/dead-letters/redrive',
];

async function textOf({ get }: ApiWorld, path: string, allowed: AllowedSites): Promise<string> {
  const response = await get(path, allowed);
  expect([path, response.status]).toEqual([path, 200]);
  return response.text();
}

describe('who may see some sites only', () => {
  it('is asked about on every route there is', () => {
    const { paths } = JSON.parse(renderOpenApi()) as { paths: object };
    const asked = [...Object.keys(LISTS), ...Object.keys(ONES), ...OTHERS];
    expect(asked.sort()).toEqual(Object.keys(paths).sort());
  });

  it.each(Object.entries(LISTS))('%s answers with those sites alone', async (_, path) => {
    const world = await apiWorld();
    const everything = await textOf(world, path, 'all');
    const own = await textOf(world, path, HARBOUR);
    expect(own).not.toBe(everything);
    expect(own).not.toMatch(/north-mall|holiday/);
    expect(own).not.toMatch(/"steady"/);
    const asked = await textOf(world, `${path}site=harbour`, HARBOUR);
    const { nextCursor: _a, ...a } = JSON.parse(asked) as { nextCursor?: string };
    const { nextCursor: _o, ...o } = JSON.parse(own) as { nextCursor?: string };
    expect(a).toEqual(o);
  });

  it.each(Object.entries(LISTS))('%s refuses another site, real or not', async (_, path) => {
    const { get } = await apiWorld();
    for (const site of ['north-mall', 'no-such-site']) {
      const refused = await get(`${path}site=${site}`, HARBOUR);
      expect([refused.status, await refused.json()]).toMatchObject([
        403,
        { code: 'site-not-allowed', status: 403 },
      ]);
    }
  });

  it.each(
    Object.entries(LISTS).filter(
      ([path]) => !/cameras$|health$|dead-letters$|rejections$|tiers$/.test(path),
    ),
  )('%s refuses another site’s camera', async (_, path) => {
    const { get } = await apiWorld();
    expect((await get(`${path}camera=${DOOR}`, HARBOUR)).status).toBe(403);
    expect((await get(`${path}camera=${DOOR}&site=harbour`, HARBOUR)).status).toBe(400);
    expect((await get(`${path}camera=${QUAY}&site=harbour`, HARBOUR)).status).toBe(200);
  });

  it.each(Object.entries(ONES))('%s refuses another site, real or not', async (_, pathOf) => {
    const { get } = await apiWorld();
    expect((await get(pathOf(QUAY), HARBOUR)).status).not.toBe(403);
    for (const camera of [DOOR, 'north-mall/none', 'no-such-site/none']) {
      const refused = await get(pathOf(camera), HARBOUR);
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
        403,
        'site-not-allowed',
      ]);
    }
  });

  it('sees no queues, for they are everybody’s, and none of what is of no site', async () => {
    const { json } = await apiWorld();
    const health = await json('/api/health', HARBOUR);
    expect(health.queues).toBeNull();
    expect(health).toMatchObject({
      deadLetters: { count: 1, latest: [{ camera: QUAY }] },
      quarantined: { count: 1, latest: [{ key: 'harbour/quay/20261120T080000Z_60s.mp4' }] },
      silentCameras: [{ camera: QUAY }],
    });
  });

  it('gets nothing by a cursor of someone who may see more', async () => {
    const { json, get } = await apiWorld();
    for (const list of ['/api/cameras?', `/api/events?${PERIOD}&`, `/api/segments?${PERIOD}&`]) {
      const { nextCursor } = await json(`${list}limit=4`, 'all').then((page) =>
        page.nextCursor === null ? json(`${list}limit=3`, 'all') : page,
      );
      const response = await get(`${list}cursor=${String(nextCursor)}`, HARBOUR);
      expect(await response.text()).not.toMatch(/north-mall/);
    }
  });

  it('sees nothing at all where there are no sites', async () => {
    const { json } = await apiWorld();
    expect(await json('/api/cameras', [])).toEqual({ cameras: [], nextCursor: null });
    expect(await json(`/api/events?${PERIOD}`, [])).toEqual({ events: [], nextCursor: null });
    expect(await json(`/api/analytics/quiet-share?${PERIOD}`, [])).toMatchObject({ rows: [] });
  });
});

describe('who has not signed in', () => {
  const paths = [...Object.values(LISTS), ...Object.values(ONES).map((pathOf) => pathOf(QUAY))];

  it.each([...paths, '/api/openapi.json', '/api/none', '/'])('is told so by %s', async (path) => {
    const { get } = await apiWorld();
    const response = await get(path, null);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await response.json()).toMatchObject({ code: 'not-signed-in', status: 401 });
  });
});
