import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { describe, it } from 'vitest';
import { sightAt, untilTrue } from './sight';
import { openWorld } from './world';

const LOBBY = 'harbour-depot/lobby';
const FOOTAGE = Object.entries({
  'car-park': ['080000', '080100'],
  lobby: ['080000', '080100'],
  street: ['173000', '173100'],
}).flatMap(([camera, times]) =>
  times.map((time) => `harbour-depot/${camera}/20261102T${time}Z_60s.mp4`),
);
const IMAGES = join(__dirname, '../../../docs/images');

describe.runIf(process.env.TIERWATCH_SCREENSHOTS)('pictures for the README', () => {
  const world = openWorld({ footage: FOOTAGE });

  it('are taken of the demo', async () => {
    const { page, program } = world;
    await page.setViewportSize({ width: 1280, height: 780 });
    await page.goto(program.page('#/now?period=2026-11-02'));
    await page.getByText('7 events in all.').waitFor();
    await untilTrue(
      page,
      `document.querySelector('.figures').textContent.startsWith('Waiting0In work0')`,
    );
    await untilTrue(
      page,
      `(() => {
          const images = [...document.querySelectorAll('.event-row img')];
          return images.length === 7 && images.every((image) => image.naturalWidth > 0);
        })()`,
    );
    await picture(page, 'now.png');
    await page.setViewportSize({ width: 1280, height: 920 });
    await page.goto(program.page(`#/playback/${LOBBY}?at=2026-11-02T08:00:20.000Z`));
    await sightAt(page, 20);
    await page.locator('.boxes .box').first().waitFor();
    await picture(page, 'playback.png');
  });
});

async function picture(of: Page, name: string): Promise<void> {
  const png = await sharp(await of.screenshot())
    .png({ palette: true, quality: 90, compressionLevel: 9 })
    .toBuffer();
  writeFileSync(join(IMAGES, name), png);
}
