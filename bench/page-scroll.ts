import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openEmbeddedApi } from '../cli/serve/embedded-api';
import { builtPage } from '../cli/serve/page-build';
import { siteOf } from '../cli/serve/site';
import { StaticPage } from '../cli/serve/static-page';
import { listen } from '../cli/serve/web';
import { parseFleet } from '../core/fleet/parse';
import { cameraName } from './camera-name';
import { writeDay } from './fleet-day';

const ROOT = join(__dirname, '..');
/** Some of a camera's events touch and are one: about 100,000 are left. */
const DAY = { cameras: 100, eventsPerCamera: 1300 } as const;
const EVENTS = 100_000;
const END_MS = Date.parse('2026-11-20T23:58:37.000Z');
/** A finger's fling, a wheel's turn (px a frame). */
const FLING_PX = 4000;
const WHEEL_PX = 120;
const WHEEL_FRAMES = 1200;
const LOAD_FRAMES = 30_000;
const STUTTER_MS = 50;

export interface Scrolling {
  /** Events in the list when all of it, or enough of it, is there. */
  readonly events: number;
  /** Between frames while older events load at the end of a fling (ms). */
  readonly flingMs: readonly number[];
  /** Between frames at a wheel's pace through the whole list (ms). */
  readonly wheelMs: readonly number[];
  readonly heapBytes: number;
  /** Private memory of the process that has the page, with what Chromium itself takes. */
  readonly processBytes: number;
}

/** Now, with a day of 100,000 events, scrolled to its end and back. */
export async function measureScrolling(browser: Browser): Promise<Scrolling> {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-scroll-'));
  const site = await openSite(folder);
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${site.origin}/#/now?period=2026-11-20`);
    await page.locator('.event-row').first().waitFor();
    const flingMs = await scroll(page, { px: FLING_PX, frames: LOAD_FRAMES, untilEvents: EVENTS });
    const events = await countEvents(page);
    const up = await scroll(page, { px: -WHEEL_PX, frames: WHEEL_FRAMES / 2 });
    await page.evaluate('window.scrollTo({ top: document.body.scrollHeight / 2 })');
    const down = await scroll(page, { px: WHEEL_PX, frames: WHEEL_FRAMES / 2 });
    return { events, flingMs, wheelMs: [...up, ...down], ...(await memoryOf(browser, page)) };
  } finally {
    site.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The page and the api over the day, with the day's end as their now. */
async function openSite(folder: string): Promise<{ origin: string; close(): void }> {
  const names = Array.from({ length: DAY.cameras }, (_, index) => `  ${cameraName(index)}: {}`);
  const text = `defaults: { tier: low }\ncameras:\n${names.join('\n')}\n`;
  const file = 'fleet.yaml';
  mkdirSync(join(folder, 'footage'));
  writeDay(join(folder, 'data'), DAY);
  const api = await openEmbeddedApi({
    data: join(folder, 'data'),
    footage: join(folder, 'footage'),
    modelFolder: join(ROOT, 'model-build/default'),
    named: { fleet: parseFleet(file, text), texts: () => [{ file, text }] },
    allowedSites: () => 'all',
    onError: (error) => console.error(error),
  });
  const page = new StaticPage();
  page.load(await builtPage(ROOT, () => {}));
  const deps = { ...api.deps, clock: { now: () => new Date(END_MS) } };
  const server = await listen(siteOf(deps, { isKnownHost: () => true, page }), {
    host: '127.0.0.1',
    port: 0,
  });
  return {
    origin: server.origin,
    close: () => {
      server.close();
      api.close();
    },
  };
}

/** Scrolls so far a frame, and notes the time between frames. @param how `untilEvents`: ends once the list is so long */
function scroll(
  page: Page,
  how: { readonly px: number; readonly frames: number; readonly untilEvents?: number },
): Promise<number[]> {
  return page.evaluate<number[]>(`new Promise((resolve) => {
    const { px, frames, untilEvents = Infinity } = ${JSON.stringify(how)};
    const rows = () => document.querySelector('.event-rows').clientHeight / document.querySelector('.event-rows li').clientHeight;
    const deltas = [];
    let last = performance.now();
    const isDone = () => deltas.length >= frames || (deltas.length % 30 === 0 && (rows() >= untilEvents || document.querySelector('.list-end').textContent.includes('in all')) && untilEvents !== Infinity);
    const step = (now) => {
      deltas.push(now - last);
      last = now;
      if (isDone()) return resolve(deltas.slice(1));
      window.scrollBy(0, px);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })`);
}

function countEvents(page: Page): Promise<number> {
  return page.evaluate<number>(
    `Math.round(document.querySelector('.event-rows').clientHeight / document.querySelector('.event-rows li').clientHeight)`,
  );
}

async function memoryOf(
  browser: Browser,
  page: Page,
): Promise<Pick<Scrolling, 'heapBytes' | 'processBytes'>> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const whole = await browser.newBrowserCDPSession();
  const { processInfo } = await whole.send('SystemInfo.getProcessInfo');
  const privateOf = (id: number): number => {
    const lines = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8').match(/^Private_.*$/gm) ?? [];
    return lines.reduce((sum, line) => sum + Number(/(\d+) kB/.exec(line)?.[1] ?? 0) * 1024, 0);
  };
  const pages = processInfo.filter(({ type }) => type === 'renderer');
  const processBytes = Math.max(...pages.map(({ id }) => privateOf(id)));
  return { heapBytes: usedSize, processBytes };
}

/** Two lines of frame times, and one of memory. */
export function printScrolling({ events, heapBytes, processBytes, ...frames }: Scrolling): void {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  console.log(`\nNow with ${events} events              p50      p95      max   frames over 50 ms`);
  printFrames('fling, older events loading (ms)', frames.flingMs);
  printFrames('wheel, all of it there (ms)', frames.wheelMs);
  console.log(
    `memory after it: ${megabytes(heapBytes)} MB of heap, ${megabytes(processBytes)} MB private to the page's process`,
  );
}

function printFrames(name: string, values: readonly number[]): void {
  const ranked = values.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (ranked[Math.ceil(share * ranked.length) - 1] ?? Number.NaN).toFixed(0).padStart(9);
  const slow = values.filter((ms) => ms > STUTTER_MS).length;
  const share = ((100 * slow) / values.length).toFixed(2);
  console.log(`${name.padEnd(34)}${at(0.5)}${at(0.95)}${at(1)}   ${share} % of ${values.length}`);
}
