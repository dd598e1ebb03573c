import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framesOf } from '../../../model-build/simulator/clips';
import { DEMO_CAMERAS } from '../../../model-build/simulator/demo';
import { encodeFrames } from '../../../model-build/simulator/encode';
import { launchChromium, visit } from './chromium';
import { demoFile, Program } from './program';
import { untilTrue } from './sight';

const LOBBY = 'harbour-depot/lobby';
const VIDEO = demoFile(`${LOBBY}/20261102T080000Z_60s.mp4`);
const H265 = 'h265_18s.mp4';

const folder = mkdtempSync(join(tmpdir(), 'tierwatch-faults-'));
let browser: Browser;
let program: Program;
let context: BrowserContext;
let page: Page;
beforeAll(async () => {
  [browser, program] = await Promise.all([launchChromium(), Program.open()]);
  context = await visit(browser);
  page = await context.newPage();
});
afterAll(async () => {
  await browser?.close();
  await program?.close();
  rmSync(folder, { recursive: true, force: true });
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

describe('an upload', () => {
  it('of 3 GB is refused before it is sent, by the page and by the api', async () => {
    const file = join(folder, 'large.mp4');
    writeFileSync(file, '');
    truncateSync(file, 3 * 1024 ** 3);
    await page.goto(program.page('#/errors'));
    await page.goto(program.page('#/try'));
    const stored = program.uploads();
    await page.setInputFiles('input[type=file]', file);
    await page.getByText('“large.mp4” has 3.0 GiB, and 2 GiB is the most').waitFor();
    const answer = await sendRaw(3 * 1024 ** 3, Buffer.alloc(0));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(program.uploads()).toEqual(stored);
  });

  it('that is stopped half-way is gone, and another can be sent', async () => {
    const stored = program.uploads();
    const slow = await context.newPage();
    const devtools = await context.newCDPSession(slow);
    await slow.goto(program.page('#/try'));
    const network = {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: 50_000,
    };
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', network);
    await slow.setInputFiles('input[type=file]', VIDEO);
    await untilTrue(slow, `document.querySelector('progress')?.value > 0`);
    await slow.getByRole('button', { name: 'Stop' }).click();
    await slow.getByRole('button', { name: 'Choose a file' }).waitFor();
    await expect.poll(() => program.uploads(), { timeout: 90_000 }).toEqual(stored);
    await slow.close();
  });

  it('whose connection is cut leaves nothing', async () => {
    const stored = program.uploads();
    const whole = await readFile(VIDEO);
    const socket = connect(program.port, '127.0.0.1');
    socket.write(headOf(whole.length));
    socket.write(whole.subarray(0, whole.length / 2));
    await expect.poll(() => program.uploads().length, { timeout: 90_000 }).not.toBe(stored.length);
    socket.destroy();
    await expect.poll(() => program.uploads(), { timeout: 90_000 }).toEqual(stored);
  });
});

const headOf = (bytes: number): string =>
  [
    'POST /api/uploads?name=raw.mp4 HTTP/1.1',
    `host: 127.0.0.1:${program.port}`,
    `content-length: ${bytes}`,
    'connection: close',
    '\r\n',
  ].join('\r\n');

/** What is answered to a request that says its body has so many bytes. */
async function sendRaw(bytes: number, body: Buffer): Promise<string> {
  const socket = connect(program.port, '127.0.0.1');
  socket.write(headOf(bytes));
  socket.write(body);
  const [answer] = (await new Promise((resolve, reject) => {
    socket.once('data', (data) => resolve([data.toString()]));
    socket.once('error', reject);
  })) as [string];
  socket.destroy();
  return answer;
}

describe('a page of another site, open in the same browser', () => {
  it('changes nothing and reads nothing, by script, form or picture', async () => {
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>elsewhere</title>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const stored = program.uploads();
    const evil = await context.newPage();
    try {
      await evil.goto(`http://localhost:${port}/`);
      const video = (await readFile(VIDEO)).toString('base64');
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
