import { spawnSync } from 'node:child_process';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
} from 'playwright-core';
import { WAITS_MS } from './sight';

const DELAYS_MS = [0, 1200, 60, 2500, 300, 0, 700];
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
/** Nothing but the page under test is asked for anything. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A Chromium of this machine, else Debian's, installed. @throws {Error} where neither is possible */
export function findChromium(): string {
  const found = chromiumOnPath();
  if (found) return found;
  const apt = (...values: string[]): boolean =>
    spawnSync('apt-get', values, {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  const installed =
    apt('update') && apt('install', '-y', '--no-install-recommends', 'chromium')
      ? chromiumOnPath()
      : null;
  if (installed) return installed;
  throw new Error(
    '"chromium": expected a browser on the path, or apt and the right to install one, found neither',
  );
}

function chromiumOnPath(): string | null {
  const asked = process.env.TIERWATCH_CHROMIUM;
  if (asked) return asked;
  for (const name of NAMES) {
    const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return null;
}

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: FLAGS });
}

/**
 * Somebody with no cookies, who has the patience that a busy machine asks for. TIERWATCH_SLOW=6: on a processor that
 * is so many times slower than this one, with answers that come late and in another order than they were asked for.
 */
export async function visit(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(WAITS_MS);
  const rate = Number(process.env.TIERWATCH_SLOW ?? 1);
  if (rate > 1) await slowDown(context, rate);
  return context;
}

async function slowDown(context: BrowserContext, rate: number): Promise<void> {
  context.on('page', async (page) => {
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate });
  });
  let asked = 0;
  await context.route('**/api/**', async (route) => {
    const delayMs = DELAYS_MS[asked++ % DELAYS_MS.length]!;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    // Who asked may have left meanwhile.
    await route.fallback().catch(() => {});
  });
}
