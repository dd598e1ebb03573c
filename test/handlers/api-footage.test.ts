import { describe, expect, it } from 'vitest';
import type { ApiDeps, ClipRequest, StoredFile } from '../../handlers/api/deps';
import { UnprocessableVideoError } from '../../handlers/api/problem';
import { cleanUpAfterEach } from '../adapters/embedded/data-folder';
import { recordingAt } from '../contracts/deletion-log-contract';
import { itemAt, minute } from '../contracts/records';
import { MemoryDeletions } from '../fakes/memory-deletions';
import { apiWorld, DOOR, QUAY } from './api-world';

cleanUpAfterEach();

const BYTES = Buffer.from('0123456789');
const KEY = itemAt(1, { camera: QUAY }).segmentKey;

function fileOf(bytes: Uint8Array): StoredFile {
  return {
    bytes: bytes.length,
    version: 'v1',
    read: ({ first, last }) =>
      new Blob([Uint8Array.from(bytes.subarray(first, last + 1))]).stream(),
  };
}

/** Footage of one key; another is gone since an hour. */
const footage: NonNullable<ApiDeps['footage']> = {
  open: async (key) => (key === KEY || key === 'cam7/rec.mp4' ? fileOf(BYTES) : null),
  siteOf: (key) => (key.startsWith('cam7/') ? 'harbour' : null),
};
const deletions = new MemoryDeletions();
const footageFate: NonNullable<ApiDeps['footageFate']> = {
  present: async (keys) => new Set(keys.filter((key) => key === KEY)),
  deletions,
  lifeDays: () => null,
};

describe('footage', () => {
  const ask = async (range?: string, more: Record<string, string> = {}) => {
    const { get } = await apiWorld({ footage });
    const headers = { ...(range === undefined ? {} : { range }), ...more };
    const response = await get(`/api/footage/${KEY}`, 'all', { headers });
    const { status } = response;
    const of = (name: string): string | null => response.headers.get(name);
    return [status, of('content-range'), of('content-length'), await response.text()];
  };

  it.each([
    [undefined, [200, null, '10', '0123456789']],
    ['bytes=0-3', [206, 'bytes 0-3/10', '4', '0123']],
    ['bytes=7-', [206, 'bytes 7-9/10', '3', '789']],
    ['bytes=-2', [206, 'bytes 8-9/10', '2', '89']],
    ['bytes=5-99', [206, 'bytes 5-9/10', '5', '56789']],
    ['bytes=-99', [206, 'bytes 0-9/10', '10', '0123456789']],
    ['bytes=0-1,4-5', [200, null, '10', '0123456789']],
    ['bytes=4-2', [200, null, '10', '0123456789']],
    ['lines=1-2', [200, null, '10', '0123456789']],
  ])('of the range %s', async (range, expected) => {
    expect(await ask(range)).toEqual(expected);
  });

  it.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('behind its end, %s: 416', async (range) => {
    const { get } = await apiWorld({ footage });
    const response = await get(`/api/footage/${KEY}`, 'all', { headers: { range } });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    expect(await response.json()).toMatchObject({ code: 'range-not-satisfiable' });
  });

  it('is sent whole where it has changed since, and not at all where it has not', async () => {
    expect(await ask('bytes=0-3', { 'if-range': '"v0"' })).toEqual([200, null, '10', '0123456789']);
    expect((await ask('bytes=0-3', { 'if-range': '"v1"' }))[0]).toBe(206);
    expect((await ask(undefined, { 'if-none-match': '"v1"' }))[0]).toBe(304);
  });

  it('is what its name says, and stays with who asked', async () => {
    const { get } = await apiWorld({ footage });
    const { headers } = await get(`/api/footage/${KEY}`);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'video/mp4',
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    const head = await get(`/api/footage/${KEY}`, 'all', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      '10',
      '',
    ]);
  });

  it('of another layout is of the site that it is mapped to', async () => {
    const { get } = await apiWorld({ footage });
    const statusFor = async (sites: string[]) =>
      (await get('/api/footage/cam7/rec.mp4', sites)).status;
    expect([await statusFor(['harbour']), await statusFor(['north-mall'])]).toEqual([200, 403]);
    expect((await get('/api/footage/unknown/rec.mp4', ['harbour'])).status).toBe(403);
  });

  it.each([
    '/api/footage/..%2f..%2fetc%2fpasswd.mp4',
    '/api/footage/harbour/%2e%2e/%2e%2e/x.mp4',
    '/api/footage/harbour/quay/.hidden.mp4',
    '/api/footage/harbour%5cquay%5cx.mp4',
    '/api/footage/harbour/quay/%00.mp4',
    '/api/footage//etc/passwd.mp4',
    '/api/footage/harbour/quay/reason.json',
    '/api/footage/',
    '/api/snapshots/..%2f..%2fx.jpg',
    '/api/snapshots/harbour/quay/x.png',
  ])('%s: 404, and nothing is opened', async (path) => {
    const asked: string[] = [];
    const note = async (key: string) => {
      asked.push(key);
      return null;
    };
    const { get } = await apiWorld({
      footage: { ...footage, open: note },
      snapshots: { get: note },
    });
    const response = await get(path);
    expect([path, response.status, await response.json()]).toMatchObject([
      path,
      404,
      { code: 'not-found' },
    ]);
    expect(asked.filter((key) => !/^harbour\/quay\/[a-z]+\.(png|jpg)$/.test(key))).toEqual([]);
  });
});

describe('a snapshot', () => {
  const key = `${KEY}/0-60000/analysis-1/person-frame.jpg`;
  const snapshots = { get: async (asked: string) => (asked === key ? BYTES : null) };

  it('never changes, so it is asked for once', async () => {
    const { get } = await apiWorld({ snapshots });
    const response = await get(`/api/snapshots/${key}`);
    expect([response.status, await response.text()]).toEqual([200, '0123456789']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'private, max-age=31536000, immutable',
    });
  });

  it('that has expired, or is of another site', async () => {
    const { get } = await apiWorld({ snapshots });
    expect((await get(`/api/snapshots/${key.replace('person', 'car')}`)).status).toBe(404);
    expect((await get(`/api/snapshots/${key}`, ['north-mall'])).status).toBe(403);
  });
});

describe('a clip', () => {
  const period = `from=${minute(1.5)}&to=${minute(2.5)}`;

  it('is cut out of every segment of its period, in order', async () => {
    const asked: ClipRequest[] = [];
    const { get } = await apiWorld({
      cutClip: async (request) => {
        asked.push(request);
        return fileOf(BYTES);
      },
    });
    const response = await get(`/api/clips?camera=${QUAY}&${period}`);
    expect([response.status, await response.text()]).toEqual([200, '0123456789']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-disposition': 'attachment; filename="harbour_quay_20261120T080130000Z.mp4"',
    });
    const segment = (index: number) => ({
      objectKey: itemAt(index, { camera: QUAY }).segmentKey,
      startedAt: minute(index),
    });
    const [from, to] = [minute(1.5), minute(2.5)];
    expect(asked).toEqual([{ segments: [segment(1), segment(2)], from, to }]);
  });

  it.each([
    [`from=${minute(2)}&to=${minute(1)}`, 400],
    [`from=${minute(0)}&to=${minute(11)}`, 400],
    [`from=${minute(0)}`, 400],
    [`from=${minute(40)}&to=${minute(41)}`, 404],
  ])('%s: %d', async (query, status) => {
    const { get } = await apiWorld({ cutClip: async () => fileOf(BYTES) });
    expect((await get(`/api/clips?camera=${QUAY}&${query}`)).status).toBe(status);
  });

  it('that can’t be cut says why', async () => {
    const message = '"a.mp4": expected a recording encoded as the one before it';
    const { get } = await apiWorld({
      cutClip: async () => {
        throw new UnprocessableVideoError({ message, code: 'unsupported-video' });
      },
    });
    const response = await get(`/api/clips?camera=${QUAY}&${period}`);
    expect([response.status, await response.json()]).toMatchObject([
      422,
      { detail: message, code: 'unsupported-video' },
    ]);
  });
});

describe('a timeline', () => {
  const path = `/api/timeline?camera=${QUAY}&from=${minute(0)}&to=${minute(60)}`;

  const segment = (index: number) => ({
    segmentKey: itemAt(index, { camera: QUAY }).segmentKey,
    objectKey: itemAt(index, { camera: QUAY }).segmentKey,
    startedAt: minute(index),
    seconds: 60,
    status: 'done',
    hasFootage: true,
    expiredBy: null,
    expiredAt: null,
    expiredReason: null,
  });

  it('has footage and events, and since when and why footage is gone', async () => {
    const { json } = await apiWorld({ footage, footageFate });
    // What is there is there, whatever was noted.
    const gone = [1, 2].map((index) => ({
      ...recordingAt(index, QUAY),
      reason: 'quiet for more than 2 days',
    }));
    await deletions.note(QUAY, gone, minute(50));
    const { segments, events } = await json(path);
    expect(segments).toEqual([
      segment(1),
      {
        ...segment(2),
        hasFootage: false,
        expiredBy: 'retention',
        expiredAt: minute(50),
        expiredReason: 'quiet for more than 2 days',
      },
    ]);
    const { events: listed } = await json(
      `/api/events?camera=${QUAY}&since=${minute(0)}&until=${minute(60)}`,
    );
    expect(events).toEqual(listed);
  });

  it.each([
    [1, '2026-11-21T23:59:59Z', [null, null, null]],
    [1, '2026-11-22T00:00:00Z', ['lifecycle', '2026-11-22T00:00:00.000Z', '1 day after it landed']],
    [
      365,
      '2027-11-22T08:00:00Z',
      ['lifecycle', '2027-11-21T00:00:00.000Z', '365 days after it landed'],
    ],
    [null, '2036-11-22T08:00:00Z', [null, null, null]],
  ] as const)(
    'tells by the rule what lifecycle removes after %s days, at %s',
    async (lifeDays, now, [expiredBy, expiredAt, expiredReason]) => {
      const { json, clock } = await apiWorld({
        footageFate: {
          present: async () => new Set<string>(),
          deletions: new MemoryDeletions(),
          lifeDays: () => lifeDays,
        },
      });
      clock.advance((Date.parse(now) - clock.now().getTime()) / 1000);
      const { segments } = await json(path);
      const gone = { hasFootage: false, expiredBy, expiredAt, expiredReason };
      expect(segments).toEqual([
        { ...segment(1), ...gone },
        { ...segment(2), ...gone },
      ]);
    },
  );

  it('without a look at the footage takes all of it for there', async () => {
    const { json } = await apiWorld();
    expect((await json(path)).segments).toEqual([segment(1), segment(2)]);
  });

  it('of a camera without footage is empty; of more than a day it is refused', async () => {
    const { json, get } = await apiWorld({ footage, footageFate });
    const empty = { segments: [], events: [] };
    expect(await json(path.replace(QUAY, 'harbour/crane'))).toEqual(empty);
    const long = `/api/timeline?camera=${DOOR}&from=${minute(0)}&to=${minute(60 * 26)}`;
    expect((await get(long)).status).toBe(400);
  });
});

it.each([
  `/api/snapshots/${KEY}/x.jpg`,
  `/api/footage/${KEY}`,
  `/api/clips?camera=${QUAY}&from=${minute(0)}&to=${minute(1)}`,
  '/api/stream',
  `/api/uploads/${'0'.repeat(32)}`,
])('%s where a deployment has none: a sentence', async (path) => {
  const response = await (await apiWorld()).get(path);
  expect([response.status, await response.json()]).toMatchObject([404, { code: 'not-offered' }]);
});
