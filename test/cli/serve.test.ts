import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../adapters/embedded/database';
import { SqliteAnalytics } from '../../adapters/embedded/sqlite-analytics';
import { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { analyticsRowOf } from '../../core/analytics-row';
import { itemAt, minute } from '../contracts/records';
import { runCli } from './run-cli';

const PROGRAM = join(__dirname, '../../cli/tierwatch.js');
const PERIOD = `since=${minute(0)}&until=${minute(60)}`;
const TOKEN = 'a-token-of-many-characters';

let data: string;
let tokenFile: string;
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'tierwatch-serve-'));
  tokenFile = join(data, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`);
  const database = Database.open(data);
  const item = itemAt(0);
  const store = new SqliteStore(database);
  await store.putItem(item);
  await store.setCurrent(item, { onlyIfAbsent: true });
  await new SqliteAnalytics(database).write([analyticsRowOf(item)]);
  database.close();
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

/** Runs `serve` while `work` asks it, then ends it by SIGTERM. @returns its exit code */
async function serving(
  values: readonly string[],
  work: (origin: string) => Promise<void>,
): Promise<number | null> {
  const child = spawn(
    process.execPath,
    [PROGRAM, 'serve', '--port', '0', '--data', data, ...values],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit') as Promise<[number | null]>;
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    await work(/^api: (http:\/\/[^/]+)\/api\/openapi.json$/.exec(line)![1]!);
  } finally {
    child.kill('SIGTERM');
  }
  return (await exited)[0];
}

/** Asks with a header that `fetch` would not send. */
async function statusOf(
  url: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<number> {
  const sent = request(url, { method, headers }).end();
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  response.resume();
  return response.statusCode!;
}

describe('tierwatch serve', () => {
  it('answers beside a running writer, on 127.0.0.1, and ends by SIGTERM', async () => {
    const writer = Database.open(data);
    const code = await serving([], async (origin) => {
      expect(new URL(origin).hostname).toBe('127.0.0.1');
      const get = async (path: string): Promise<unknown> => (await fetch(origin + path)).json();
      expect(await get(`/api/segments?${PERIOD}`)).toMatchObject({
        segments: [{ segmentKey: itemAt(0).segmentKey }],
        nextCursor: null,
      });
      expect(await get(`/api/analytics/quiet-share?${PERIOD}`)).toMatchObject({
        rows: [{ tier: 'low', segments: 1, quietSegments: 1, quietRatio: 1 }],
      });
      expect(await get('/api/health')).toMatchObject({
        queues: { 'detect-cpu': { waiting: 0, inFlight: 0, dead: 0, oldestSeconds: null } },
        model: { name: 'tierwatch-demo', grade: 'demo' },
        versions: { tierwatch: '0.1.0', node: process.versions.node },
      });
      expect(await get('/api/cameras/harbour-depot/lobby')).toMatchObject({ isKnown: true });
    });
    writer.close();
    expect(code).toBe(0);
  });

  it('answers only who names this machine, and reads no large body', async () => {
    await serving([], async (origin) => {
      const url = `${origin}/api/health`;
      const { port } = new URL(origin);
      expect(await statusOf(url, { host: `localhost:${port}` })).toBe(200);
      expect(await statusOf(url, { host: `evil.example:${port}` })).toBe(401);
      const body = new ReadableStream({
        start(controller) {
          for (let part = 0; part < 32; part++) controller.enqueue(new Uint8Array(1024));
          controller.close();
        },
      });
      const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
      expect((await fetch(url, init)).status).toBe(413);
      expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    });
  });

  it('with a token answers only who sends it, under any name', async () => {
    await serving(['--token-file', tokenFile], async (origin) => {
      const url = `${origin}/api/health`;
      const ask = (authorization?: string): Promise<number> =>
        statusOf(url, { host: 'cameras.example', ...(authorization ? { authorization } : {}) });
      expect(await ask()).toBe(401);
      expect(await ask(`Bearer ${TOKEN}x`)).toBe(401);
      expect(await ask(`Basic ${TOKEN}`)).toBe(401);
      expect(await ask(`Bearer ${TOKEN}`)).toBe(200);
    });
  });

  it('with a token gives its page a cookie that no script reads, and ends it', async () => {
    await serving(['--token-file', tokenFile], async (origin) => {
      const signIn = (token: string): Promise<Response> =>
        fetch(`${origin}/api/session`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ token }),
        });
      expect((await signIn(`${TOKEN}x`)).status).toBe(401);
      const signedIn = await signIn(TOKEN);
      const set = signedIn.headers.get('set-cookie')!;
      expect([signedIn.status, set]).toEqual([
        204,
        expect.stringMatching(
          /^tierwatch-session=\d{13}\.[0-9a-f]{64}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
        ),
      ]);
      expect(set).not.toContain(TOKEN);
      const [cookie] = set.split(';') as [string];
      const ask = (sent: string): Promise<number> =>
        statusOf(`${origin}/api/health`, { cookie: sent });
      expect(await ask(`theme=dark; ${cookie}; x=1`)).toBe(200);
      const later = cookie.replace(/=\d/, (start) => `=${Number(start[1]) + 1}`);
      expect([await ask(later), await ask(`${cookie}0`), await ask(`x${cookie}`)]).toEqual([
        401, 401, 401,
      ]);
      const evil = { cookie, 'sec-fetch-site': 'cross-site' };
      expect(await statusOf(`${origin}/api/dead-letters/redrive`, evil, 'POST')).toBe(403);
    });
  });

  it('does not start for other machines without a token, with a short one, or on a taken port', async () => {
    const serve = (...values: string[]) => runCli('serve', '--data', data, ...values);
    const open = serve('--host', '0.0.0.0');
    expect([open.status, open.stdout]).toEqual([1, '']);
    expect(open.stderr).toMatch(/"--host 0.0.0.0": expected a token .*\[usage\]/);
    const short = join(data, 'short');
    writeFileSync(short, 'secret\n');
    const refused = serve('--host', '0.0.0.0', '--token-file', short);
    expect(refused.stderr).toMatch(/at least 16 characters without spaces, found 6 \[usage\]/);
    expect(refused.stderr).not.toMatch(/secret/);
    await serving([], async (origin) => {
      const taken = serve('--port', new URL(origin).port);
      expect(taken.stderr).toMatch(
        /expected a free address of this machine, found it in use by another program; name another --port/,
      );
    });
    expect(serve('--port', '70000').status).toBe(2);
  });
});
