import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TierwatchError } from '../../core/errors';
import { problemSchema } from '../../handlers/api/problem';
import { cleanUpAfterEach } from '../adapters/embedded/data-folder';
import { itemAt, minute } from '../contracts/records';
import { type ApiWorld, apiWorld, DOOR } from './api-world';

cleanUpAfterEach();

const PERIOD = `since=${minute(0)}&until=${minute(60)}`;

/** Text as a URL can hold it, lone surrogates too. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** A problem document, checked against its schema and for what must never be in one. */
async function problemOf({ get }: ApiWorld, path: string, init?: RequestInit) {
  const response = await get(path, 'all', init);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const text = await response.text();
  expect(text).not.toMatch(/node_modules|\.ts:\d|at \w+ \(/);
  const problem = problemSchema.parse(JSON.parse(text));
  expect(problem.status).toBe(response.status);
  return problem;
}

describe('bad input', () => {
  it('is answered by a problem document that names every field', async () => {
    const world = await apiWorld();
    expect(await problemOf(world, '/api/events?limit=0&camera=a&colour=red&__proto__=1')).toEqual({
      type: 'urn:tierwatch:error:bad-request',
      title: 'Bad request',
      status: 400,
      detail: expect.stringMatching(/"camera": .*; "limit": .*; "colour": expected no such field/),
      instance: '/api/events',
      code: 'bad-request',
      errors: [
        { in: 'query', field: 'camera', message: expect.any(String) },
        { in: 'query', field: 'limit', message: expect.any(String) },
        { in: 'query', field: 'colour', message: 'expected no such field' },
        { in: 'query', field: '__proto__', message: 'expected no such field' },
      ],
    });
  });

  it.each([
    '/api/cameras?page=2',
    `/api/cameras/${DOOR}?tier=low`,
    '/api/events?limit=501',
    '/api/events?limit=-1',
    '/api/events?limit=1e2',
    '/api/events?limit=1&limit=2',
    '/api/events?limit=',
    '/api/events?since=yesterday',
    '/api/events?since=2026-11-20',
    `/api/events?since=${minute(60)}&until=${minute(0)}`,
    '/api/events?since=2026-01-01T00:00:00Z',
    '/api/events?className=%00',
    '/api/events?zone=../frame',
    `/api/cameras/${DOOR}/events/${'0'.repeat(32)}?x=`,
    '/api/segments?status=quarantined',
    '/api/usage?limit=3',
    `/api/usage?since=2020-01-01T00:00:00Z`,
    '/api/analytics/quiet-share?limit=3',
    '/api/analytics/busiest-cameras?limit=1001',
    `/api/analytics/activity-by-hour?since=2026-01-01T00:00:00Z&until=${minute(0)}`,
    `/api/analytics/lag-p95?camera=a'%20OR%201=1`,
    '/api/health?verbose=1',
  ])('%s: 400', async (path) => {
    expect((await problemOf(await apiWorld(), path)).status).toBe(400);
  });

  it.each([
    ['not base64', '!!'],
    ['no cursor at all', 'abc'],
    ['JSON of another form', Buffer.from('{"camera":"a/b"}').toString('base64url')],
    ['too long', 'a'.repeat(1201)],
  ])('a cursor that is %s: 400', async (_, cursor) => {
    const world = await apiWorld();
    for (const list of ['cameras', 'events', 'segments']) {
      const problem = await problemOf(world, `/api/${list}?cursor=${encodeURIComponent(cursor)}`);
      expect([problem.status, problem.errors?.[0]?.field]).toEqual([400, 'cursor']);
    }
  });

  it('a cursor with other filters, or of another list: 400', async () => {
    const world = await apiWorld();
    const { nextCursor } = await world.json(`/api/events?${PERIOD}&limit=1`);
    const others = [
      `/api/events?${PERIOD}&zone=frame`,
      `/api/segments?${PERIOD}`,
      '/api/cameras?limit=1',
    ];
    for (const path of others) {
      const problem = await problemOf(world, `${path}&cursor=${String(nextCursor)}`);
      expect([problem.status, problem.errors?.[0]?.field]).toEqual([400, 'cursor']);
    }
  });

  it.each([
    '/api/cameras/..%2f..%2fetc/passwd',
    '/api/cameras/north-mall/%2e%2e%2fback',
    '/api/cameras/north-mall/%252e%252e',
    '/api/cameras/north-mall/entrance%00',
    '/api/cameras/north-mall/%E0%A4%A',
    '/api/cameras/NORTH-MALL/entrance',
    `/api/cameras/${'a'.repeat(64)}/b`,
    `/api/segments/${DOOR}/..%2f..%2fback%2f20261120T080000Z_60s.mp4`,
    `/api/segments/${DOOR}/20261120T080000Z_60s.mp4%2f..`,
    `/api/cameras/${DOOR}/events/..%2f..`,
    `/api/cameras/${DOOR}/events/${'g'.repeat(32)}`,
    '/api/cameras/../../etc/passwd',
    '/api//cameras',
    '/api/cameras/',
    '/api/analytics/nothing',
    '/api',
    '/',
    '/.env',
  ])('the path %s: 400 or 404', async (path) => {
    expect([400, 404]).toContain((await problemOf(await apiWorld(), path)).status);
  });

  it('of any kind is answered by JSON or a problem, never by a failure', async () => {
    const world = await apiWorld();
    const lists = [
      ...['cameras', 'events', 'segments', 'usage', 'health', 'analytics/lag-p95', ''],
      ...['timeline', 'clips', 'fleet/tiers', 'dead-letters', 'rejections', 'segments/frames'],
      ...['session', 'snapshots', 'footage', 'uploads', `cameras/${DOOR}/cost`],
    ];
    const field = fc.constantFrom(
      'site',
      'camera',
      'since',
      'until',
      'limit',
      'cursor',
      'zone',
      'order',
      'from',
      'to',
      'format',
      'segmentKey',
      'x',
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('north-mall', DOOR, '2026-11-20T08:00:00Z', '9999-12-31T23:59:59Z', '1'),
      fc.constantFrom('newest', 'csv', itemAt(0).segmentKey),
      fc.constantFrom('0001-01-01T00:00:00Z', '2026-11-20T08:00:00+14:00', 'e30', '%00'),
    );
    const query = fc.array(fc.tuple(field, value), { maxLength: 4 });
    const tail = fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...lists), tail, query, async (list, parts, fields) => {
        const path = ['', 'api', ...list.split('/'), ...parts.map(encoded)].join('/');
        const search = fields.map(([name, text]) => `${name}=${encoded(text)}`).join('&');
        const response = await world.get(`${path}?${search}`);
        expect([200, 400, 404]).toContain(response.status);
        expect(world.errors).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('a body that is too large: 413; it is not read', async () => {
    const world = await apiWorld();
    for (const method of ['POST', 'PUT']) {
      const init = { method, body: 'x'.repeat(20_000), headers: { 'content-length': '20000' } };
      const problem = await problemOf(world, '/api/events', init);
      expect([problem.status, problem.code]).toEqual([413, 'request-too-large']);
    }
  });
});

describe('what would change something', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s: 405 on every route',
    async (method) => {
      const world = await apiWorld();
      for (const path of ['/api/cameras', `/api/cameras/${DOOR}`, '/api/health', '/api/none']) {
        const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
        const response = await world.get(path, 'all', { method, headers });
        expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
        expect(response.headers.get('access-control-allow-origin')).toBeNull();
      }
    },
  );

  it('no page of another site may read an answer', async () => {
    const { get } = await apiWorld();
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const response = await get('/api/cameras', 'all', { headers });
    expect([
      response.status,
      response.headers.get('access-control-allow-origin'),
      response.headers.get('cross-origin-resource-policy'),
    ]).toEqual([403, null, 'same-origin']);
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await get('/api/cameras', 'all', { headers: link })).status).toBe(200);
  });
});

it.each(['/api/cameras', '/api/none', '/api/events?x=1'])(
  '%s has security headers, good answer or problem',
  async (path) => {
    const { headers } = await (await apiWorld()).get(path);
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=15552000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  },
);

it('HEAD answers like GET, without a body', async () => {
  const response = await (await apiWorld()).get('/api/health', 'all', { method: 'HEAD' });
  expect([response.status, await response.text()]).toEqual([200, '']);
});

describe('a failure behind the api', () => {
  class StoreError extends TierwatchError {
    override readonly name = 'StoreError';
    constructor(retryable: boolean) {
      super('"/var/lib/tierwatch/secret.sqlite": failed', { code: 'data-folder', retryable });
    }
  }
  const failing = (error: Error) =>
    apiWorld({
      fleetCameras: async () => {
        throw error;
      },
    });

  it.each([
    [new StoreError(true), 503, 'data-folder', '5'],
    [new StoreError(false), 500, 'data-folder', null],
    [new Error('password=hunter2 in /var/lib'), 500, 'internal', null],
  ])('%s is logged whole and answered without its inside', async (error, status, code, retry) => {
    const world = await failing(error);
    const response = await world.get('/api/cameras');
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retry]);
    const text = await response.text();
    expect(text).not.toMatch(/secret|hunter2|var\/lib/);
    const problem = problemSchema.parse(JSON.parse(text));
    expect(problem.code).toBe(code);
    expect(world.errors).toEqual([{ error, requestId: problem.requestId }]);
  });

  it('in deciding who asks lets nobody in', async () => {
    const world = await apiWorld({
      allowedSites: () => {
        throw new Error('key set not reached');
      },
    });
    const response = await world.get('/api/cameras');
    expect([response.status, world.errors.length]).toEqual([500, 1]);
  });
});
