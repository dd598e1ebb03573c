import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../adapters/embedded/database';
import { SqliteQueue } from '../../adapters/embedded/sqlite-queue';
import { openSegmentVideo } from '../../adapters/video/segment-video';
import { MAX_DELIVERIES } from '../../core/limits';
import type { DetectionEvent } from '../../core/segment-result';
import { type Upload, uploadSchema } from '../../core/upload';
import { runCli } from './run-cli';

const ROOT = join(__dirname, '../..');
const DEMO = join(ROOT, 'demo/footage/harbour-depot');
const SEGMENT = 'harbour-depot/lobby/20261102T080000Z_60s.mp4';
const LATER = 'harbour-depot/lobby/20261102T080100Z_60s.mp4';
const DAY = 'since=2026-11-02T00:00:00Z&until=2026-11-03T00:00:00Z';

let folder: string;
let child: ChildProcess;
let origin: string;
let errors = '';

const at = (name: string): string => join(folder, name);

/** Starts the real program over one segment, and answers once its page can be asked. */
async function start(): Promise<void> {
  mkdirSync(at('tmp'), { recursive: true });
  child = spawn(
    process.execPath,
    [
      join(ROOT, 'cli/tierwatch.js'),
      ...['start', '--port', '0', '--workers', '1'],
      ...['--footage', at('footage'), '--data', at('data')],
      ...['--fleet', join(ROOT, 'demo/fleet.yaml')],
    ],
    // Its temporary files lie where no other process leaves any.
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: at('tmp') } },
  );
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    const found = /^page: (http:\/\/[^/]+)\/$/.exec(line);
    if (found) {
      origin = found[1]!;
      child.stdout!.resume();
      return;
    }
  }
  throw new Error(`start ended: ${errors}`);
}

async function stop(): Promise<number | null> {
  const exited = once(child, 'exit') as Promise<[number | null]>;
  child.kill('SIGTERM');
  return (await exited)[0];
}

async function json<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(origin + path, init);
  const body = (await response.json()) as T;
  if (response.ok) return body;
  throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`);
}

function land(key: string): void {
  const path = at(`footage/${key}`);
  mkdirSync(join(path, '..'), { recursive: true });
  cpSync(join(ROOT, 'demo/footage', key), `${path}.part`);
  renameSync(`${path}.part`, path);
}

/** Asks until it is as wanted; the program has until the test's own time runs out. */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  let answer = await ask();
  while (!isWanted(answer)) {
    await setImmediate();
    answer = await ask();
  }
  return answer;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-site-'));
  land(SEGMENT);
  await start();
  type Page = { segments: object[] };
  await until(
    () => json<Page>(`/api/segments?${DAY}`),
    ({ segments }) => segments.length === 1,
  );
});
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('npm start', () => {
  it('serves a page under headers that let no other page in, on 127.0.0.1', async () => {
    expect(new URL(origin).hostname).toBe('127.0.0.1');
    const response = await fetch(`${origin}/`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    const refused = request(`${origin}/`, { headers: { host: 'evil.example' } }).end();
    const [answer] = (await once(refused, 'response')) as [{ statusCode: number }];
    expect(answer.statusCode).toBe(421);
  });

  it('tells of a segment that has landed, and loses nothing over a broken stream', async () => {
    const first = await fetch(`${origin}/api/stream`, { headers: { 'last-event-id': '0' } });
    const reader = first.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('event: segment')) text += (await reader.read()).value;
    await reader.cancel();
    expect(text).toMatch(/^retry: 2000\n\nevent: health\n/);
    expect(text).toMatch(/event: detection-event\ndata: \{"id":"[0-9a-f]{32}"/);

    land(LATER);
    type Page = { segments: object[] };
    const listed = await until(
      () => json<Page>(`/api/segments?${DAY}`),
      ({ segments }) => segments.length === 2,
    );
    expect(listed.segments).toHaveLength(2);
    const again = await fetch(`${origin}/api/stream`, { headers: { 'last-event-id': '1' } });
    const follower = again.body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    while (!rest.includes('\nid: 2\n')) rest += (await follower.read()).value;
    await follower.cancel();
    expect(rest).toContain(`event: segment\ndata: {"segmentKey":"${LATER}"`);
    expect(rest).not.toContain(`event: segment\ndata: {"segmentKey":"${SEGMENT}"`);
  });

  it('has the snapshot, the frames and the footage of an event', async () => {
    const { events } = await json<{ events: DetectionEvent[] }>(`/api/events?${DAY}&order=newest`);
    const [event] = events.filter(({ zone }) => zone === 'frame');
    const snapshot = await fetch(`${origin}/api/snapshots/${event!.snapshotKey}`);
    const jpeg = Buffer.from(await snapshot.arrayBuffer());
    expect([snapshot.status, jpeg.readUInt16BE(0)]).toEqual([200, 0xffd8]);

    const range = await fetch(`${origin}/api/footage/${SEGMENT}`, {
      headers: { range: 'bytes=100-199' },
    });
    const bytes = readFileSync(join(ROOT, 'demo/footage', SEGMENT));
    expect(range.status).toBe(206);
    expect(Buffer.from(await range.arrayBuffer())).toEqual(bytes.subarray(100, 200));

    const { frames } = await json<{ frames: { detections: object[] }[] }>(
      `/api/segments/frames?segmentKey=${SEGMENT}`,
    );
    expect(frames.some(({ detections }) => detections.length > 0)).toBe(true);
    const { segments } = await json<{ segments: object[] }>(
      '/api/timeline?camera=harbour-depot/lobby&from=2026-11-02T00:00:00Z&to=2026-11-03T00:00:00Z',
    );
    expect(segments).toMatchObject([
      { objectKey: SEGMENT, seconds: 60, hasFootage: true, expiredAt: null },
      { objectKey: LATER, seconds: 60, hasFootage: true, expiredAt: null },
    ]);
  });

  it('cuts a clip over two segments that plays, and keeps no copy of it', async () => {
    const clips = (): string[] =>
      readdirSync(at('tmp')).filter((name) => /^tierwatch-clip/.test(name));
    const response = await fetch(
      `${origin}/api/clips?camera=harbour-depot/lobby&from=2026-11-02T08:00:55Z&to=2026-11-02T08:01:05Z`,
    );
    expect([response.status, response.headers.get('content-disposition')]).toEqual([
      200,
      'attachment; filename="harbour-depot_lobby_20261102T080055000Z.mp4"',
    ]);
    const file = at('clip.mp4');
    writeFileSync(file, Buffer.from(await response.arrayBuffer()));
    const video = openSegmentVideo(file);
    const { durationSeconds, packets } = video.facts;
    expect(video.pictureAt(packets.length - 1, 'full')).not.toBeNull();
    video.close();
    expect(durationSeconds).toBeGreaterThanOrEqual(10);
    expect(durationSeconds).toBeLessThan(25);
    // The answer is whole a moment before its file is gone.
    await expect.poll(clips).toEqual([]);
  });

  it('says what another tier would change in the fleet file, and leaves it as it is', async () => {
    const fleet = readFileSync(join(ROOT, 'demo/fleet.yaml'), 'utf8');
    const change = await json<{ file: string; diff: string }>('/api/fleet/tier-change', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ camera: 'harbour-depot/street', tier: 'steady' }),
    });
    expect(change.file).toBe('demo/fleet.yaml');
    expect(change.diff).toMatch(/\n- {4}tier: low\n\+ {4}tier: steady\n/);
    expect(readFileSync(join(ROOT, 'demo/fleet.yaml'), 'utf8')).toBe(fleet);
  });

  it('does not start where its port is taken, and says so in one sentence', () => {
    const { port } = new URL(origin);
    const second = runCli(
      'start',
      '--port',
      port,
      '--data',
      at('other'),
      '--footage',
      at('footage'),
    );
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(
      /expected a free address of this machine, found it in use by another program; name another --port/,
    );
  });
});

describe('a video that somebody tries', () => {
  const upload = (name: string, body: Buffer): Promise<Response> =>
    fetch(`${origin}/api/uploads?name=${name}`, { method: 'POST', body: Uint8Array.from(body) });
  const stored = (): string[] => readdirSync(at('data/uploads'));

  it('is analysed as footage is, and priced at each tier', async () => {
    const bytes = readFileSync(join(DEMO, 'lobby/20261102T080000Z_60s.mp4'));
    const received = await upload('lobby%20<b>.mp4', bytes);
    expect(received.status).toBe(201);
    const { id, name } = uploadSchema.parse(await received.json());
    expect(name).toBe('lobby <b>.mp4');
    const done = await until(
      () => json<Upload>(`/api/uploads/${id}`),
      ({ status }) => status === 'done' || status === 'failed',
    );
    const { result, error, progressRatio } = uploadSchema.parse(done);
    expect([error, progressRatio]).toEqual([null, 1]);
    const of = result!.events.filter(({ zone }) => zone === 'frame');
    const { events } = await json<{ events: DetectionEvent[] }>(
      `/api/events?camera=harbour-depot/lobby&zone=frame&since=2026-11-02T08:00:00Z&until=2026-11-02T08:01:00Z`,
    );
    const span = (from: string, { startedAt, endedAt, className }: DetectionEvent): unknown[] => [
      className,
      ...[startedAt, endedAt].map((one) => Date.parse(one) - Date.parse(from)),
    ];
    const [shown] = of.map((event) => span(result!.startedAt, event));
    expect(shown).toEqual(span('2026-11-02T08:00:00.000Z', events[0]!));
    expect(result!.frames.length).toBe(60);
    expect(result!.tiers.map(({ tier, lane }) => [tier, lane])).toEqual([
      ['steady', 'cpu'],
      ['high', 'gpu'],
      ['low', 'cpu'],
    ]);
    const [steady, high, low] = result!.tiers.map(({ usdPerMonth }) => usdPerMonth);
    expect([high, low! > 0, steady! > 0]).toEqual([null, true, true]);

    const range = await fetch(`${origin}/api/uploads/${id}/video`, {
      headers: { range: 'bytes=-10' },
    });
    expect([range.status, range.headers.get('content-type')]).toEqual([206, 'video/mp4']);
    expect(Buffer.from(await range.arrayBuffer())).toEqual(bytes.subarray(-10));
  });

  it.each([
    ['text.mp4', Buffer.from('Dear customer,\n'.repeat(100)), 422, 'unreadable-video'],
    ['video.avi', Buffer.from('RIFF'), 415, 'upload-type'],
    ['none', Buffer.from('x'), 415, 'upload-type'],
  ])(
    '%s is refused with a sentence, and nothing of it is kept',
    async (name, body, status, code) => {
      const before = stored();
      const response = await upload(name, body);
      const problem = (await response.json()) as { code: string; detail: string };
      expect([response.status, problem.code]).toEqual([status, code]);
      expect(problem.detail).toMatch(/expected/);
      expect(problem.detail).not.toMatch(/\/tmp|uploads\//);
      expect(stored()).toEqual(before);
    },
  );

  it('that is cut off half-way, or too large to begin with, leaves nothing', async () => {
    const before = stored();
    const headers = { 'content-length': '1000000' };
    const sent = request(`${origin}/api/uploads?name=a.mp4`, { method: 'POST', headers });
    sent.on('error', () => {});
    sent.write(Buffer.alloc(200_000));
    await until(
      async () => stored().length,
      (count) => count === before.length + 1,
    );
    sent.destroy();
    await until(
      async () => stored().length,
      (count) => count === before.length,
    );
    const large = request(`${origin}/api/uploads?name=a.mp4`, {
      method: 'POST',
      headers: { 'content-length': String(3 * 1024 ** 3) },
    });
    large.on('error', () => {});
    large.flushHeaders();
    const [response] = (await once(large, 'response')) as [{ statusCode: number }];
    large.destroy();
    expect([response.statusCode, stored()]).toEqual([413, before]);
  });

  it('is still there after the program was killed; what was half-stored is not', async () => {
    const [id] = stored();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await bury();
    const half = at(`data/uploads/${'0'.repeat(32)}`);
    mkdirSync(half);
    writeFileSync(join(half, 'video.mp4'), 'half');
    await start();
    expect(await json<Upload>(`/api/uploads/${id}`)).toMatchObject({ status: 'done' });
    expect(existsSync(half)).toBe(false);
  });
});

it('a dead letter that was put back is worked by the running program', async () => {
  const letters = () => json<{ count: number; deadLetters: object[] }>('/api/dead-letters');
  expect(await letters()).toMatchObject({
    count: 1,
    deadLetters: [{ queue: 'route', cause: 'made to fail' }],
    redriveBy: 'letter',
  });
  const redriven = await json('/api/dead-letters/redrive', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(redriven).toEqual({ redriven: 1 });
  expect(await letters()).toMatchObject({ count: 0 });
});

/** Leaves one dead letter that there is nothing to do about, beside no running program. */
async function bury(): Promise<void> {
  const database = Database.open(at('data'));
  const queue = new SqliteQueue(database, 'landed', { now: () => new Date() });
  await queue.send([{ body: { Records: [] } }]);
  for (let delivery = 0; delivery < MAX_DELIVERIES; delivery++) {
    const [taken] = await queue.receive({ max: 1, visibilitySeconds: 30 });
    await queue.release(taken!.receiptHandle, { afterSeconds: 0, cause: 'made to fail' });
  }
  database.close();
}
