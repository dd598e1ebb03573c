import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framesOf } from '../../../model-build/simulator/clips';
import { DEMO_CAMERAS } from '../../../model-build/simulator/demo';
import { encodeFrames } from '../../../model-build/simulator/encode';
import { packetsOf } from '../../adapters/video/packets';
import { launchChromium, visit } from './chromium';
import { tellOfDeadLetter } from './dead-letter';
import { demoFile, Program, TOKEN } from './program';
import { type Sight, sightAt, untilTrue, WAITS_MS, watch } from './sight';
import { distanceOf, feetAt } from './truth';

const LOBBY = 'harbour-depot/lobby';
const FIRST = `${LOBBY}/20261102T080000Z_60s.mp4`;
const SECOND = `${LOBBY}/20261102T080100Z_60s.mp4`;
const START = '2026-11-02T08:00:00.000Z';
/** Of tier steady (s). */
const SAMPLING_SECONDS = 1;
/** A box is on its person when its foot point is this near to the feet, of the picture. */
const ON_PERSON = 0.06;
const IMAGES = join(__dirname, '../../../docs/images');

let browser: Browser;
let program: Program;
let context: BrowserContext;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  [browser, program] = await Promise.all([launchChromium(), Program.open()]);
  context = await visit(browser, { viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Uncaught/.test(message.text())) complaints.push(message.text());
  });
});
afterAll(async () => {
  await browser?.close();
  await program?.close();
});

const instantAt = (seconds: number): string =>
  new Date(Date.parse(START) + seconds * 1000).toISOString();

/** Every box that is drawn for a picture with one person in it lies on the person. */
function expectOnPerson(sights: readonly Sight[]): void {
  for (const { pictureSeconds, boxesSeconds, boxes } of sights) {
    expect(Math.abs(pictureSeconds - boxesSeconds)).toBeLessThanOrEqual(SAMPLING_SECONDS);
    const [feet] = feetAt(LOBBY, 'person', instantAt(boxesSeconds));
    for (const { box } of feet ? boxes : []) {
      expect(distanceOf(box, feet!), `at ${boxesSeconds} s`).toBeLessThan(ON_PERSON);
    }
  }
}

async function openMoment(seconds: number): Promise<void> {
  // A browser tells a page nothing of an address that it already has, and of two at once the second alone.
  await page.goto(program.page('#/errors'));
  await page.getByRole('heading', { name: 'Errors', exact: true }).waitFor();
  const at = encodeURIComponent(instantAt(seconds));
  await page.goto(program.page(`#/playback/${LOBBY}?at=${at}`));
  await sightAt(page, seconds % 60);
}

describe('Now', () => {
  it('says that a fleet is quiet, then shows an event once its segment is done', async () => {
    await page.goto(program.page('#/now'));
    await page.getByText('All quiet: no events in the last 24 hours.').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    program.land(FIRST);
    const row = page.getByRole('link', { name: /person.*lobby/ }).first();
    await row.waitFor();
    expect(await row.getByText('08:00:1').count()).toBeGreaterThan(0);
    const loaded = `document.querySelector('.event-row img')?.naturalWidth > 0`;
    await untilTrue(page, loaded);
  });

  it('goes through its events by arrow keys, and opens one by Enter', async () => {
    program.land(SECOND);
    await untilTrue(page, `document.querySelectorAll('.event-row').length === 2`);
    const rows = page.locator('.event-row');
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    await untilTrue(page, `document.activeElement?.dataset.index === '1'`);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: LOBBY }).waitFor();
  });
});

describe('Playback', () => {
  it('plays what was opened, with the box on the person at any speed', async () => {
    for (const speed of ['1', '4', '8']) {
      await openMoment(14);
      await page.getByRole('combobox', { name: 'Speed' }).selectOption(speed);
      await page.locator('.boxes .box').first().waitFor();
      const watching = watch(page, 40);
      await page.keyboard.press('k');
      const sights = await watching;
      await page.keyboard.press('k');
      expect(sights.some(({ boxes }) => boxes.length > 0)).toBe(true);
      expectOnPerson(sights);
    }
  });

  it('stands at the moment that was asked for last, though the recording came later', async () => {
    const visitor = await context.newPage();
    let letThrough = (): void => {};
    const asked = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    await visitor.route('**/api/footage/**', async (route) => {
      await asked;
      await route.continue();
    });
    const linkTo = (seconds: number): string =>
      program.page(`#/playback/${LOBBY}?at=${encodeURIComponent(instantAt(seconds))}`);
    await visitor.goto(linkTo(24));
    await visitor.locator('video').waitFor();
    await visitor.keyboard.press('k');
    await visitor.goto(linkTo(14));
    await untilTrue(visitor, `document.querySelector('.clock time').textContent === '08:00:14'`);
    letThrough();
    expectOnPerson([await sightAt(visitor, 14)]);
    await visitor.goto(linkTo(16));
    await sightAt(visitor, 16);
    await visitor.keyboard.press('k');
    await untilTrue(visitor, `document.querySelector('video').currentTime > 16.5`);
    await visitor.goto(linkTo(14));
    await sightAt(visitor, 14);
    expect(await visitor.evaluate(`document.querySelector('video').paused`)).toBe(true);
    await visitor.close();
  });

  it('has the boxes of the picture that it stands at, though an earlier picture is told of later', async () => {
    const visitor = await context.newPage();
    await visitor.addInitScript(`{
      const { prototype } = HTMLVideoElement;
      const listen = prototype.requestVideoFrameCallback;
      prototype.requestVideoFrameCallback = function (callback) {
        prototype.requestVideoFrameCallback = listen;
        const tell = () => {
          callback(performance.now(), { mediaTime: 0 });
          this.dataset.hasTold = '';
        };
        this.addEventListener('seeked', () => setTimeout(tell, 200), { once: true });
        return 0;
      };
    }`);
    const at = encodeURIComponent(instantAt(14));
    await visitor.goto(program.page(`#/playback/${LOBBY}?at=${at}`));
    await untilTrue(visitor, `document.querySelector('video')?.dataset.hasTold === ''`);
    const { boxesSeconds } = await sightAt(visitor, 14);
    expect(Math.abs(boxesSeconds - 14)).toBeLessThan(0.15);
    await visitor.close();
  });

  it('has the box on the person after each seek, between samples too', async () => {
    await openMoment(15);
    for (const seconds of [16.5, 24.3, 19, 21.7, 15.2]) {
      await openMoment(seconds);
      await page.locator('.boxes .box').first().waitFor();
      const sight = await sightAt(page, seconds);
      expect(sight.boxes.map(({ className }) => className)).toEqual(['person']);
      expectOnPerson([sight]);
    }
  });

  it('goes by keys: on, back, next and previous event, boxes off and on, help', async () => {
    await openMoment(20);
    await page.keyboard.press('ArrowRight');
    await sightAt(page, 25);
    await page.keyboard.press('ArrowLeft');
    await sightAt(page, 20);
    await page.keyboard.press('n');
    await untilTrue(page, `document.querySelector('.clock time').textContent >= '08:01:0'`);
    await page.keyboard.press('p');
    await untilTrue(page, `document.querySelector('.clock time').textContent < '08:00:2'`);
    await page.locator('.boxes .box').first().waitFor();
    await page.keyboard.press('b');
    await page.locator('.boxes .box').first().waitFor({ state: 'detached' });
    await page.keyboard.press('b');
    await page.locator('.boxes .box').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Keys' }).waitFor({ state: 'detached' });
  });

  it('rewinds into the recording before, and plays on into the next', async () => {
    await openMoment(61);
    await page.getByRole('combobox', { name: 'Speed' }).selectOption('4');
    await page.keyboard.press('r');
    await untilTrue(page, `document.querySelector('.clock time').textContent < '08:00:5'`);
    await page.keyboard.press('r');
    await openMoment(58);
    await page.keyboard.press('k');
    await untilTrue(page, `document.querySelector('.clock time').textContent > '08:01:00'`);
    await page.keyboard.press('k');
  });

  it('keeps the moment in its address', async () => {
    await openMoment(20);
    await page.keyboard.press('ArrowRight');
    await untilTrue(page, `decodeURIComponent(location.hash).includes('at=2026-11-02T08:00:25')`);
    const address = page.url();
    const other = await context.newPage();
    await other.goto(address);
    await other.locator('.boxes .box').first().waitFor();
    await other.close();
  });

  it('downloads a clip as it was recorded', async () => {
    await openMoment(14);
    await page.keyboard.press('i');
    await openMomentByKeys();
    await page.keyboard.press('o');
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toMatch(/^harbour-depot_lobby_2026-11-02T080014/);
    const clip = packetsOf(await download.path());
    const source = packetsOf(demoFile(FIRST));
    // From the keyframe at or before 14 s, ten a second and one of them a keyframe, to 24 s.
    const first = source.findIndex(({ digest }) => digest === clip[0]?.digest);
    expect(clip[0]?.isKeyframe).toBe(true);
    expect(clip).toEqual(source.slice(first, first + clip.length));
  });

  it('says that footage is gone, and shows snapshots in its place', async () => {
    program.expire(SECOND);
    // Opened anew: a page that has just played it may still hold what it knew of the day.
    await page.goto('about:blank');
    await page.goto(program.page(`#/playback/${LOBBY}?at=${instantAt(70)}`));
    await page
      .getByText(
        /footage from 08:01:00 is gone; when, nobody noted. This camera’s retention: quietDays 2, eventDays 30, archiveDays 365/,
      )
      .waitFor();
    await untilTrue(page, `document.querySelector('.instead img')?.naturalWidth > 0`);
    program.land(SECOND);
  });

  it('plays MPEG-TS, which browsers don’t read, as the same packets in an MP4', async () => {
    const { clip } = DEMO_CAMERAS[0]!;
    await encodeFrames(framesOf({ ...clip, seconds: 25 }), {
      file: program.pathOf(`${LOBBY}/20261102T100000Z_25s.ts`),
      widthPx: clip.widthPx,
      heightPx: clip.heightPx,
      fps: clip.fps,
      keyframeInterval: clip.fps,
      rate: { crf: 30 },
      container: 'mpegts',
    });
    await page.goto(program.page('#/now?period=2026-11-02'));
    await page.getByText(/10:00:1[34]/).waitFor();
    await page.goto(program.page(`#/playback/${LOBBY}?at=2026-11-02T10:00:20.000Z`));
    await sightAt(page, 20);
    await page.locator('.boxes .box').first().waitFor();
    const [feet] = feetAt(LOBBY, 'person', instantAt(20));
    const [shown] = (await sightAt(page, 20)).boxes;
    expect(distanceOf(shown!.box, feet!)).toBeLessThan(ON_PERSON);
  });

  it('says that the browser can’t play a recording, and shows snapshots in its place', async () => {
    await page.route('**/api/footage/**', (route) =>
      route.fulfill({ body: 'no video', contentType: 'video/mp4' }),
    );
    await page.goto(program.page('#/now'));
    await page.goto(program.page(`#/playback/${LOBBY}?at=${instantAt(20)}`));
    await page.getByText('This browser can’t play this recording.').waitFor();
    await untilTrue(page, `document.querySelector('.instead img')?.naturalWidth > 0`);
    await page.unroute('**/api/footage/**');
  });
});

/** Ten seconds on, by the keyboard. */
async function openMomentByKeys(): Promise<void> {
  await page.keyboard.press('ArrowRight');
  await sightAt(page, 19);
  await page.keyboard.press('ArrowRight');
  await sightAt(page, 24);
}

describe('Camera', () => {
  it('turns an area that is drawn by keyboard into YAML', async () => {
    await page.goto(program.page(`#/camera/${LOBBY}`));
    const board = page.getByRole('application');
    await board.focus();
    await page.keyboard.press('Enter');
    for (let step = 0; step < 5; step++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    for (let step = 0; step < 5; step++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Name' }).fill('till');
    expect(await page.locator('.yaml').textContent()).toBe(
      [
        'cameras:',
        '  harbour-depot/lobby:',
        '    zones:',
        '      desk: [[0.3, 0.5], [0.7, 0.5], [0.7, 1], [0.3, 1]]',
        '      till: [[0.5, 0.5], [0.6, 0.5], [0.6, 0.6]]',
        '',
      ].join('\n'),
    );
  });
});

describe('Fleet', () => {
  it('shows what another tier changes in the fleet file, and edits nothing', async () => {
    await page.goto(program.page('#/fleet'));
    await page.getByRole('combobox', { name: `Change ${LOBBY} to tier` }).selectOption('low');
    await page.locator('.yaml .is-added').first().waitFor();
    expect(await page.locator('.yaml .is-added').allTextContents()).toContainEqual(
      expect.stringContaining('low'),
    );
  });
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
    const visitor = await context.newPage();
    const parts: (string | null)[] = [];
    await visitor.route('**/api/session', (route) =>
      route.fulfill({ json: { sites: null, offers: ['upload-forms'] } }),
    );
    await visitor.route('**/api/uploads/presign', (route) => {
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
    await visitor.route('**/bucket', (route) => {
      parts.push(route.request().headers()['content-type'] ?? null);
      return route.fulfill({ status: 204 });
    });
    await visitor.goto(program.page('#/try'));
    await visitor.setInputFiles('input[type=file]', demoFile(FIRST));
    const link = visitor.getByRole('link', { name: 'Play it with its boxes' });
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
    await visitor.close();
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

describe('Health', () => {
  it('puts a dead letter back, and says what its code means', async () => {
    const bodies = await tellOfDeadLetter(page, {
      camera: LOBBY,
      segmentKey: FIRST,
      deadAt: START,
    });
    await page.goto(program.page('#/health'));
    await page.getByRole('button', { name: `Put back ${FIRST}` }).click();
    await page.getByText('1 message back in the queue.').waitFor();
    expect(bodies).toEqual(['{"ids":["7"]}']);
    await page.getByRole('link', { name: 'footage-denied' }).click();
    await page.locator('.is-asked').getByText('footage-denied').waitFor();
    await page.unroute('**/api/dead-letters?**');
    await page.unroute('**/api/dead-letters/redrive');
  });
});

describe('faults', () => {
  it('asks every few seconds where there is no stream', async () => {
    const visitor = await context.newPage();
    await visitor.route('**/api/stream?**', (route) => route.fulfill({ status: 429, body: '' }));
    await visitor.goto(program.page('#/now'));
    await visitor.getByText('Every 5 s').waitFor();
    expect(await visitor.getByText('The api does not answer').count()).toBe(0);
    await visitor.close();
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
    await page.goto(program.page('#/health'));
    await page.goto(program.page('#/now?zone=any'));
    const row = page.locator('.event-row');
    await row.getByText('<script>wasHurt=2</script>').waitFor();
    await row.getByText('<b>gate').waitFor();
    await row.getByText('"><img src=x onerror=window.wasHurt=3>').waitFor();
    expect(await page.evaluate('window.wasHurt')).toBeUndefined();
    await page.unroute('**/api/events?**');
  });

  it('says that this computer’s clock is off', async () => {
    const late = await context.newPage();
    await late.addInitScript(`{ const now = Date.now; Date.now = () => now() + 3 * 3600_000; }`);
    await late.goto(program.page('#/health'));
    await late.getByText(/This computer’s clock is 3 h ahead of the server’s/).waitFor();
    await late.close();
  });

  it('asks for the token, and again once the session has ended', async () => {
    const guarded = await Program.open({ hasToken: true });
    const visitor = await visit(browser);
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

function markedUp(camera: string) {
  return {
    id: 'a'.repeat(32),
    camera,
    className: '<script>wasHurt=2</script>',
    zone: '"><img src=x onerror=window.wasHurt=3>',
    startedAt: START,
    endedAt: instantAt(5),
    isStationary: false,
    isOpen: false,
    peakCount: 1,
    bestConfidence: 0.9,
    snapshotKey: null,
    segmentKeys: [],
  };
}

describe('a day of 1,000 cameras', () => {
  it('scrolls through 100,000 events with a few rows in the page, in less than 150 MB', async () => {
    const visitor = await visit(browser, { viewport: { width: 1280, height: 800 } });
    try {
      const one = await visitor.newPage();
      await one.route('**/api/events?**', (route) =>
        route.fulfill({ json: pageOfDay(route.request().url()) }),
      );
      await one.goto(program.page('#/now?period=2026-11-02'));
      await one.locator('.event-row').first().waitFor();
      const rows = await one.evaluate<{ most: number; last: number }>(`(async () => {
        let [most, last, movedMs] = [0, 0, performance.now()];
        while (last < ${DAY_EVENTS - 1} && performance.now() - movedMs < ${WAITS_MS}) {
          window.scrollTo(0, document.documentElement.scrollHeight);
          await new Promise((resolve) => requestAnimationFrame(resolve));
          const shown = [...document.querySelectorAll('.event-row')];
          most = Math.max(most, shown.length);
          const shownLast = Number(shown.at(-1)?.dataset.index ?? 0);
          if (shownLast > last) [last, movedMs] = [shownLast, performance.now()];
        }
        return { most, last };
      })()`);
      expect(rows.last).toBe(DAY_EVENTS - 1);
      expect(rows.most).toBeLessThan(40);
      const devtools = await visitor.newCDPSession(one);
      await devtools.send('HeapProfiler.collectGarbage');
      const { usedSize } = await devtools.send('Runtime.getHeapUsage');
      expect(usedSize / 1e6).toBeLessThan(150);
    } finally {
      await visitor.close();
    }
  });
});

const DAY_EVENTS = 100_000;
const DAY_PAGE = 500;

/** A page of the events of a day, as the api gives them: what ended last first. */
function pageOfDay(url: string) {
  const from = Number(new URL(url).searchParams.get('cursor') ?? 0);
  const events = Array.from({ length: Math.min(DAY_PAGE, DAY_EVENTS - from) }, (_, index) => {
    const number = from + index;
    const startedAt = new Date(Date.parse('2026-11-02T22:00:00Z') - number * 800).toISOString();
    return {
      ...markedUp(`site-${number % 40}/camera-${number % 1000}`),
      id: number.toString(16).padStart(32, '0'),
      className: number % 3 === 0 ? 'vehicle' : 'person',
      zone: 'frame',
      startedAt,
      endedAt: startedAt,
    };
  });
  const next = from + DAY_PAGE;
  return { events, nextCursor: next < DAY_EVENTS ? String(next) : null };
}

describe('every page', () => {
  const addresses = {
    now: '#/now?period=2026-11-02',
    cameras: '#/camera',
    camera: `#/camera/${LOBBY}`,
    playback: `#/playback/${LOBBY}?at=${instantAt(20)}`,
    fleet: '#/fleet',
    analytics: '#/analytics?from=2026-11-01&to=2026-11-03',
    try: '#/try',
    health: '#/health',
    errors: '#/errors/segment-key',
  };
  const settled: Record<keyof typeof addresses, string> = {
    now: '.event-row',
    cameras: '.camera-tile',
    camera: '.gates',
    playback: '.boxes .box',
    fleet: '.table.fleet',
    analytics: '.ranking',
    try: '.drop',
    health: '.facts',
    errors: '.is-asked',
  };
  const looks = [
    { name: 'light', colorScheme: 'light', width: 1280, height: 800 },
    { name: 'dark', colorScheme: 'dark', width: 1280, height: 800 },
    { name: 'phone, light', colorScheme: 'light', width: 390, height: 844 },
    { name: 'phone, dark', colorScheme: 'dark', width: 390, height: 844 },
  ] as const;

  for (const { name, colorScheme, width, height } of looks) {
    it(`has no serious finding of axe and no sideways scrolling: ${name}`, async () => {
      const visitor = await visit(browser, { colorScheme, viewport: { width, height } });
      try {
        const one = await visitor.newPage();
        for (const [key, hash] of Object.entries(addresses)) {
          await one.goto(program.page(hash));
          await one
            .locator(settled[key as keyof typeof addresses])
            .first()
            .waitFor();
          const { violations } = await new AxeBuilder({ page: one }).analyze();
          const serious = violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => `${key}: ${id}: ${nodes.map((node) => node.html).join(' ')}`);
          expect(serious).toEqual([]);
          const overflow = 'document.documentElement.scrollWidth - window.innerWidth';
          expect(await one.evaluate<number>(overflow), key).toBeLessThanOrEqual(0);
          if (width > 720 || !['fleet', 'analytics', 'health'].includes(key)) continue;
          // Nor has a box on a phone: rows are cards there.
          const boxes = `[...document.querySelectorAll('.scroll, .table')].map((box) => box.scrollWidth - box.parentElement.clientWidth)`;
          const wide = (await one.evaluate<number[]>(boxes)).filter((px) => px > 0);
          expect([key, wide]).toEqual([key, []]);
        }
      } finally {
        await visitor.close();
      }
    });
  }

  it('is made of at most 250 KB of script, compressed', () => {
    const folder = join(__dirname, '../../../.cache/dashboard/assets');
    const bytes = readdirSync(folder)
      .filter((name) => name.endsWith('.js'))
      .map((name) => gzipSync(readFileSync(join(folder, name))).length);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(250_000);
  });

  it('breaks no rule of its content security policy, and throws nothing', () => {
    expect(complaints).toEqual([]);
  });
});

describe.runIf(process.env.TIERWATCH_SCREENSHOTS)('pictures for the README', () => {
  it('are taken of the demo', async () => {
    const demo = await Program.open();
    const visitor = await visit(browser, { viewport: { width: 1280, height: 780 } });
    try {
      for (const [camera, times] of Object.entries({
        'car-park': ['080000', '080100'],
        lobby: ['080000', '080100'],
        street: ['173000', '173100'],
      })) {
        for (const time of times) demo.land(`harbour-depot/${camera}/20261102T${time}Z_60s.mp4`);
      }
      const one = await visitor.newPage();
      await one.goto(demo.page('#/now?period=2026-11-02'));
      await one.getByText('7 events in all.').waitFor();
      await untilTrue(
        one,
        `document.querySelector('.figures').textContent.startsWith('Waiting0In work0')`,
      );
      await untilTrue(
        one,
        `(() => {
          const images = [...document.querySelectorAll('.event-row img')];
          return images.length === 7 && images.every((image) => image.naturalWidth > 0);
        })()`,
      );
      await picture(one, 'now.png');
      await one.setViewportSize({ width: 1280, height: 920 });
      await one.goto(demo.page(`#/playback/${LOBBY}?at=${encodeURIComponent(instantAt(20))}`));
      await sightAt(one, 20);
      await one.locator('.boxes .box').first().waitFor();
      await picture(one, 'playback.png');
    } finally {
      await visitor.close();
      await demo.close();
    }
  });
});

async function picture(of: Page, name: string): Promise<void> {
  const png = await sharp(await of.screenshot())
    .png({ palette: true, quality: 90, compressionLevel: 9 })
    .toBuffer();
  writeFileSync(join(IMAGES, name), png);
}
