import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { framesOf } from '../../../model-build/simulator/clips';
import { DEMO_CAMERAS } from '../../../model-build/simulator/demo';
import { encodeFrames } from '../../../model-build/simulator/encode';
import { packetsOf } from '../../adapters/video/packets';
import { demoFile, type Program } from './program';
import { type Sight, sightAt, untilTrue, watch } from './sight';
import { distanceOf, feetAt } from './truth';
import { openWorld } from './world';

const LOBBY = 'harbour-depot/lobby';
const FIRST = `${LOBBY}/20261102T080000Z_60s.mp4`;
const SECOND = `${LOBBY}/20261102T080100Z_60s.mp4`;
const START = '2026-11-02T08:00:00.000Z';
/** Of tier steady (s). */
const SAMPLING_SECONDS = 1;
/** A box is on its person when its foot point is this near to the feet, of the picture. */
const ON_PERSON = 0.06;

const world = openWorld();
let page: Page;
let program: Program;
beforeEach(() => {
  ({ page, program } = world);
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

/** Ten seconds on, by the keyboard. */
async function openMomentByKeys(): Promise<void> {
  await page.keyboard.press('ArrowRight');
  await sightAt(page, 19);
  await page.keyboard.press('ArrowRight');
  await sightAt(page, 24);
}

describe('Playback', () => {
  beforeAll(() => world.program.analyse([FIRST, SECOND]));

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
    let letThrough = (): void => {};
    const asked = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    await page.route('**/api/footage/**', async (route) => {
      await asked;
      await route.continue();
    });
    const linkTo = (seconds: number): string =>
      program.page(`#/playback/${LOBBY}?at=${encodeURIComponent(instantAt(seconds))}`);
    await page.goto(linkTo(24));
    await page.locator('video').waitFor();
    await page.keyboard.press('k');
    await page.goto(linkTo(14));
    await untilTrue(page, `document.querySelector('.clock time').textContent === '08:00:14'`);
    letThrough();
    expectOnPerson([await sightAt(page, 14)]);
    await page.goto(linkTo(16));
    await sightAt(page, 16);
    await page.keyboard.press('k');
    await untilTrue(page, `document.querySelector('video').currentTime > 16.5`);
    await page.goto(linkTo(14));
    await sightAt(page, 14);
    expect(await page.evaluate(`document.querySelector('video').paused`)).toBe(true);
  });

  it('has the boxes of the picture that it stands at, though an earlier picture is told of later', async () => {
    await page.addInitScript(`{
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
    await page.goto(program.page(`#/playback/${LOBBY}?at=${at}`));
    await untilTrue(page, `document.querySelector('video')?.dataset.hasTold === ''`);
    const { boxesSeconds } = await sightAt(page, 14);
    expect(Math.abs(boxesSeconds - 14)).toBeLessThan(0.15);
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
    const other = await world.context.newPage();
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
    const key = `${LOBBY}/20261102T090000Z_60s.mp4`;
    await program.analyse([key], FIRST);
    program.expire(key);
    await page.goto(program.page(`#/playback/${LOBBY}?at=${instantAt(3610)}`));
    await page
      .getByText(
        /footage from 09:00:00 is gone. No note says when or why: .+ This camera’s is kept: quiet 2 days, evidence 30, archive 365/,
      )
      .waitFor();
    await untilTrue(page, `document.querySelector('.instead img')?.naturalWidth > 0`);
  });

  it('says so at about where lifecycle removed it, also once the day was on the page', async () => {
    const gone = {
      hasFootage: false,
      expiredBy: 'lifecycle',
      expiredAt: '2027-11-03T00:00:00.000Z',
      expiredReason: '365 days after it landed',
    };
    let isGone = false;
    await page.route('**/api/timeline?**', async (route) => {
      const day = (await (await route.fetch()).json()) as { segments: object[] };
      const segments = day.segments.map((one) => (isGone ? { ...one, ...gone } : one));
      await route.fulfill({ json: { ...day, segments } });
    });
    // As CloudFront answers what is not in the bucket.
    await page.route('**/api/footage/**', (route) => {
      isGone = true;
      return route.fulfill({ status: 403, body: '' });
    });
    await page.goto(program.page(`#/playback/${LOBBY}?at=${instantAt(20)}`));
    await page
      .getByText(
        'The footage from 08:00:00 was deleted by the bucket’s lifecycle on about Wed 3 Nov 2027, 365 days after it landed (by its rule: S3 tells nobody when it does). What was seen in it stays longer.',
      )
      .waitFor();
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
    await page.goto(program.page(`#/playback/${LOBBY}?at=${instantAt(20)}`));
    await page.getByText('This browser can’t play this recording.').waitFor();
    await untilTrue(page, `document.querySelector('.instead img')?.naturalWidth > 0`);
  });

  it('goes where its timeline is clicked, and marks footage and events on it', async () => {
    await page.goto(program.page(`#/playback/${LOBBY}?at=2026-11-02T08:00:20.000Z`));
    await sightAt(page, 20);
    const strip = page.locator('.strip.is-apart');
    expect(await strip.locator('.mark').count()).toBe(2);
    expect(await strip.locator('.span.is-footage').count()).toBe(1);
    // The second event begins in the second recording.
    const mark = (await strip.locator('.mark').nth(1).boundingBox())!;
    await page.mouse.click(mark.x + mark.width / 2, mark.y + mark.height / 2);
    await untilTrue(page, `document.querySelector('.clock time').textContent > '08:01:0'`);
    await page.locator('.boxes .box').first().waitFor();
  });
});

describe('footage that retention has deleted', () => {
  beforeAll(() => world.program.analyse([FIRST, SECOND]));

  it('is said since when and why, with the snapshots of what was seen', async () => {
    await program.enforceRetention();
    const both = 'from=2026-11-02T08:00:00Z&to=2026-11-02T08:02:00Z';
    const answer = await fetch(program.page(`api/timeline?camera=${LOBBY}&${both}`));
    const { segments } = (await answer.json()) as { segments: Expired[] };
    expect(segments.map(({ hasFootage, expiredReason }) => [hasFootage, expiredReason])).toEqual([
      [false, 'evidence for more than 0 days'],
      [false, 'evidence for more than 0 days'],
    ]);
    await page.goto(program.page(`#/playback/${LOBBY}?at=2026-11-02T08:00:16.000Z`));
    const since = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: 'Europe/Lisbon', dateStyle: 'medium', timeStyle: 'short' },
    }).format(Date.parse(segments[0]!.expiredAt));
    await page
      .getByText(
        `The footage from 08:00:00 was deleted by retention on ${since}: evidence for more than 0 days. What was seen in it stays longer.`,
      )
      .waitFor();
    await page.locator('.instead').getByText('08:00:1').waitFor();
    await untilTrue(page, `document.querySelector('.instead img')?.naturalWidth > 0`);
    expect(await page.locator('.strip.is-apart .span.is-expired').count()).toBe(1);
  });
});

interface Expired {
  readonly hasFootage: boolean;
  readonly expiredAt: string;
  readonly expiredReason: string;
}
