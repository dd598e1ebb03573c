import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { framesOf } from '../../../model-build/simulator/clips';
import { DEMO_CAMERAS } from '../../../model-build/simulator/demo';
import { encodeFrames } from '../../../model-build/simulator/encode';
import { markedUp } from './api-event';
import { visit } from './chromium';
import { demoFile, Program, TOKEN } from './program';
import { untilTrue } from './sight';
import { openWorld } from './world';

const LOBBY = 'harbour-depot/lobby';
const FIRST = `${LOBBY}/20261102T080000Z_60s.mp4`;
const H265 = 'h265_18s.mp4';

const folder = mkdtempSync(join(tmpdir(), 'tierwatch-faults-'));
afterAll(() => rmSync(folder, { recursive: true }));

const world = openWorld({ footage: [FIRST] });
let page: Page;
let program: Program;
beforeEach(() => {
  ({ page, program } = world);
});

describe('H.265, which this browser can’t play', () => {
  beforeAll(async () => {
    const { clip } = DEMO_CAMERAS[0]!;
    await encodeFrames(framesOf({ ...clip, seconds: 18 }), {
      file: join(folder, H265),
      widthPx: clip.widthPx,
      heightPx: clip.heightPx,
      fps: clip.fps,
      keyframeInterval: clip.fps,
      rate: { crf: 30 },
      codec: 'hevc',
    });
  });

  it('is said so where it was recorded, with the snapshots of what was seen', async () => {
    program.landFile(join(folder, H265), `${LOBBY}/20261102T110000Z_18s.mp4`);
    await page.goto(program.page('#/now?period=2026-11-02'));
    await page.getByText(/11:00:1[34]/).waitFor();
    await page.goto(program.page(`#/playback/${LOBBY}?at=2026-11-02T11:00:16.000Z`));
    await page.getByText('This browser can’t play this recording.').waitFor();
    await untilTrue(page, `document.querySelector('.instead img')?.naturalWidth > 0`);
  });

  it('is said so where it is tried, with what was seen in it beside', async () => {
    await page.goto(program.page('#/try'));
    await page.setInputFiles('input[type=file]', join(folder, H265));
    await page.getByText('This browser can’t play H.265.').waitFor();
    await page.getByRole('button', { name: /person/ }).waitFor();
  });
});

describe('faults', () => {
  it('asks every few seconds where there is no stream', async () => {
    await page.route('**/api/stream?**', (route) => route.fulfill({ status: 429, body: '' }));
    await page.goto(program.page('#/now'));
    await page.getByText('Every 5 s').waitFor();
    expect(await page.getByText('The api does not answer').count()).toBe(0);
  });

  it('asks nothing there while nobody looks at it, and at once when somebody does', async () => {
    await page.clock.install();
    await page.addInitScript(`{
      window.told = [];
      const { fetch } = window;
      window.fetch = (url, init) => {
        if (url.includes('order=newest')) window.told.push(document.hidden);
        return fetch(url, init);
      };
      Object.defineProperty(document, 'hidden', { get: () => window.isHidden === true });
    }`);
    await page.route('**/api/session', (route) =>
      route.fulfill({ json: { sites: null, offers: [], lastChange: null } }),
    );
    await page.goto(program.page('#/errors'));
    await page.getByText('Every 5 s').waitFor();
    await page.evaluate('window.isHidden = true');
    await page.clock.fastForward(60_000);
    await page.clock.fastForward(60_000);
    const before = await page.evaluate<boolean[]>('window.told');
    expect(before).toEqual(before.map(() => false));
    await page.evaluate(
      `window.isHidden = false; document.dispatchEvent(new Event('visibilitychange'))`,
    );
    await untilTrue(page, `window.told.length > ${before.length}`);
  });

  it('says that the api is away, and misses nothing of what happened meanwhile', async () => {
    await page.goto(program.page('#/now?period=2026-11-02'));
    await page.getByText('Live', { exact: true }).waitFor();
    await page.locator('.event-row').first().waitFor();
    const banners = page.locator('.banners');
    await program.kill();
    // Lists that are asked for meanwhile say it too.
    await banners.getByText('The api does not answer').waitFor();
    await page.getByText('No connection').waitFor();
    program.land('harbour-depot/street/20261102T173100Z_60s.mp4');
    // It is said for a few seconds only, perhaps before the program has ended its first line.
    await Promise.all([banners.getByText('The api is back.').waitFor(), program.start()]);
    await page
      .getByRole('link', { name: /person.*street/ })
      .first()
      .waitFor();
  });

  it('shows names with markup as they are', async () => {
    const camera = '<img src=x onerror=window.wasHurt=1>/<b>gate';
    await page.route('**/api/events?**', (route) =>
      route.fulfill({ json: { events: [markedUp(camera)], nextCursor: null } }),
    );
    await page.goto(program.page('#/now?zone=any'));
    const row = page.locator('.event-row');
    await row.getByText('<script>wasHurt=2</script>').waitFor();
    await row.getByText('<b>gate').waitFor();
    await row.getByText('"><img src=x onerror=window.wasHurt=3>').waitFor();
    expect(await page.evaluate('window.wasHurt')).toBeUndefined();
  });

  it('says that this computer’s clock is off', async () => {
    await page.addInitScript(`{ const now = Date.now; Date.now = () => now() + 3 * 3600_000; }`);
    await page.goto(program.page('#/health'));
    await page.getByText(/This computer’s clock is 3 h ahead of the server’s/).waitFor();
  });

  it('asks for the token, and again once the session has ended', async () => {
    const guarded = await Program.open({ hasToken: true });
    const visitor = await visit(world.browser);
    try {
      const door = await visitor.newPage();
      await door.goto(guarded.page('#/health'));
      const token = door.getByRole('textbox', { name: 'Token' });
      await token.fill('not-the-token-at-all');
      await door.keyboard.press('Enter');
      await door.getByText('That is not the token').waitFor();
      await token.fill(TOKEN);
      await door.keyboard.press('Enter');
      await door.getByRole('heading', { name: 'Queues' }).waitFor();
      await visitor.clearCookies();
      // What the page asks by itself may have met the end of the session before a click could.
      await door.goto(guarded.page('#/fleet'));
      await door.getByRole('heading', { name: 'Sign in' }).waitFor();
    } finally {
      await visitor.close();
      await guarded.close();
    }
  });
});

describe('a page of another site, open in the same browser', () => {
  it('changes nothing and reads nothing, by script, form or picture', async () => {
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>elsewhere</title>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const stored = program.uploads();
    const evil = await world.context.newPage();
    try {
      await evil.goto(`http://localhost:${port}/`);
      const video = (await readFile(demoFile(FIRST))).toString('base64');
      const outcomes = await evil.evaluate<string[]>(`(async () => {
        const to = ${JSON.stringify(program.origin)};
        const bytes = Uint8Array.from(atob('${video}'), (one) => one.charCodeAt(0));
        const tries = [
          () => fetch(to + '/api/events?limit=1'),
          () => fetch(to + '/api/uploads?name=a.mp4', { method: 'POST', body: bytes }),
          () => fetch(to + '/api/uploads?name=a.mp4', { method: 'POST', body: bytes, mode: 'no-cors' }),
          () => fetch(to + '/api/session', { method: 'DELETE' }),
          () => fetch(to + '/api/dead-letters/redrive', { method: 'POST', body: '{}', mode: 'no-cors' }),
          () => new Promise((resolve, reject) => {
            const image = new Image();
            image.onload = () => resolve({ type: 'read' });
            image.onerror = () => reject(new Error('no picture'));
            image.src = to + '/icon.svg';
          }),
        ];
        const told = [];
        for (const one of tries) {
          told.push(await one().then(({ type }) => type, () => 'refused'));
        }
        return told;
      })()`);
      expect(outcomes).toEqual(['refused', 'refused', 'refused', 'refused', 'refused', 'refused']);
      await evil.setContent(
        `<form method="post" action="${program.origin}/api/dead-letters/redrive" enctype="text/plain"><button>Win</button></form>`,
      );
      const answered = evil.waitForResponse(/redrive/);
      await evil.getByRole('button', { name: 'Win' }).click();
      expect((await answered).status()).toBe(403);
      expect(program.uploads()).toEqual(stored);
    } finally {
      await evil.close();
      server.close();
    }
  });
});
