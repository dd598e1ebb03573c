import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framesOf, type TrueEvent } from '../../model-build/simulator/clips';
import { clipOf, expectedEvents, SCRIPTS } from '../../model-build/simulator/scripts';
import { runCli } from '../cli/run-cli';

const REQUEST = { seed: 1, seconds: 60, widthPx: 640, heightPx: 360, fps: 4 };
/** Things are seen a little after they come in and before they are gone. */
const EDGE_SECONDS = 4;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-simulator-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function secondsOf(clock: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}

/** Events that `detect` finds, by its human output. */
function detected(file: string, tier: string): TrueEvent[] {
  const { status, stdout } = runCli('detect', file, '--tier', tier);
  expect(status).toBe(0);
  const line = /^ {2}(person|vehicle) +(\d+:\d\d:\d\d) to (\d+:\d\d:\d\d)/gm;
  return [...stdout.matchAll(line)].map(([, className, from, to]) => ({
    className: className as TrueEvent['className'],
    fromSeconds: secondsOf(from!),
    toSeconds: secondsOf(to!),
  }));
}

describe.each(['street-day', 'parking', 'street-night', 'lighting-step', 'shake'])(
  'the script %s',
  (script) => {
    it('has exactly the events that its truth names, with every sample inferred and behind the gates', () => {
      const file = join(folder, `${script}.mp4`);
      const size = `${REQUEST.widthPx}x${REQUEST.heightPx}`;
      const made = runCli(
        ...['model', 'simulate', 'video', '--script', script, '--out', file],
        ...['--size', size, '--fps', '4', '--gop', '4'],
      );
      expect(made.status).toBe(0);
      const truth = JSON.parse(readFileSync(join(folder, `${script}.truth.json`), 'utf8')) as {
        events: TrueEvent[];
      };
      expect(truth.events).toEqual(expectedEvents(clipOf(script, REQUEST), 10));
      for (const tier of ['exhaustive', 'steady']) {
        const found = detected(file, tier);
        expect([tier, found.map(({ className }) => className)]).toEqual([
          tier,
          truth.events.map(({ className }) => className),
        ]);
        for (const [index, event] of found.entries()) {
          const { fromSeconds, toSeconds } = truth.events[index]!;
          expect(Math.abs(event.fromSeconds - fromSeconds)).toBeLessThanOrEqual(EDGE_SECONDS);
          expect(Math.abs(event.toSeconds - toSeconds)).toBeLessThanOrEqual(EDGE_SECONDS);
        }
      }
      expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    });
  },
);

it('draws the same pictures from the same seed, and others from another', async () => {
  const digest = async (seed: number): Promise<string> => {
    const hash = createHash('sha256');
    const clip = clipOf('street-night', {
      ...REQUEST,
      seed,
      seconds: 3,
      widthPx: 160,
      heightPx: 90,
    });
    for await (const frame of framesOf(clip)) hash.update(frame);
    return hash.digest('hex');
  };
  expect(await digest(1)).toBe(await digest(1));
  expect(await digest(1)).not.toBe(await digest(2));
});

it('repeats a scene each minute with others in it, and leaves out who would not be gone in time', () => {
  const clip = clipOf('street-day', { ...REQUEST, seconds: 110 });
  expect(
    expectedEvents(clip, 10).map(({ className, fromSeconds }) => [className, fromSeconds]),
  ).toEqual([
    ['vehicle', 5],
    ['person', 24],
    ['person', 47],
    ['vehicle', 65],
    ['person', 84],
  ]);
  expect(new Set(clip.actors.map(({ look }) => JSON.stringify(look))).size).toBe(5);
  expect(expectedEvents(clipOf('quiet', { ...REQUEST, seconds: 3600 }), 10)).toEqual([]);
});

it('names the scripts that there are', () => {
  expect(() => clipOf('heist', REQUEST)).toThrow(
    `expected one of ${Object.keys(SCRIPTS).join(', ')}`,
  );
  const { status, stderr } = runCli(
    'model',
    'simulate',
    'video',
    '--script',
    'heist',
    '--out',
    'x.mp4',
  );
  expect([status, stderr]).toEqual([2, expect.stringMatching(/street-day/)]);
});
