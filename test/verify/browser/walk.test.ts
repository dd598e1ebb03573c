import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchChromium, visit } from './chromium';
import { Program } from './program';
import { sightAt, untilTrue, WAITS_MS } from './sight';

const DEPOT = 'harbour-depot';
const LOBBY = `${DEPOT}/lobby`;
const LANDED = [
  `${LOBBY}/20261102T080000Z_60s.mp4`,
  `${LOBBY}/20261102T080100Z_60s.mp4`,
  `${DEPOT}/street/20261102T173000Z_60s.mp4`,
];
const NO_VIDEO = `${LOBBY}/20261102T120000Z_60s.mp4`;

let browser: Browser;
let program: Program;
let context: BrowserContext;
let page: Page;
beforeAll(async () => {
  [browser, program] = await Promise.all([launchChromium(), Program.open()]);
  for (const key of LANDED) program.land(key);
  program.landFile(__filename, NO_VIDEO);
  context = await visit(browser, { viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  page = await context.newPage();
  await vi.waitFor(
    async () => {
      for (const key of LANDED) {
        expect((await fetch(program.page(`api/segments/${key}`))).status).toBe(200);
      }
      const answer = await fetch(program.page('api/rejections'));
      expect(await answer.json()).toMatchObject({ count: 1 });
    },
    { timeout: WAITS_MS, interval: 300 },
  );
});
afterAll(async () => {
  await browser?.close();
  await program?.close();
});

describe('Now', () => {
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
    await page.goto(program.page('#/health'));
    await page.getByRole('heading', { name: 'Queues' }).waitFor();
    await page.goto(program.page('#/now'));
    const watched = page.locator('.now-aside li');
    await watched.first().getByText('silent since 2 Nov 2026, 08:02').waitFor();
    expect(await watched.first().textContent()).toContain(`${DEPOT}/second`);
    await page.unroute('**/api/cameras?**');
  });
});

describe('Camera', () => {
  it('says where each setting comes from, what its gates decided and why, and its cost by line', async () => {
    await page.goto(program.page(`#/camera/${LOBBY}`));
    const setting = (name: RegExp): Promise<string | null> =>
      page.getByRole('row', { name }).textContent();
    expect(await setting(/^Tier tier/)).toBe('Tier tiersteadydefaults');
    expect(await setting(/^Zones zones/)).toBe('Zones zonesdeskcamera');
    expect(await setting(/^Looks every/)).toBe('Looks every sampleIntervalSeconds1 stier steady');
    const gates = page.locator('.gates tbody tr');
    await gates.nth(1).waitFor();
    expect(await gates.locator('td:nth-child(2)').allTextContents()).toEqual([
      'abstained',
      'abstained',
    ]);
    expect(await gates.first().locator('td:nth-child(3)').textContent()).toMatch(/\w{3}/);
    const cost = page.locator('.cost');
    await cost.waitFor();
    expect(await cost.locator('tbody th').allTextContents()).toEqual([
      'compute',
      'requests',
      'storage',
      'analytics',
    ]);
    expect(await cost.locator('tfoot').textContent()).toMatch(/^A camera-month\$\d/);
    await page.getByRole('img', { name: /^Minutes with person in the picture/ }).waitFor();
  });
});

describe('Playback', () => {
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

describe('Analytics', () => {
  it('shows the named queries by hour and by day, and their numbers as CSV', async () => {
    await page.goto(program.page('#/analytics?from=2026-11-01&to=2026-11-03'));
    await page.getByRole('img', { name: /^Minutes of presence by hour: person/ }).waitFor();
    await page.getByRole('combobox', { name: 'By' }).selectOption('day');
    await page.getByRole('img', { name: /^Minutes of presence by day: person/ }).waitFor();
    await page.locator('.ranking').nth(3).waitFor();
    expect(await page.locator('.query h2').allTextContents()).toEqual([
      'What was in the picture',
      'Work and its dollars, by tier',
      'Busiest cameras',
      'From the end of a segment to its rows',
      'Quiet segments',
    ]);
    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: 'CSV of Busiest cameras' }).click();
    const text = readFileSync((await (await coming).path())!, 'utf8');
    expect(text.split('\n')[0]?.trim()).toBe('camera,segments,movingSeconds');
    expect(text).toMatch(/^harbour-depot\/lobby,2,/m);
  });
});

describe('Health', () => {
  it('has queues, the file in quarantine with its code, model, variant and versions', async () => {
    await page.goto(program.page('#/health'));
    const row = page.getByRole('row', { name: new RegExp(NO_VIDEO) });
    await row.waitFor();
    await page.getByRole('row', { name: /^detect-cpu/ }).waitFor();
    const facts = await page.locator('.facts div').allTextContents();
    expect(facts.map((text) => /^[A-Z][a-z’]+(?: [a-z]+\d*)?/.exec(text)?.[0])).toHaveLength(6);
    expect(facts[0]).toMatch(/^Modeltierwatch-demo/);
    expect(facts[1]).toMatch(/^Variant(int8|fp32|.*timed at each start)$/);
    await row.getByRole('link', { name: 'unreadable-video' }).click();
    const asked = page.locator('.is-asked');
    await asked.getByText('unreadable-video').waitFor();
    await untilTrue(
      page,
      `(() => { const { top } = document.querySelector('.is-asked').getBoundingClientRect(); return top >= 0 && top < innerHeight; })()`,
    );
    // Its text is on the page already now, and it is found again all the same.
    await page.goBack();
    await row.getByRole('link', { name: 'unreadable-video' }).click();
    await untilTrue(
      page,
      `(() => { const { top } = document.querySelector('.is-asked')?.getBoundingClientRect() ?? { top: -1 }; return top >= 0 && top < innerHeight; })()`,
    );
  });
});

describe('footage that retention has deleted', () => {
  it('is said since when and why, with the snapshots of what was seen', async () => {
    await program.enforceRetention();
    const day = 'from=2026-11-02T00:00:00Z&to=2026-11-03T00:00:00Z';
    const answer = await fetch(program.page(`api/timeline?camera=${LOBBY}&${day}`));
    const { segments } = (await answer.json()) as { segments: Expired[] };
    expect(segments.map(({ hasFootage, expiredReason }) => [hasFootage, expiredReason])).toEqual([
      [false, 'evidence for more than 0 days'],
      [false, 'evidence for more than 0 days'],
    ]);
    await page.goto('about:blank');
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
