import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localAccess } from '../../cli/serve/access';
import { builtPage } from '../../cli/serve/page-build';
import { StaticPage } from '../../cli/serve/static-page';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-page-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

describe('the built page', () => {
  const SCRIPT = `console.log(${JSON.stringify('x'.repeat(2000))})`;
  const page = new StaticPage();
  const ask = (path: string, init: RequestInit = {}): Response =>
    page.answer(new Request(`http://localhost${path}`, init));

  beforeEach(() => {
    write('index.html', '<!doctype html><title>Tierwatch</title>');
    write('assets/main-Ab3_x9Zq.js', SCRIPT);
    write('.sources', 'secret');
    write('notes.txt', 'secret');
    page.load(folder);
  });

  it('keeps what has its sum in its name for ever, and asks about everything else', async () => {
    const index = ask('/');
    expect([index.status, index.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(await index.text()).toMatch(/Tierwatch/);
    const etag = index.headers.get('etag')!;
    expect(ask('/index.html', { headers: { 'if-none-match': etag } }).status).toBe(304);
    const script = ask('/assets/main-Ab3_x9Zq.js', { headers: { 'accept-encoding': 'gzip, br' } });
    expect(Object.fromEntries(script.headers)).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
      'content-encoding': 'gzip',
      'x-content-type-options': 'nosniff',
    });
    expect(gunzipSync(Buffer.from(await script.arrayBuffer())).toString()).toBe(SCRIPT);
    expect(await ask('/assets/main-Ab3_x9Zq.js').text()).toBe(SCRIPT);
  });

  it('runs no inline script, and in no other page', () => {
    const policy = ask('/').headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
    expect(policy).toMatch(/frame-ancestors 'none'; base-uri 'none'; form-action 'self'$/);
    expect(policy).not.toMatch(/unsafe/);
  });

  it.each([
    '/.sources',
    '/notes.txt',
    '/../package.json',
    '/assets/..%2findex.html',
    '/assets',
    '/none.js',
  ])('%s: 404 in a sentence', async (path) => {
    const response = ask(path);
    expect([response.status, await response.text()]).toEqual([
      404,
      expect.stringMatching(/There is no such page here/),
    ]);
  });

  it('takes GET and HEAD alone', async () => {
    expect(ask('/', { method: 'POST' }).status).toBe(405);
    const head = ask('/', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});

it('a page that is not there says why, with its markup shown as text', async () => {
  const page = new StaticPage();
  const ask = (): Promise<string> => page.answer(new Request('http://localhost/')).text();
  expect(await ask()).toMatch(/The page is being built/);
  page.fail('"<b>dashboard</b>": expected sources');
  expect(await ask()).toMatch(/There is no page: &#34;&#60;b&#62;dashboard/);
});

describe('building the page', () => {
  beforeEach(() => {
    symlinkSync(join(__dirname, '../../node_modules'), join(folder, 'node_modules'));
    mkdirSync(join(folder, 'core'));
  });
  const sources = (text: string): void => {
    write('dashboard/index.html', '<!doctype html><script type="module" src="./main.js"></script>');
    write('dashboard/main.js', `document.title = ${JSON.stringify(text)};`);
  };

  it('happens once, and again only when its sources have changed', async () => {
    const said: string[] = [];
    const build = (): Promise<string> => builtPage(folder, (line) => said.push(line));
    sources('one');
    const built = await build();
    const { ino } = statSync(built);
    await build();
    expect([said.length, statSync(built).ino]).toEqual([1, ino]);
    const page = new StaticPage();
    page.load(built);
    const html = await page.answer(new Request('http://localhost/')).text();
    const script = /src="([^"]+)"/.exec(html)![1]!.replace(/^\.?\//, '/');
    const response = page.answer(new Request(`http://localhost${script}`));
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await response.text()).toContain('one');
    sources('two');
    await build();
    expect(said).toHaveLength(2);
  });

  it('that fails says why, and leaves nothing half-built', async () => {
    write('dashboard/index.html', '<!doctype html><script type="module" src="./gone.js"></script>');
    const failed = builtPage(folder, () => {});
    await expect(failed).rejects.toThrow(
      /"dashboard": expected a page that can be built, .*gone\.js/s,
    );
    expect(() => statSync(join(folder, '.cache/dashboard'))).toThrow(/ENOENT/);
    rmSync(join(folder, 'dashboard'), { recursive: true });
    await expect(builtPage(folder, () => {})).rejects.toMatchObject({ code: 'page-build' });
  });
});

describe('a session', () => {
  it('ends after twelve hours, and with another token', () => {
    let nowMs = 1_000_000;
    const access = localAccess('a-token-of-many-characters', () => nowMs);
    const cookie = `tierwatch-session=${access.signIn!.open('a-token-of-many-characters')}`;
    const ask = (of = access): unknown =>
      of.allowedSites(new Request('http://cameras.example/', { headers: { cookie } }));
    expect(ask()).toBe('all');
    nowMs += 12 * 3_600_000 - 1;
    expect(ask()).toBe('all');
    nowMs += 1;
    expect(ask()).toBeNull();
    nowMs = 1_000_000;
    expect(ask(localAccess('another-token-entirely', () => nowMs))).toBeNull();
    expect(access.signIn!.open('wrong')).toBeNull();
  });
});
