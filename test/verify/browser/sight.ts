import type { Page } from 'playwright-core';
import type { Box } from '../../../core/geometry';

/** What lies over the video at a picture. */
export interface Sight {
  /** Of the picture that the browser showed last, from the start of the recording (s). */
  readonly pictureSeconds: number;
  /** Of the picture that the boxes were drawn for (s). */
  readonly boxesSeconds: number;
  readonly boxes: readonly { readonly className: string; readonly box: Box }[];
}

/** How long anything may take on a machine with more to do than cores (ms). */
export const WAITS_MS = 90_000;

/**
 * Waits until an expression holds in the page. Playwright's own waiting evaluates text inside the page, which the
 * page's content security policy forbids. @throws {Error} after {@link WAITS_MS}
 */
export async function untilTrue(page: Page, expression: string): Promise<void> {
  const deadlineMs = performance.now() + WAITS_MS;
  while (performance.now() < deadlineMs) {
    if (await page.evaluate<boolean>(`Boolean(${expression})`)) return;
    await page.waitForTimeout(30);
  }
  throw new Error(`expected this to hold within ${WAITS_MS / 1000} s: ${expression}`);
}

/** Watches a recording as it plays, to its end at most: what lay over each picture, at most `most` of them. */
export async function watch(page: Page, most: number): Promise<Sight[]> {
  return page.evaluate<Sight[]>(`new Promise((resolve) => {
    const seen = [];
    const video = document.querySelector('video');
    const recording = video.currentSrc;
    let isOver = false;
    const end = () => {
      isOver = true;
      resolve(seen);
    };
    const onPicture = (_, { mediaTime }) => {
      requestAnimationFrame(() => {
        // A picture may still come when the page has gone on to something else.
        if (isOver) return;
        const layer = document.querySelector('.boxes');
        if (video.currentSrc !== recording || !layer) return end();
        seen.push({
          pictureSeconds: mediaTime,
          boxesSeconds: Number(layer.dataset.seconds),
          boxes: [...layer.querySelectorAll('.box')].map((one) => ({
            className: one.dataset.class,
            box: one.dataset.box.split(' ').map(Number),
          })),
        });
        if (seen.length >= ${most} || video.ended) end();
        else video.requestVideoFrameCallback(onPicture);
      });
    };
    video.requestVideoFrameCallback(onPicture);
    video.addEventListener('pause', end, { once: true });
  })`);
}

/** What lies over a video that stands, once it has settled on a moment of the recording (s). */
export async function sightAt(page: Page, seconds: number): Promise<Sight> {
  const hasSettled = `(() => {
      const video = document.querySelector('video');
      const layer = document.querySelector('.boxes');
      return video && layer && !video.seeking && Math.abs(video.currentTime - ${seconds}) < 0.15 &&
        Math.abs(Number(layer.dataset.seconds) - video.currentTime) < 0.15;
    })()`;
  await untilTrue(page, hasSettled).catch(async (error: Error) => {
    throw new Error(`${error.message}; found ${await screenOf(page)}`, { cause: error });
  });
  return page.evaluate<Sight>(`(() => {
    const layer = document.querySelector('.boxes');
    return {
      pictureSeconds: document.querySelector('video').currentTime,
      boxesSeconds: Number(layer.dataset.seconds),
      boxes: [...layer.querySelectorAll('.box')].map((one) => ({
        className: one.dataset.class,
        box: one.dataset.box.split(' ').map(Number),
      })),
    };
  })()`);
}

/** What a player that does not settle shows, for whoever reads the failure. */
function screenOf(page: Page): Promise<string> {
  return page.evaluate<string>(`(() => {
    const video = document.querySelector('video');
    const { currentTime, duration, seeking, paused, readyState, networkState } = video ?? {};
    return JSON.stringify({
      address: location.hash,
      video: video && { currentTime, duration, seeking, paused, readyState, networkState, error: video.error?.message },
      boxesSeconds: document.querySelector('.boxes')?.dataset.seconds,
      says: document.querySelector('.playback-main')?.innerText.slice(0, 300),
    });
  })()`);
}
