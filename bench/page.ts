import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { BareBrowser } from './bare-browser';
import { describeMachine, printMachine, ranked } from './machine';
import { measureScrolling, printScrolling, type Scrolling } from './page-scroll';

const ROOT = join(__dirname, '..');
const FOOTAGE = join(ROOT, 'demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
const FLEET = 'defaults: { tier: steady, classes: [person, vehicle] }\n';
const VISITS = 15;
const SEGMENTS = 15;
const WAIT_MS = 90_000;

/**
 * The page in a real Chromium (TIERWATCH_CHROMIUM, else `chromium`) over the real `start` on loopback: first paint of a
 * browser that has nothing of it, its script, seconds from a segment that is done to its event on the page, and
 * frames while a list of 100,000 events scrolls (`--only-scrolling`: just those).
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { 'only-scrolling': { type: 'boolean' } },
  });
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-page-'));
  const executablePath = process.env.TIERWATCH_CHROMIUM ?? '/usr/bin/chromium';
  if (values['only-scrolling']) {
    const scrolling = await scrollingIn(executablePath);
    printMachine(describeMachine());
    printScrolling(scrolling);
    return;
  }
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const child = startProgram(folder);
  try {
    const address = await pageAddress(child);
    const visits: Visit[] = [];
    // The first brings the built page and the program into memory.
    for (let visit = -1; visit < VISITS; visit++) {
      const one = await measureVisit(browser, address);
      if (visit >= 0) visits.push(one);
    }
    const shownMs = await measureEvents(browser, { address, folder });
    await browser.close();
    const scrolling = await scrollingIn(executablePath);
    printMachine(describeMachine());
    console.log('what                                          p50      p95');
    printRow(
      'first paint (ms)',
      visits.map(({ firstPaintMs }) => firstPaintMs),
    );
    printRow(
      'first content (ms)',
      visits.map(({ firstContentMs }) => firstContentMs),
    );
    printRow(
      'script on the way, compressed (KB)',
      visits.map(({ scriptBytes }) => scriptBytes / 1000),
    );
    printRow('segment done to its event on the page (ms)', shownMs);
    printScrolling(scrolling);
  } finally {
    await browser.close();
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function scrollingIn(executablePath: string): Promise<Scrolling> {
  const browser = await BareBrowser.launch(executablePath);
  return measureScrolling(browser).finally(() => browser.close());
}

interface Visit {
  readonly firstPaintMs: number;
  readonly firstContentMs: number;
  readonly scriptBytes: number;
}

function startProgram(folder: string): ChildProcess {
  mkdirSync(join(folder, 'footage'));
  writeFileSync(join(folder, 'fleet.yaml'), FLEET);
  const at = (name: string): string => join(folder, name);
  const values = ['--footage', at('footage'), '--fleet', at('fleet.yaml'), '--data', at('data')];
  return spawn(
    process.execPath,
    [join(ROOT, 'cli/tierwatch.js'), 'start', ...values, '--workers', '1', '--port', '0'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
}

function pageAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    // Read on to its end: a program that nobody listens to stops at a full pipe.
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const address = /page: (http\S+)/.exec(line)?.[1];
      if (address) resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`start ended ${code} without a page`)));
  });
}

async function measureVisit(browser: Browser, address: string): Promise<Visit> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${address}#/now`);
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    return await page.evaluate<Visit>(`(() => {
      const paints = Object.fromEntries(
        performance.getEntriesByType('paint').map(({ name, startTime }) => [name, startTime]));
      const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'));
      return {
        firstPaintMs: paints['first-paint'],
        firstContentMs: paints['first-contentful-paint'],
        scriptBytes: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
      };
    })()`);
  } finally {
    await context.close();
  }
}

/** From the instant that a segment's row bears to its event in the list. @returns ms, a segment each */
async function measureEvents(
  browser: Browser,
  { address, folder }: { readonly address: string; readonly folder: string },
): Promise<number[]> {
  const page = await browser.newPage();
  const times: number[] = [];
  // The first loads the model.
  for (let index = 0; index <= SEGMENTS; index++) {
    const camera = `bench/camera-${index}`;
    const key = `${camera}/20261102T080000Z_60s.mp4`;
    await page.goto(`${address}#/now?period=2026-11-02&camera=${encodeURIComponent(camera)}`);
    await page.getByText('Live', { exact: true }).waitFor();
    const shown = shownAt(page);
    land(join(folder, 'footage', key));
    const shownMs = await shown;
    const { ranges } = (await (await fetch(`${address}api/segments/${key}`)).json()) as {
      ranges: readonly { readonly analysedAt: string }[];
    };
    if (index > 0) times.push(shownMs - Date.parse(ranges[0]!.analysedAt));
  }
  return times;
}

/** When the first event comes to the list, ms since 1970. */
function shownAt(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('no event came')), ${WAIT_MS});
    const look = () => {
      if (document.querySelector('.event-row')) resolve(Date.now());
      else requestAnimationFrame(look);
    };
    look();
  })`);
}

function land(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(FOOTAGE, `${file}.part`);
  renameSync(`${file}.part`, file);
}

function printRow(name: string, values: readonly number[]): void {
  const at = (share: number): string => ranked(values, share).toFixed(0).padStart(9);
  console.log(`${name.padEnd(42)}${at(0.5)}${at(0.95)}`);
}
