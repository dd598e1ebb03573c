import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withVideoFrames } from '../../model-build/python-commands';
import { chooseFrames, extractVideoFrames } from '../../model-build/video-frames';

const VIDEO = join(__dirname, '../../demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-video-frames-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('writes one picture a step at the size of the video, named by its time', async () => {
  const out = join(folder, 'every');
  const frames = await extractVideoFrames({ video: VIDEO, out, everySeconds: 20 });
  expect(frames.map(({ file, atSeconds }) => [file, atSeconds])).toEqual([
    ['20261102T080000Z_60s-00000000.jpg', 0],
    ['20261102T080000Z_60s-00020000.jpg', 20],
    ['20261102T080000Z_60s-00040000.jpg', 40],
  ]);
  expect(readdirSync(out)).toEqual(frames.map(({ file }) => file));
  expect(new Set(frames.map((one) => `${one.widthPx}x${one.heightPx}`)).size).toBe(1);
});

it('spreads a limited number over the whole video', async () => {
  const out = join(folder, 'most');
  const frames = await extractVideoFrames({ video: VIDEO, out, everySeconds: 1, most: 4 });
  expect(frames.map(({ atSeconds }) => Math.round(atSeconds))).toEqual([0, 15, 30, 45]);
});

it('chooses the first packet of every step that has one, from any order of packets', () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 50 }), (ticks, step) => {
      const packets = ticks.map((atSeconds) => ({ atSeconds, bytes: 1, isKeyframe: false }));
      const rising = [...ticks].sort((a, b) => a - b);
      const stepOf = (tick: number): number => Math.floor((tick - rising[0]!) / step);
      const expected = rising.filter(
        (tick, at) => at === 0 || stepOf(tick) > stepOf(rising[at - 1]!),
      );
      expect(chooseFrames(packets, step).map((index) => ticks[index])).toEqual(expected);
    }),
  );
});

it('lends a folder of frames for a video and takes it back; folders stay as they are', async () => {
  const mine = join(folder, 'mine');
  mkdirSync(mine);
  let lent = '';
  await withVideoFrames([mine, VIDEO], { everySeconds: 30 }, async ([first, second]) => {
    expect(first).toBe(mine);
    lent = second!;
    const said = JSON.parse(readFileSync(join(lent, 'frames.json'), 'utf8')) as object[];
    expect(readdirSync(lent).length).toBe(said.length + 1);
  });
  expect([existsSync(lent), existsSync(mine)]).toEqual([false, true]);
});

it('refuses a path that is not there, and text', async () => {
  const use = async (): Promise<void> => {};
  const absent = withVideoFrames([join(folder, 'absent')], { everySeconds: 1 }, use);
  await expect(absent).rejects.toMatchObject({ code: 'model-data' });
  const text = withVideoFrames([__filename], { everySeconds: 1 }, use);
  await expect(text).rejects.toMatchObject({ code: 'unreadable-video' });
});
