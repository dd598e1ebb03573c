import { describe, expect, it } from 'vitest';
import { compileFleet, shardOf } from '../../core/fleet/compile';
import { setTier } from '../../core/fleet/edit';
import { parseFleet } from '../../core/fleet/parse';
import type { AnalyticsReader } from '../../core/ports';
import { UPLOAD_MAX_BYTES, type Upload } from '../../core/upload';
import { createApi } from '../../handlers/api';
import type { AllowedSites, ApiDeps } from '../../handlers/api/deps';
import { cleanUpAfterEach } from '../adapters/embedded/data-folder';
import { minute } from '../contracts/records';
import { type ApiWorld, apiWorld, DOOR, QUAY } from './api-world';

cleanUpAfterEach();

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** Status and document of a request that changes something. */
async function ask(
  { get }: ApiWorld,
  path: string,
  init: RequestInit,
  allowed: AllowedSites = 'all',
): Promise<[number, Record<string, unknown>]> {
  const response = await get(path, allowed, init);
  const text = await response.text();
  return [response.status, text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)];
}

describe('what changes something', () => {
  const CHANGES: readonly [string, RequestInit][] = [
    ['/api/dead-letters/redrive', post({})],
    ['/api/fleet/tier-change', post({ camera: DOOR, tier: 'low' })],
    ['/api/session', post({ token: 'x' })],
    ['/api/session', { method: 'DELETE' }],
    ['/api/uploads?name=a.mp4', { method: 'POST', body: 'x' }],
  ];

  it.each(CHANGES)('%s is refused to a page of another site', async (path, init) => {
    const world = await apiWorld({}, async () => 0);
    const from: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:9999' },
      { 'sec-fetch-site': 'cross-site', origin: 'http://localhost' },
    ];
    for (const headers of from) {
      const changed = { ...init, headers: { ...init.headers, ...headers } };
      expect([headers, ...(await ask(world, path, changed))]).toMatchObject([
        headers,
        403,
        { code: 'cross-site' },
      ]);
    }
  });

  it('is taken from the page itself, and from what is no browser', async () => {
    const world = await apiWorld({}, async (ids) => ids.length);
    const from: Record<string, string>[] = [
      {},
      { origin: 'http://localhost' },
      { 'sec-fetch-site': 'same-origin', origin: 'https://cameras.example' },
    ];
    for (const headers of from) {
      const path = '/api/dead-letters/redrive';
      expect((await ask(world, path, post({}, headers)))[0]).toBe(200);
    }
  });

  it('takes JSON that says it is, and nothing else', async () => {
    const world = await apiWorld({}, async () => 0);
    const path = '/api/dead-letters/redrive';
    const bodies: [RequestInit, number][] = [
      [{ method: 'POST', body: '{"ids":[', headers: { 'content-type': 'application/json' } }, 400],
      [{ method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }, 415],
      [post({ ids: 'all' }), 400],
      [post({ everything: true }), 400],
      [post({ ids: ['x'.repeat(20_000)] }), 413],
    ];
    for (const [init, status] of bodies) {
      const [found, problem] = await ask(world, path, init);
      expect([found, String(problem.code)]).toEqual([
        status,
        status === 413 ? 'request-too-large' : 'bad-request',
      ]);
    }
    expect(world.errors).toEqual([]);
  });
});

describe('dead letters', () => {
  it('are listed with their causes, and go back, those of the caller’s sites alone', async () => {
    const redriven: (readonly string[])[] = [];
    const world = await apiWorld({}, async (ids) => {
      redriven.push(ids);
      return ids.length;
    });
    const all = await world.json('/api/dead-letters');
    expect(all).toMatchObject({ count: 2, redriveBy: 'letter' });
    const [quay, door] = all.deadLetters as { id: string }[];
    expect(quay).toMatchObject({ queue: 'detect-cpu', camera: QUAY, cause: 'worker-crashed' });
    expect(door).toMatchObject({ camera: DOOR });
    const path = '/api/dead-letters/redrive';
    expect(await ask(world, path, post({}), ['harbour'])).toEqual([200, { redriven: 1 }]);
    const both = post({ ids: [door!.id, quay!.id, 'other'] });
    expect(await ask(world, path, both, ['harbour'])).toEqual([200, { redriven: 1 }]);
    expect(await ask(world, path, both)).toEqual([200, { redriven: 2 }]);
    expect(redriven).toEqual([[quay!.id], [quay!.id], [quay!.id, door!.id]]);
  });

  it('go back by an operator alone, and whole queues by one who may see every site', async () => {
    const moved: (string | undefined)[] = [];
    const letters = [
      { queue: 'route', id: '1', camera: QUAY, segmentKey: null, cause: 'x', deadAt: minute(1) },
      { queue: 'route', id: '2', camera: null, segmentKey: null, cause: 'x', deadAt: minute(2) },
    ];
    const counts = { waiting: 0, inFlight: 0, dead: 30, oldestSeconds: 5 };
    const queues: ApiDeps['queues'] = {
      counts: async () => ({ route: counts, analytics: { ...counts, dead: 0 } }),
      deadLetters: async () => letters,
      redriveAll: async (queue) => {
        moved.push(queue);
        return 30;
      },
    };
    const path = '/api/dead-letters/redrive';
    const viewer = await apiWorld({ queues, isOperator: () => false });
    expect(await viewer.json('/api/dead-letters')).toMatchObject({ count: 30, redriveBy: null });
    for (const sites of ['all', ['harbour']] as const) {
      expect(await ask(viewer, path, post({}), sites)).toMatchObject([
        403,
        { code: 'not-operator' },
      ]);
    }
    const operator = await apiWorld({ queues });
    expect(await operator.json('/api/dead-letters', ['harbour'])).toMatchObject({
      count: 1,
      deadLetters: [{ id: '1' }],
      redriveBy: null,
    });
    expect(await ask(operator, path, post({}), ['harbour'])).toMatchObject([
      403,
      { code: 'not-operator' },
    ]);
    expect(await operator.json('/api/dead-letters')).toMatchObject({
      deadLetters: [{ id: '2' }, { id: '1' }],
      redriveBy: 'queue',
    });
    for (const body of [{ ids: ['1'] }, { queue: 'constructor' }, { queue: 'detect-cpu' }]) {
      expect((await ask(operator, path, post(body)))[0]).toBe(400);
    }
    expect(moved).toEqual([]);
    expect(await ask(operator, path, post({}))).toEqual([200, { redriven: 30 }]);
    expect(await ask(operator, path, post({ queue: 'route' }))).toEqual([200, { redriven: 30 }]);
    expect(moved).toEqual([undefined, 'route']);
  });

  it('stay where they are in a deployment that can’t put them back', async () => {
    const world = await apiWorld();
    expect(await world.json('/api/dead-letters')).toMatchObject({ redriveBy: null });
    const answer = await ask(world, '/api/dead-letters/redrive', post({}));
    expect(answer).toMatchObject([404, { code: 'not-offered' }]);
  });

  it('and rejections are counted whole and shown in part', async () => {
    const { json } = await apiWorld();
    const { count, rejections } = await json('/api/rejections?limit=2');
    expect([count, (rejections as object[]).length]).toEqual([3, 2]);
    expect(await json('/api/rejections', ['harbour'])).toEqual({
      count: 1,
      rejections: [
        {
          key: 'harbour/quay/20261120T080000Z_60s.mp4',
          code: 'unreadable-video',
          reason: 'no video',
          at: minute(9),
        },
      ],
    });
  });
});

describe('a session', () => {
  const signIn: NonNullable<ApiDeps['signIn']> = {
    seconds: 60,
    open: (token) => (token === 'right' ? 'value' : null),
  };

  it('is opened by a token for a cookie that no script reads, and closed', async () => {
    const { get } = await apiWorld({ signIn });
    const opened = await get('/api/session', null, post({ token: 'right' }));
    expect([opened.status, opened.headers.get('set-cookie')]).toEqual([
      204,
      'tierwatch-session=value; Max-Age=60; Path=/; HttpOnly; SameSite=Strict',
    ]);
    const closed = await get('/api/session', null, { method: 'DELETE' });
    expect([closed.status, closed.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringMatching(/^tierwatch-session=; Max-Age=0; Path=\//),
    ]);
  });

  it('is not opened by another token, and tells nobody else what there is', async () => {
    const world = await apiWorld({ signIn });
    const wrong = await world.get('/api/session', null, post({ token: 'wrong' }));
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null]);
    expect((await world.get('/api/session', null)).status).toBe(401);
    expect(await world.json('/api/session', ['harbour'])).toEqual({
      sites: ['harbour'],
      offers: ['sign-out'],
      lastChange: null,
    });
  });
});

describe('tiers', () => {
  const file = 'fleet.yaml';
  const text = `# The fleet.
defaults: { tier: low }
cameras:
  ${DOOR}:
    minConfidence: 0.6 # the sun
  ${QUAY}: {}
`;
  const fleetTexts = async () => [{ file, text }];

  it('to change are said as a difference of the file and in dollars; nothing is edited', async () => {
    const world = await apiWorld({ fleetTexts });
    const [status, change] = await ask(
      world,
      '/api/fleet/tier-change',
      post({ camera: DOOR, tier: 'steady' }),
    );
    expect([status, change.file, change.diff]).toEqual([
      200,
      file,
      `--- fleet.yaml
+++ fleet.yaml
@@ -2,5 +2,6 @@
 defaults: { tier: low }
 cameras:
   ${DOOR}:
+    tier: steady
     minConfidence: 0.6 # the sun
   ${QUAY}: {}
`,
    ]);
    expect(change.changes).toEqual([
      { cameras: [DOOR], what: ['tier low → steady'], usdPerMonth: expect.any(Number) },
    ]);
    expect((change.changes as { usdPerMonth: number }[])[0]!.usdPerMonth).toBeGreaterThan(0);
  });

  it('are told from what is published, where the files are not at hand', async () => {
    const text = (await fleetTexts())[0]!.text;
    const { index, shards } = compileFleet(parseFleet('fleet.yaml', text));
    const publishedFleet = {
      environment: 'prod',
      camera: async (camera: string) => ({
        index,
        entry: shards[shardOf(camera)]!.cameras[camera] ?? null,
      }),
    };
    const world = await apiWorld({ publishedFleet });
    const asked = { camera: DOOR, tier: 'steady' };
    const path = '/api/fleet/tier-change';
    const [status, change] = await ask(world, path, post(asked), ['north-mall']);
    expect([status, change]).toEqual([
      200,
      {
        file: `${DOOR}, as published`,
        diff: `--- ${DOOR}, as published
+++ ${DOOR}, as published
@@ -1,3 +1,4 @@
 cameras:
   ${DOOR}:
+    tier: steady
     minConfidence: 0.6
`,
        command: `npx tierwatch fleet set-tier ${DOOR} steady --env prod`,
        changes: [
          { cameras: [DOOR], what: ['tier low → steady'], usdPerMonth: expect.any(Number) },
        ],
        basis: expect.any(String),
      },
    ]);
    const [, byFile] = await ask(await apiWorld({ fleetTexts }), path, post(asked));
    expect(change.changes).toEqual(byFile.changes);
    // What the command does to the file comes to the entry that the difference shows.
    const shown = String(change.diff).split('\n').slice(3);
    const entry = shown.map((line) => line.slice(1)).join('\n');
    const edited = parseFleet('fleet.yaml', setTier(text, DOOR, 'steady')!);
    expect(parseFleet('shown', entry).cameras[DOOR]).toEqual(edited.cameras[DOOR]);
    expect((await ask(world, path, post({ camera: DOOR, tier: 'none' })))[0]).toBe(400);
    expect((await ask(world, path, post({ camera: DOOR, tier: 'low; ls' })))[0]).toBe(400);
    expect((await ask(world, path, post({ camera: 'harbour/none', tier: 'low' })))[0]).toBe(404);
    expect((await ask(world, path, post(asked), ['harbour']))[0]).toBe(403);
  });

  it.each([
    [{ camera: DOOR, tier: 'no-such-tier' }, 400, 'bad-request'],
    [{ camera: 'north-mall/none', tier: 'low' }, 404, 'not-found'],
    [{ camera: DOOR }, 400, 'bad-request'],
    [{ camera: '../etc', tier: 'low' }, 400, 'bad-request'],
  ])('%j: %d', async (body, status, code) => {
    const world = await apiWorld({ fleetTexts });
    expect(await ask(world, '/api/fleet/tier-change', post(body))).toMatchObject([
      status,
      { code },
    ]);
  });

  it('of another site are refused', async () => {
    const world = await apiWorld({ fleetTexts });
    const body = post({ camera: DOOR, tier: 'low' });
    const answer = await ask(world, '/api/fleet/tier-change', body, ['harbour']);
    expect(answer).toMatchObject([403, { code: 'site-not-allowed' }]);
  });

  it('of a page of cameras take one question of the time series', async () => {
    const world = await apiWorld();
    const asked: unknown[] = [];
    const analytics: AnalyticsReader = {
      ask: async (query, scope) => {
        asked.push([query, scope.cameras]);
        return world.deps.analytics!.ask(query, scope);
      },
    };
    const app = createApi({ ...world.deps, analytics });
    const path = `/api/fleet/tiers?since=${minute(0)}&until=${minute(60)}`;
    expect(await (await app.request(path)).json()).toEqual(await world.json(path));
    expect(asked).toEqual([['work-by-camera', ['harbour/crane', QUAY, 'north-mall/back', DOOR]]]);
  });

  it('come with what each camera did and what suits it', async () => {
    const { json } = await apiWorld();
    const page = await json(`/api/fleet/tiers?since=${minute(0)}&until=${minute(60)}&limit=2`);
    const { cameras, nextCursor } = page as { cameras: object[]; nextCursor: string };
    expect(cameras).toMatchObject([
      { camera: 'harbour/crane', activity: { segments: 0, footageSeconds: 0, movingRatio: null } },
      {
        camera: QUAY,
        tier: 'low',
        activity: { segments: 2, footageSeconds: 120, movingSeconds: 15, movingRatio: 0.125 },
        tiers: [{ tier: 'low', lane: 'cpu', isMeasured: true }],
        suggestion: { tier: 'low', why: expect.stringMatching(/less than a day/) },
      },
    ]);
    const next = await json(
      `/api/fleet/tiers?since=${minute(0)}&until=${minute(60)}&limit=2&cursor=${nextCursor}`,
    );
    expect((next.cameras as { camera: string }[]).map(({ camera }) => camera)).toEqual([
      'north-mall/back',
      DOOR,
    ]);
  });

  it('are priced by assumed usage without a time series, a camera by its last hours', async () => {
    const world = await apiWorld();
    const { analytics: _, ...deps } = world.deps;
    const app = createApi(deps);
    const of = async (path: string) =>
      (await (await app.request(path)).json()) as Record<string, unknown>;
    const { cameras } = (await of('/api/fleet/tiers')) as unknown as {
      cameras: { camera: string; activity: object; tiers: { isMeasured: boolean }[] }[];
    };
    const quay = cameras.find(({ camera }) => camera === QUAY)!;
    expect(quay.activity).toEqual({
      segments: 0,
      footageSeconds: 0,
      movingSeconds: 0,
      movingRatio: null,
    });
    expect(quay.tiers.map(({ isMeasured }) => isMeasured)).toEqual(quay.tiers.map(() => false));
    const path = `/api/cameras/${DOOR}/cost?since=${minute(0)}&until=${minute(60)}`;
    expect(await of(path)).toEqual(await world.json(path));
    expect(await of(`/api/usage?since=${minute(0)}`)).toMatchObject({ code: 'not-offered' });
    const { since } = await of(`/api/cameras/${DOOR}/cost?until=${minute(60)}`);
    expect(since).toBe(minute(60 - 180));
  });

  it('cost by line what was measured', async () => {
    const { json, get } = await apiWorld();
    const cost = await json(`/api/cameras/${DOOR}/cost?since=${minute(0)}&until=${minute(60)}`);
    expect(cost).toMatchObject({ camera: DOOR, segments: 4, footageSeconds: 240 });
    const lines = cost.lines as { name: string; usdPerMonth: number }[];
    expect(lines.map(({ name }) => name)).toEqual(['compute', 'requests', 'storage', 'analytics']);
    const sum = lines.reduce((total, { usdPerMonth }) => total + usdPerMonth, 0);
    expect(cost.totalUsdPerMonth).toBeCloseTo(sum, 9);
    const none = await json(
      `/api/cameras/harbour/crane/cost?since=${minute(0)}&until=${minute(60)}`,
    );
    expect([none.totalUsdPerMonth, none.lines]).toEqual([null, []]);
    expect((await get('/api/cameras/harbour/none/cost')).status).toBe(404);
  });
});

describe('analytics as CSV', () => {
  it('are the rows under their names, to save', async () => {
    const { get } = await apiWorld();
    const period = `since=${minute(0)}&until=${minute(60)}`;
    const response = await get(`/api/analytics/busiest-cameras?${period}&format=csv`);
    expect([response.status, await response.text()]).toEqual([
      200,
      `camera,segments,movingSeconds\r\n${DOOR},4,50\r\n${QUAY},2,15\r\n`,
    ]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="busiest-cameras_2026-11-20.csv"',
    });
    expect((await get(`/api/analytics/lag-p95?${period}&format=xml`)).status).toBe(400);
  });
});

describe('an upload', () => {
  const id = '0'.repeat(32);
  const upload: Upload = {
    id,
    name: 'a.mp4',
    bytes: 3,
    status: 'waiting',
    progressRatio: 0,
    createdAt: minute(0),
    expiresAt: minute(1440),
    error: null,
    result: null,
  };
  const received: string[] = [];
  const uploads: NonNullable<ApiDeps['uploads']> = {
    receive: async ({ name, bytes, body }) => {
      received.push(`${name} ${bytes} ${await new Response(body).text()}`);
      return upload;
    },
    show: async (asked) => (asked === id ? upload : null),
    video: async () => null,
  };
  const sent = (headers: Record<string, string>): RequestInit => ({
    method: 'POST',
    body: 'abc',
    headers,
  });

  it('is handed over as it comes', async () => {
    const world = await apiWorld({ uploads });
    const init = sent({ 'content-length': '3' });
    expect(await ask(world, '/api/uploads?name=a.mp4', init)).toEqual([201, upload]);
    expect(received).toEqual(['a.mp4 3 abc']);
    expect(await world.json(`/api/uploads/${id}`)).toEqual(upload);
  });

  it.each([
    ['/api/uploads?name=a.mp4', sent({}), 411, 'length-required'],
    ['/api/uploads?name=a.mp4', sent({ 'content-length': '0' }), 411, 'length-required'],
    [
      '/api/uploads?name=a.mp4',
      sent({ 'content-length': String(UPLOAD_MAX_BYTES + 1) }),
      413,
      'request-too-large',
    ],
    ['/api/uploads', sent({ 'content-length': '3' }), 400, 'bad-request'],
    ['/api/uploads?name=a.mp4&to=b', sent({ 'content-length': '3' }), 400, 'bad-request'],
  ])('%s: %#', async (path, init, status, code) => {
    const world = await apiWorld({ uploads });
    expect(await ask(world, path, init)).toMatchObject([status, { code }]);
  });

  it('is for who may see the site of uploads', async () => {
    const world = await apiWorld({ uploads });
    const init = sent({ 'content-length': '3' });
    const path = '/api/uploads?name=a.mp4';
    expect((await ask(world, path, init, ['harbour']))[0]).toBe(403);
    expect((await ask(world, path, init, ['uploads']))[0]).toBe(201);
    expect((await world.get(`/api/uploads/${id}`, ['harbour'])).status).toBe(403);
    expect((await world.get(`/api/uploads/${'1'.repeat(32)}`)).status).toBe(404);
    expect((await world.get(`/api/uploads/${id}/video`)).status).toBe(404);
  });
});
