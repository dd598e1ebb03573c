import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openEmbeddedApi } from '../cli/serve/embedded-api';
import { builtPage } from '../cli/serve/page-build';
import { siteOf } from '../cli/serve/site';
import { StaticPage } from '../cli/serve/static-page';
import { listen } from '../cli/serve/web';
import { parseFleet } from '../core/fleet/parse';
import type { BareBrowser, BarePage } from './bare-browser';
import { cameraName } from './camera-name';
import { writeDay } from './fleet-day';
import { ranked } from './machine';
import { type Memory, memoryOfPage, printMemory } from './page-memory';

const ROOT = join(__dirname, '..');
/** Of its 1,440,000 segments those with nothing in them make no difference to a list of events. */
const DAY = { cameras: 1000, eventsPerCamera: 100, hasQuietSegments: false } as const;
const END_MS = Date.parse('2026-11-20T23:58:37.000Z');
const WINDOW = { width: 1280, height: 800 } as const;
/** A finger's fling, a wheel's turn (px a frame). */
const FLING_PX = 4000;
const WHEEL_PX = 120;
const WHEEL_FRAMES = 1200;
const LOAD_FRAMES = 30_000;
const STUTTER_MS = 50;
/** As the pictures of events are kept: 640 px wide. */
const PICTURE = { width: 640, height: 360, quality: 80 } as const;

export interface Scrolling {
  /** Events in the list when all of it is there: of the 100,000 that were made some touch and are one. */
  readonly events: number;
  /** Between frames while older events load at the end of a fling (ms). */
  readonly flingMs: readonly number[];
  /** Between frames at a wheel's pace through the whole list (ms). */
  readonly wheelMs: readonly number[];
  readonly memory: Memory;
  /** Of a page with nothing in it, in the same browser. */
  readonly empty: Memory;
}

/** Now, with a day of 1,000 cameras and 100,000 events, scrolled to its end and back. */
export async function measureScrolling(browser: BareBrowser): Promise<Scrolling> {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-scroll-'));
  const site = await openSite(folder);
  try {
    const empty = await memoryOfPage(browser, await browser.open('about:blank', WINDOW));
    const page = await browser.open(`${site.origin}/#/now?period=2026-11-20`, WINDOW);
    await page.until(`document.querySelector('.event-row')`);
    const flingMs = await scroll(page, { px: FLING_PX, frames: LOAD_FRAMES, isToEnd: true });
    const events = await countEvents(page);
    const up = await scroll(page, { px: -WHEEL_PX, frames: WHEEL_FRAMES / 2 });
    await page.evaluate('window.scrollTo({ top: document.body.scrollHeight / 2 })');
    const down = await scroll(page, { px: WHEEL_PX, frames: WHEEL_FRAMES / 2 });
    const memory = await memoryOfPage(browser, page);
    return { events, flingMs, wheelMs: [...up, ...down], memory, empty };
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
  const data = join(folder, 'data');
  mkdirSync(join(folder, 'footage'));
  writeDay(data, DAY);
  const api = await openEmbeddedApi({
    data,
    footage: join(folder, 'footage'),
    modelFolder: join(ROOT, 'model-build/default'),
    named: { fleet: parseFleet(file, text), texts: () => [{ file, text }] },
    allowedSites: () => 'all',
    onError: (error) => console.error(error),
  });
  const page = new StaticPage();
  page.load(await builtPage(ROOT, () => {}));
  const jpeg = await pictureOf();
  const deps = {
    ...api.deps,
    clock: { now: () => new Date(END_MS) },
    snapshots: { get: async () => jpeg },
  };
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

/** A picture with as much in it as those of cameras have: it is decoded again for each row. */
async function pictureOf(): Promise<Uint8Array> {
  const { width, height, quality } = PICTURE;
  const noise = { type: 'gaussian', mean: 110, sigma: 18 } as const;
  const image = sharp({ create: { width, height, channels: 3, background: '#777', noise } });
  return image.blur(1.2).jpeg({ quality }).toBuffer();
}

/** Scrolls so far a frame, and notes the time between frames. @param how `isToEnd`: until the list has no more */
function scroll(
  page: BarePage,
  how: { readonly px: number; readonly frames: number; readonly isToEnd?: boolean },
): Promise<number[]> {
  return page.evaluate<number[]>(`new Promise((resolve) => {
    const { px, frames, isToEnd = false } = ${JSON.stringify(how)};
    const deltas = [];
    let last = performance.now();
    const isDone = () => deltas.length >= frames ||
      (isToEnd && deltas.length % 30 === 0 && document.querySelector('.list-end')?.textContent.includes('in all'));
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

function countEvents(page: BarePage): Promise<number> {
  return page.evaluate<number>(
    `Math.round(document.querySelector('.event-rows').clientHeight / document.querySelector('.event-rows li').clientHeight)`,
  );
}

/** Two lines of frame times, and what {@link printMemory} prints. */
export function printScrolling(scrolling: Scrolling): void {
  const { events, flingMs, wheelMs, memory, empty } = scrolling;
  console.log(`\nNow with ${events} events              p50      p95      max   frames over 50 ms`);
  printFrames('fling, older events loading (ms)', flingMs);
  printFrames('wheel, all of it there (ms)', wheelMs);
  printMemory(memory, empty);
}

function printFrames(name: string, values: readonly number[]): void {
  const at = (share: number): string => ranked(values, share).toFixed(0).padStart(9);
  const slow = values.filter((ms) => ms > STUTTER_MS).length;
  const share = ((100 * slow) / values.length).toFixed(2);
  console.log(`${name.padEnd(34)}${at(0.5)}${at(0.95)}${at(1)}   ${share} % of ${values.length}`);
}
