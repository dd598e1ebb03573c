import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { visit } from './chromium';
import { tellOfDeadLetter } from './dead-letter';
import type { Program } from './program';
import { untilTrue, WAITS_MS } from './sight';
import { openWorld } from './world';

const LOBBY = 'harbour-depot/lobby';
const FIRST = `${LOBBY}/20261102T080000Z_60s.mp4`;
const SECOND = `${LOBBY}/20261102T080100Z_60s.mp4`;
const START = '2026-11-02T08:00:00.000Z';
const NO_VIDEO = `${LOBBY}/20261102T120000Z_60s.mp4`;

const world = openWorld({ footage: [FIRST, SECOND] });
let page: Page;
let program: Program;
beforeEach(() => {
  ({ page, program } = world);
});

describe('Cameras', () => {
  it('has each by its last picture, with tier and lane, and finds one by a part of its name', async () => {
    await page.goto(program.page('#/camera'));
    const tiles = page.locator('.camera-tile');
    const lobby = tiles.filter({ has: page.getByText('lobby', { exact: true }) });
    await lobby.getByText('steady · cpu lane').waitFor();
    await untilTrue(page, `document.querySelector('.camera-tile img')?.naturalWidth > 0`);
    expect([
      await lobby.locator('img').count(),
      await page.locator('.camera-tile img').count(),
    ]).toEqual([1, 1]);
    expect(await tiles.locator('.camera-name').allTextContents()).toEqual([
      'car-park',
      'lobby',
      'street',
    ]);
    await page.getByPlaceholder('Find a camera').fill('stre');
    await lobby.waitFor({ state: 'detached' });
    expect(await tiles.locator('.camera-name').allTextContents()).toEqual(['street']);
  });
});

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
  beforeAll(async () => {
    world.program.landFile(__filename, NO_VIDEO);
    const rejections = async () => (await fetch(world.program.page('api/rejections'))).json();
    await vi.waitFor(async () => expect(await rejections()).toMatchObject({ count: 1 }), {
      timeout: WAITS_MS,
      interval: 300,
    });
  });

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
  });

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

describe('every page', () => {
  const addresses = {
    now: '#/now?period=2026-11-02',
    cameras: '#/camera',
    camera: `#/camera/${LOBBY}`,
    playback: `#/playback/${LOBBY}?at=2026-11-02T08:00:20.000Z`,
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
      const visitor = await visit(world.browser, { colorScheme, viewport: { width, height } });
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
          if (width > 720 || !['camera', 'fleet', 'analytics', 'health'].includes(key)) continue;
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
});
