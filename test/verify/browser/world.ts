import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { launchChromium, visit } from './chromium';
import { Program } from './program';

export interface WorldOptions extends BrowserContextOptions {
  /** Segments of the demo that are analysed before the first test. */
  readonly footage?: readonly string[];
}

/** What a test of this file has; the context, as somebody who was never here, and its page are its own. */
export interface World {
  readonly browser: Browser;
  readonly program: Program;
  readonly context: BrowserContext;
  readonly page: Page;
}

/**
 * A browser and the real program for the tests of a file, which land nothing that another waits for, and a page for
 * each of them. A page that breaks its content security policy, or throws, fails its test.
 */
export function openWorld({ footage = [], ...options }: WorldOptions = {}): World {
  const world = {} as { -readonly [Part in keyof World]: World[Part] };
  const complaints: string[] = [];
  beforeAll(async () => {
    [world.browser, world.program] = await Promise.all([launchChromium(), Program.open()]);
    await world.program.analyse(footage);
  });
  beforeEach(async () => {
    const desk = { viewport: { width: 1280, height: 800 }, locale: 'en-GB' };
    world.context = await visit(world.browser, { ...desk, ...options });
    world.context.on('page', (page) => {
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        const text = message.text();
        if (/Content Security Policy|Uncaught/.test(text)) complaints.push(text);
      });
    });
    world.page = await world.context.newPage();
  });
  afterEach(async () => {
    await world.context?.close();
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await world.browser?.close();
    await world.program?.close();
  });
  return world;
}
