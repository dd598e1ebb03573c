import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { apiEvent } from './api-event';
import { visit } from './chromium';
import type { Program } from './program';
import { untilTrue, WAITS_MS } from './sight';
import { openWorld } from './world';

const DEPOT = 'harbour-depot';
const LOBBY = `${DEPOT}/lobby`;
const FIRST = `${LOBBY}/20261102T080000Z_60s.mp4`;
const LANDED = [
  FIRST,
  `${LOBBY}/20261102T080100Z_60s.mp4`,
  `${DEPOT}/street/20261102T173000Z_60s.mp4`,
];
const NO_VIDEO = `${LOBBY}/20261102T120000Z_60s.mp4`;

const world = openWorld();
let page: Page;
let program: Program;
beforeEach(() => {
  ({ page, program } = world);
});

describe('Now, of a fleet that is quiet today', () => {
  it('says that a fleet is quiet, then shows an event once its segment is done', async () => {
    await page.goto(program.page('#/now'));
    await page.getByText('All quiet: no events in the last 24 hours.').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    // Of a day of its own: what other tests land is not seen before it.
    program.land(`${LOBBY}/20261031T080000Z_60s.mp4`, FIRST);
    const row = page.getByRole('link', { name: /31 Oct 2026.*person.*lobby/ }).first();
    await row.waitFor();
    expect(await row.getByText('08:00:1').count()).toBeGreaterThan(0);
    const loaded = `document.querySelector('.event-row img')?.naturalWidth > 0`;
    await untilTrue(page, loaded);
  });
});

describe('Now', () => {
  beforeAll(async () => {
    await world.program.analyse(LANDED);
    world.program.landFile(__filename, NO_VIDEO);
    const rejections = async () => (await fetch(world.program.page('api/rejections'))).json();
    await vi.waitFor(async () => expect(await rejections()).toMatchObject({ count: 1 }), {
      timeout: WAITS_MS,
      interval: 300,
    });
  });

  const rows = async (): Promise<string[]> =>
    (await page.locator('.event-camera').allTextContents()).sort();

  it('is narrowed by site, camera, class, zone and time, each kept in the address', async () => {
    await page.goto(program.page('#/now?period=2026-11-02'));
    await page.locator('.event-row').nth(2).waitFor();
    expect(await rows()).toEqual([LOBBY, LOBBY, `${DEPOT}/street`]);
    const choose = (name: string, value: string): Promise<string[]> =>
      page.getByRole('combobox', { name }).selectOption(value);
    const shown = async (count: number): Promise<string[]> => {
      await page.getByText(count === 1 ? '1 event in all.' : `${count} events in all.`).waitFor();
      return rows();
    };
    await choose('Class', 'vehicle');
    expect(await shown(1)).toEqual([`${DEPOT}/street`]);
    await choose('Class', '');
    await choose('Site', DEPOT);
    await choose('Camera', LOBBY);
    expect(await shown(2)).toEqual([LOBBY, LOBBY]);
    expect(page.url()).toContain('site=harbour-depot&camera=harbour-depot%2Flobby');
    await choose('Zone', 'any');
    await page.locator('.event-row .tag').getByText('desk', { exact: true }).first().waitFor();
    await page.getByLabel('Day', { exact: true }).fill('2026-11-01');
    await page.getByText('All quiet: no events on 2026-11-01.').waitFor();
  });

  it('counts what waits, is behind, quarantined and silent', async () => {
    await page.goto(program.page('#/now'));
    const figures = page.locator('.figures');
    await figures.getByText('Quarantined').waitFor();
    await untilTrue(
      page,
      `document.querySelector('.figures').textContent.includes('Quarantined1')`,
    );
    expect(await figures.locator('dt').allTextContents()).toEqual([
      'Waiting',
      'In work',
      'Behind, from the end of the segment that was finished last until it was',
      'Quarantined',
      'Dead letters',
      'Silent',
    ]);
  });

  it('has the silent cameras first, with since when', async () => {
    const since = '2026-11-02T08:02:00.000Z';
    await page.route('**/api/cameras?**', (route) =>
      route.fulfill({
        json: {
          cameras: ['first', 'second'].map((name) => ({
            ...{ camera: `${DEPOT}/${name}`, isKnown: true, tier: 'low', lane: 'cpu' },
            lastLandedAt: since,
            silentSince: name === 'second' ? since : null,
          })),
          nextCursor: null,
        },
      }),
    );
    await page.goto(program.page('#/now'));
    const watched = page.locator('.now-aside li');
    await watched.first().getByText('silent since 2 Nov 2026, 08:02').waitFor();
    expect(await watched.first().textContent()).toContain(`${DEPOT}/second`);
  });

  it('goes through its events by arrow keys, and opens one by Enter', async () => {
    await page.goto(program.page('#/now?period=2026-11-02'));
    await untilTrue(page, `document.querySelectorAll('.event-row').length === 3`);
    const rows = page.locator('.event-row');
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    await untilTrue(page, `document.activeElement?.dataset.index === '1'`);
    const camera = await rows.nth(1).locator('.event-camera').textContent();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: camera! }).waitFor();
  });
});

describe('a day of 1,000 cameras', () => {
  it('scrolls through 100,000 events with a few rows in the page, in less than 150 MB', async () => {
    const visitor = await visit(world.browser, { viewport: { width: 1280, height: 800 } });
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
      ...apiEvent(`site-${number % 40}/camera-${number % 1000}`),
      id: number.toString(16).padStart(32, '0'),
      className: number % 3 === 0 ? 'vehicle' : 'person',
      startedAt,
      endedAt: startedAt,
    };
  });
  const next = from + DAY_PAGE;
  return { events, nextCursor: next < DAY_EVENTS ? String(next) : null };
}
