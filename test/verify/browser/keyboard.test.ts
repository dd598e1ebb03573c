import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tellOfDeadLetter } from './dead-letter';
import { demoFile, type Program } from './program';
import { sightAt, untilTrue, WAITS_MS } from './sight';
import { openWorld } from './world';

const DEPOT = 'harbour-depot';
const LOBBY = `${DEPOT}/lobby`;
/** A day that is typed the same wherever the browser puts the month. */
const DAY = '2026-11-11';
const LANDED = [
  `${LOBBY}/20261111T080000Z_60s.mp4`,
  `${LOBBY}/20261111T080100Z_60s.mp4`,
  `${DEPOT}/street/20261111T173000Z_60s.mp4`,
];
const demoKey = (key: string): string => key.replace('20261111', '20261102');
/** No page has more to stop at. */
const MOST_STOPS = 150;

const world = openWorld({ permissions: ['clipboard-read', 'clipboard-write'] });
let page: Page;
let program: Program;
beforeAll(async () => {
  await Promise.all(LANDED.map((key) => world.program.analyse([key], demoKey(key))));
});
beforeEach(() => {
  ({ page, program } = world);
});

const press = (...keys: string[]): Promise<void> =>
  keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());

/** Goes from stop to stop until something has the focus. */
async function tabTo(target: Locator): Promise<void> {
  await target.waitFor();
  const focused = target.and(page.locator(':focus'));
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    await press('Tab');
    if ((await focused.count()) > 0) return;
  }
  throw new Error(`expected Tab to come to ${target}, found none of ${MOST_STOPS} stops there`);
}

const button = (name: string | RegExp): Locator =>
  page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });
const combobox = (name: string): Locator => page.getByRole('combobox', { name });
const clipboard = (): Promise<string> => page.evaluate('navigator.clipboard.readText()');

/** Goes down a list that is closed until something is chosen. */
async function choose(name: string, value: string): Promise<void> {
  const list = combobox(name);
  await tabTo(list);
  for (let chosen = await list.inputValue(); chosen !== value; ) {
    await press('ArrowDown');
    // What is chosen goes through the address first.
    await expect.poll(() => list.inputValue(), { timeout: WAITS_MS }).not.toBe(chosen);
    chosen = await list.inputValue();
  }
}

describe('by Tab, Enter, arrows and letters alone', () => {
  it('Now is narrowed, and an event opened', async () => {
    await page.goto(program.page('#/now'));
    await choose('Time', 'date');
    await tabTo(page.getByLabel('Day', { exact: true }));
    await page.keyboard.type('11112026');
    await page.locator('.event-row').nth(2).waitFor();
    expect(page.url()).toBe(program.page(`#/now?period=${DAY}`));
    await press('Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab');
    await choose('Class', 'person');
    await page.getByText('2 events in all.').waitFor();
    await tabTo(page.locator('.event-row').first());
    await press('ArrowDown');
    await untilTrue(page, `document.activeElement?.dataset.index === '1'`);
    await press('Enter');
    await page.getByRole('heading', { name: LOBBY }).waitFor();
    await untilTrue(page, `document.querySelector('.clock time').textContent < '08:01'`);
  });

  it('Playback plays, seeks, goes from event to event, changes speed and boxes', async () => {
    await page.goto(program.page(`#/playback/${LOBBY}?at=${DAY}T08:00:16.000Z`));
    await sightAt(page, 16);
    await tabTo(button('Play'));
    await press('Enter');
    await untilTrue(page, `document.querySelector('video').currentTime > 16.5`);
    await press('Space');
    await untilTrue(page, `document.querySelector('video').paused`);
    await tabTo(button('Next event'));
    await press('Enter');
    await untilTrue(page, `document.querySelector('.clock time').textContent > '08:01:0'`);
    await choose('Speed', '2');
    await untilTrue(page, `document.querySelector('video').playbackRate === 2`);
    await page.locator('.boxes .box').first().waitFor();
    await tabTo(page.getByRole('checkbox', { name: 'Boxes' }));
    await press('Space');
    await page.locator('.boxes .box').first().waitFor({ state: 'detached' });
    const day = page.getByRole('slider', { name: 'Moment of the day' });
    await tabTo(day);
    await press('Home');
    await sightAt(page, 0);
    await press('ArrowRight');
    await sightAt(page, 5);
    expect(await day.getAttribute('aria-valuetext')).toBe('08:00:05, footage');
    await tabTo(button(/^08:01:\d\d person/));
    await press('Enter');
    await untilTrue(page, `document.querySelector('.clock time').textContent > '08:01:0'`);
  });

  it('Playback downloads a clip, and copies a link to the moment', async () => {
    await page.goto(program.page(`#/playback/${LOBBY}?at=${DAY}T08:00:16.000Z`));
    await sightAt(page, 16);
    await tabTo(button('Copy link to this moment'));
    await press('Enter');
    await page.getByText('The link to this moment is in the clipboard.').waitFor();
    expect(decodeURIComponent(await clipboard())).toBe(
      program.page(`#/playback/${LOBBY}?at=${DAY}T08:00:16.000Z`),
    );
    await tabTo(button('Starts here'));
    await press('Enter', 'ArrowRight');
    await sightAt(page, 21);
    await tabTo(button('Ends here'));
    await press('Enter');
    await tabTo(button('Download'));
    const coming = page.waitForEvent('download');
    await press('Enter');
    const clip = readFileSync((await (await coming).path())!);
    expect(clip.subarray(4, 8).toString()).toBe('ftyp');
  });

  it('Camera draws a zone, and its lines are copied', async () => {
    await page.goto(program.page(`#/camera/${LOBBY}`));
    await tabTo(page.getByRole('application'));
    await press('Enter', 'ArrowRight', 'ArrowRight', 'Enter', 'ArrowDown', 'ArrowDown', 'Enter');
    await press('Shift+ArrowLeft', 'Enter', 'Backspace');
    await tabTo(page.getByRole('textbox', { name: 'Name' }));
    await page.keyboard.type('till');
    await tabTo(button('Copy'));
    await press('Enter');
    await page.getByText('The lines are in the clipboard.').waitFor();
    expect(await clipboard()).toContain('till: [[0.5, 0.5], [0.54, 0.5], [0.54, 0.54]]');
  });

  it('Fleet shows a change of tier, and its difference is copied', async () => {
    await page.goto(program.page('#/fleet'));
    await choose(`Change ${LOBBY} to tier`, 'low');
    await tabTo(button('Copy the difference'));
    await press('Enter');
    await page.getByText('The difference is in the clipboard.').waitFor();
    expect(await clipboard()).toMatch(/^\+.*low/m);
    await press('Shift+Tab', 'Shift+Tab', 'Enter');
    await page.getByRole('heading', { name: `${LOBBY} in tier low` }).waitFor({
      state: 'detached',
    });
  });

  it('Analytics is narrowed, and gives its numbers as CSV', async () => {
    await page.goto(program.page('#/analytics?from=2026-11-10&to=2026-11-12'));
    await choose('Camera', LOBBY);
    await tabTo(page.getByRole('link', { name: 'CSV of Busiest cameras' }));
    const coming = page.waitForEvent('download');
    await press('Enter');
    expect(readFileSync((await (await coming).path())!, 'utf8')).toMatch(/^camera,segments,/);
  });

  it('a video is tried', async () => {
    // Before the page is there: the browser is told of it in good time.
    const choosing = page.waitForEvent('filechooser');
    await page.goto(program.page('#/try'));
    await tabTo(button('Choose a file'));
    await press('Enter');
    await (await choosing).setFiles(demoFile(demoKey(LANDED[0]!)));
    await tabTo(button(/person/));
    await press('Enter');
    await page.locator('.boxes .box').first().waitFor();
    const moment = page.getByRole('slider', { name: 'Moment of the video' });
    const before = Number(await moment.inputValue());
    await tabTo(button('Play'));
    await press('Enter');
    await untilTrue(page, `Number(document.querySelector('input.seek').value) > ${before + 0.5}`);
    await press('Enter');
    await untilTrue(page, `document.querySelector('video').paused`);
  });

  it('Health puts a dead letter back, and leads to what its code means', async () => {
    const bodies = await tellOfDeadLetter(page, {
      camera: LOBBY,
      segmentKey: LANDED[0]!,
      deadAt: '2026-11-11T08:02:00.000Z',
    });
    await page.goto(program.page('#/health'));
    await tabTo(button(`Put back ${LANDED[0]}`));
    await press('Enter');
    await page.getByText('1 message back in the queue.').waitFor();
    expect(bodies).toEqual(['{"ids":["7"]}']);
    await tabTo(page.getByRole('link', { name: 'footage-denied' }));
    await press('Enter');
    await page.locator('.is-asked').getByText('footage-denied').waitFor();
  });

  it('pages are gone to by their names, and colours chosen', async () => {
    await page.goto(program.page('#/now'));
    for (const name of ['Cameras', 'Playback', 'Fleet', 'Analytics', 'Try a video', 'Health']) {
      await page.goto('about:blank');
      await page.goto(program.page('#/now'));
      await tabTo(page.getByRole('navigation').getByRole('link', { name, exact: true }));
      await press('Enter');
      await page.getByRole('heading', { level: 1 }).getByText(name.split(' ')[0]!).waitFor();
    }
    await choose('Colours', 'dark');
    await untilTrue(page, `document.documentElement.dataset.theme === 'dark'`);
  });
});
