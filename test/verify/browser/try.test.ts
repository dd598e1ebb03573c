import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { demoFile, type Program } from './program';
import { untilTrue, WAITS_MS } from './sight';
import { openWorld } from './world';

const FIRST = 'harbour-depot/lobby/20261102T080000Z_60s.mp4';
const START = '2026-11-02T08:00:00.000Z';

const folder = mkdtempSync(join(tmpdir(), 'tierwatch-try-'));
afterAll(() => rmSync(folder, { recursive: true }));

const world = openWorld();
let page: Page;
let program: Program;
beforeEach(() => {
  ({ page, program } = world);
});

describe('Try a video', () => {
  it('shows what was seen in a recording, and what its tiers cost', async () => {
    await page.goto(program.page('#/try'));
    await page.setInputFiles('input[type=file]', demoFile(FIRST));
    await page.getByRole('heading', { name: 'What such a camera would cost a month' }).waitFor();
    await page
      .getByRole('button', { name: /person/ })
      .first()
      .click();
    await page.locator('.boxes .box').first().waitFor();
    expect(await page.getByRole('row', { name: /steady/ }).textContent()).toMatch(/\$\d/);
  });

  it('says what is wrong with text named .mp4, and with a recording that was cut off', async () => {
    const whole = readFileSync(demoFile(FIRST));
    const bad = [
      { name: 'notes.mp4', buffer: Buffer.from('this is no video\n'.repeat(40)) },
      { name: 'half.mp4', buffer: whole.subarray(0, whole.length / 2) },
    ];
    const stored = program.uploads();
    for (const file of bad) {
      await page.goto(program.page('#/errors'));
      await page.goto(program.page('#/try'));
      await page.setInputFiles('input[type=file]', { ...file, mimeType: 'video/mp4' });
      await page.getByText(/^expected MP4, MPEG-TS or MKV, found bytes that/).waitFor();
    }
    expect(program.uploads()).toEqual(stored);
  });

  it('puts it into the bucket by a form, where the deployment says so', async () => {
    const parts: (string | null)[] = [];
    await page.route('**/api/session', (route) =>
      route.fulfill({ json: { sites: null, offers: ['upload-forms'] } }),
    );
    await page.route('**/api/uploads/presign', (route) => {
      parts.push(route.request().postData());
      return route.fulfill({
        json: {
          url: program.page('bucket'),
          fields: { key: 'uploads/a/20261102T080000Z_60s.mp4' },
          camera: 'uploads/a',
          objectKey: 'uploads/a/20261102T080000Z_60s.mp4',
          formExpiresAt: START,
          expiresAt: START,
        },
      });
    });
    await page.route('**/bucket', (route) => {
      parts.push(route.request().headers()['content-type'] ?? null);
      return route.fulfill({ status: 204 });
    });
    await page.goto(program.page('#/try'));
    await page.setInputFiles('input[type=file]', demoFile(FIRST));
    const link = page.getByRole('link', { name: 'Play it with its boxes' });
    expect(await link.getAttribute('href')).toBe(
      '#/playback/uploads/a?at=2026-11-02T08%3A00%3A00.000Z',
    );
    const { size } = statSync(demoFile(FIRST));
    expect(JSON.parse(parts[0]!)).toEqual({
      name: '20261102T080000Z_60s.mp4',
      bytes: size,
      durationSeconds: 60,
    });
    expect(parts[1]).toMatch('multipart/form-data');
  });

  it('refuses what is no video before it is sent', async () => {
    await page.goto(program.page('#/try'));
    await page.setInputFiles('input[type=file]', {
      name: '<img src=x onerror=alert(1)>.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('text'),
    });
    await page.getByText('“<img src=x onerror=alert(1)>.txt” is no video').waitFor();
  });
});

describe('an upload', () => {
  it('of 3 GB is refused before it is sent, by the page and by the api', async () => {
    const file = join(folder, 'large.mp4');
    writeFileSync(file, '');
    truncateSync(file, 3 * 1024 ** 3);
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
    const devtools = await world.context.newCDPSession(page);
    await page.goto(program.page('#/try'));
    const network = {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: 50_000,
    };
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', network);
    await page.setInputFiles('input[type=file]', demoFile(FIRST));
    await untilTrue(page, `document.querySelector('progress')?.value > 0`);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Choose a file' }).waitFor();
    await expect.poll(() => program.uploads(), { timeout: WAITS_MS }).toEqual(stored);
  });

  it('whose connection is cut leaves nothing', async () => {
    const stored = program.uploads();
    const whole = await readFile(demoFile(FIRST));
    const socket = connect(program.port, '127.0.0.1');
    socket.write(headOf(whole.length));
    socket.write(whole.subarray(0, whole.length / 2));
    await expect
      .poll(() => program.uploads().length, { timeout: WAITS_MS })
      .not.toBe(stored.length);
    socket.destroy();
    await expect.poll(() => program.uploads(), { timeout: WAITS_MS }).toEqual(stored);
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
