import type { Page, Route } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { apiEvent } from './api-event';
import { visit } from './chromium';
import { demoFile, Program, TOKEN } from './program';
import { untilTrue } from './sight';
import { openWorld } from './world';

const LOBBY = 'harbour-depot/lobby';
const FIRST = `${LOBBY}/20261102T080000Z_60s.mp4`;

const world = openWorld();
let page: Page;
let program: Program;
beforeEach(() => {
  ({ page, program } = world);
});

/** A door that answers wait behind until it is opened. */
function door(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** Events of a camera, one a minute; the last of them ended at `until`. */
function eventsOf(camera: string, count: number, until = '2026-11-02T22:00:00.000Z') {
  return Array.from({ length: count }, (_, index) => {
    const startedAt = new Date(Date.parse(until) - index * 60_000).toISOString();
    return {
      ...apiEvent(camera),
      id: `${camera} ${startedAt}`,
      startedAt,
      endedAt: startedAt,
    };
  });
}

describe('what comes late', () => {
  it('changes nothing where something else was asked for meanwhile', async () => {
    const older = door();
    const asked = door();
    await page.route('**/api/events?**', async (route) => {
      const { searchParams } = new URL(route.request().url());
      const camera = searchParams.get('className') === 'vehicle' ? 'a/other' : 'a/first';
      if (searchParams.has('cursor')) {
        asked.open();
        await older.passed;
      }
      const nextCursor = camera === 'a/first' ? 'more' : null;
      await route.fulfill({ json: { events: eventsOf(camera, 40), nextCursor } }).catch(() => {});
    });
    await page.goto(program.page('#/now?period=2026-11-02'));
    await page.locator('.event-row').first().waitFor();
    await asked.passed;
    await page.goto(program.page('#/now?period=2026-11-02&class=vehicle'));
    await page.locator('.event-row').getByText('other').first().waitFor();
    older.open();
    await page.getByText('40 events in all.').waitFor();
    // The answer that was held is in by the time that the page has drawn twice.
    await untilTrue(page, `!document.querySelector('.loading')`);
    expect(await page.locator('.event-row').getByText('first').count()).toBe(0);
    expect(await page.locator('.event-row').getByText('other').count()).toBeGreaterThan(0);
  });

  it('is the stream: what was seen before it opened is told all the same', async () => {
    const stream = door();
    await page.route('**/api/stream?**', async (route) => {
      await stream.passed;
      await route.fallback();
    });
    await page.goto(program.page('#/now?period=2026-11-02'));
    await page.getByText('All quiet').waitFor();
    program.land(FIRST);
    await expect
      .poll(async () => (await fetch(program.page(`api/segments/${FIRST}`))).status, {
        timeout: 90_000,
      })
      .toBe(200);
    stream.open();
    await page.getByRole('link', { name: /person.*lobby/ }).waitFor();
  });

  it('is each answer of a busy api: what asks more often than it answers has it all the same', async () => {
    // Longer than the page waits before it asks how far an upload is.
    const delayed = async (route: Route): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await route.fallback().catch(() => {});
    };
    await page.route(/\/api\/uploads\/[0-9a-f-]+$/, delayed);
    await page.goto(program.page('#/try'));
    await page.setInputFiles('input[type=file]', demoFile(FIRST));
    await page.getByRole('heading', { name: 'What such a camera would cost a month' }).waitFor();
  });

  it('is a picture: what did not come while the api was away does once it is back', async () => {
    let isAway = true;
    await page.route('**/api/snapshots/**', (route) => (isAway ? route.abort() : route.fallback()));
    await page.goto(program.page('#/now?period=2026-11-02'));
    await page.locator('.event-row .snapshot.is-missing').first().waitFor();
    isAway = false;
    await program.kill();
    await page.getByText('No connection').waitFor();
    await program.start();
    await untilTrue(page, `document.querySelector('.event-row img')?.naturalWidth > 0`);
  });
});

describe('a list', () => {
  it('stays where its reader is while events arrive above, and says how many did', async () => {
    const arriving = door();
    let streams = 0;
    await page.route('**/api/stream?**', async (route) => {
      if (streams++ > 0) return;
      await arriving.passed;
      const messages = eventsOf('a/late', 3, '2026-11-02T22:50:00.000Z').map(
        (event) => `id: 1\nevent: detection-event\ndata: ${JSON.stringify(event)}\n\n`,
      );
      await route.fulfill({
        headers: { 'content-type': 'text/event-stream' },
        body: messages.join(''),
      });
    });
    await page.route('**/api/events?**', (route) =>
      route.fulfill({ json: { events: eventsOf('a/first', 200), nextCursor: null } }),
    );
    await page.goto(program.page('#/now?period=2026-11-02'));
    await page.locator('.event-row').first().waitFor();
    await page.evaluate(`window.scrollTo(0, 5000)`);
    const row = page.locator('.event-row[data-index="52"]');
    await row.waitFor();
    const text = (await row.textContent())!;
    const before = (await row.boundingBox())!.y;
    arriving.open();
    await page.getByRole('button', { name: '3 new events' }).waitFor();
    const moved = page.locator('.event-row[data-index="55"]');
    await untilTrue(page, `document.querySelector('.event-row[data-index="55"]')`);
    expect(await moved.textContent()).toBe(text);
    expect(Math.round((await moved.boundingBox())!.y - before)).toBe(0);
    await page.getByRole('button', { name: '3 new events' }).click();
    await page.locator('.event-row[data-index="0"]').getByText('late').waitFor();
  });

  it('is where it was left, with its filters and the focus, when its reader comes back', async () => {
    const asked: (string | null)[] = [];
    await page.route('**/api/events?**', (route) => {
      const { searchParams } = new URL(route.request().url());
      // What Playback asks of a camera is no list.
      if (searchParams.get('limit') === '1') return route.fallback();
      const cursor = searchParams.get('cursor');
      asked.push(cursor);
      const from = Number(cursor ?? 0);
      const events = eventsOf(LOBBY, from + 200).slice(from);
      return route.fulfill({ json: { events, nextCursor: from < 800 ? `${from + 200}` : null } });
    });
    await page.goto(program.page('#/now?class=person&period=2026-11-02'));
    await page.locator('.event-row').first().waitFor();
    const there = `document.querySelector('.event-row[data-index="752"]')`;
    await untilTrue(page, `(window.scrollTo(0, 75_000), ${there})`);
    const row = page.locator('.event-row[data-index="752"]');
    const text = await row.textContent();
    const y = (await row.boundingBox())!.y;
    const pages = [...asked];
    const expectSamePlace = async (): Promise<void> => {
      await row.waitFor();
      expect([await row.textContent(), (await row.boundingBox())!.y]).toEqual([text, y]);
      expect(asked).toEqual(pages);
      expect(await page.getByRole('combobox', { name: 'Class' }).inputValue()).toBe('person');
    };

    await row.press('Enter');
    await page.getByRole('heading', { name: LOBBY }).waitFor();
    await page.goBack();
    await untilTrue(page, `document.activeElement?.dataset.index === '752'`);
    await expectSamePlace();
    await page.keyboard.press('ArrowDown');
    await untilTrue(page, `document.activeElement?.dataset.index === '753'`);
    // A link above the list would scroll to itself first.
    await page.goto(program.page('#/health'));
    await page.getByRole('heading', { name: 'Queues' }).waitFor();
    await page.goBack();
    await expectSamePlace();

    // By its link it begins anew.
    await page.getByRole('link', { name: 'Fleet' }).press('Enter');
    await page.getByRole('heading', { name: 'Fleet', exact: true }).waitFor();
    await page.getByRole('link', { name: 'Now' }).press('Enter');
    await page.locator('.event-row[data-index="0"]').waitFor();
    expect(await page.evaluate('window.scrollY')).toBe(0);
  });

  it('that fails to go on says so, and goes on when it is asked to', async () => {
    let isAway = true;
    await page.route('**/api/events?**', (route) => {
      const isFirst = !new URL(route.request().url()).searchParams.has('cursor');
      if (!isFirst && isAway) return route.fulfill({ status: 500, body: '' });
      const events = eventsOf('a/first', isFirst ? 40 : 80).slice(isFirst ? 0 : 40);
      return route.fulfill({ json: { events, nextCursor: isFirst ? 'more' : null } });
    });
    await page.goto(program.page('#/now?period=2026-11-02'));
    await page.getByText('The server answered 500 without saying why.').waitFor();
    isAway = false;
    // A click by the mouse would scroll to it first, and scrolling asks for more too.
    await page.evaluate(`document.querySelector('.now-events .note button').click()`);
    await page.getByText('80 events in all.').waitFor();
  });
});

describe('a session that has ended', () => {
  it('goes on where it was once somebody has signed in', async () => {
    const guarded = await Program.open({ hasToken: true });
    const visitor = await visit(world.browser);
    try {
      const one = await visitor.newPage();
      const signIn = async (): Promise<void> => {
        await one.getByRole('textbox', { name: 'Token' }).fill(TOKEN);
        await one.keyboard.press('Enter');
        await one.getByRole('heading', { name: 'Sign in' }).waitFor({ state: 'detached' });
      };
      await one.goto(guarded.page('#/health'));
      await signIn();
      await one.getByRole('heading', { name: 'Queues' }).waitFor();
      await visitor.clearCookies();
      // What the page asks by itself may have met the end of the session before a click could.
      await one.goto(guarded.page('#/fleet'));
      await one.getByRole('heading', { name: 'Sign in' }).waitFor();
      await signIn();
      await one.locator('.table.fleet').waitFor();
      expect(await one.getByRole('alert').count()).toBe(0);
    } finally {
      await visitor.close();
      await guarded.close();
    }
  });
});
