import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rejectionSchema } from '../../adapters/embedded/quarantine-folder';
import { type EncodeOptions, encodeFrames } from '../../model-build/simulator/encode';
import { writeAudioOnly, writeMpeg4, writeWithoutKeyframes } from './hostile-files';
import { type Finished, runCli } from './run-cli';

const ROOT = join(__dirname, '../..');
const GOOD = join(ROOT, 'demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
const CAMERA = 'site/cam';
let folder: string;
let finished: Finished;

const at = (name: string): string => join(folder, 'footage', CAMERA, name);
const data = (): string[] => ['--data', join(folder, 'data')];

function* grey(widthPx: number, heightPx: number, count: number): Generator<Uint8Array> {
  const rgb = new Uint8Array(widthPx * heightPx * 3).fill(90);
  for (let index = 0; index < count; index++) yield rgb;
}

async function encode(name: string, count: number, options: Partial<EncodeOptions> = {}) {
  const size = { widthPx: 192, heightPx: 112, ...options };
  await encodeFrames(grey(size.widthPx, size.heightPx, count), {
    file: at(name),
    fps: 10,
    keyframeInterval: 10,
    rate: { crf: 40 },
    ...size,
  });
}

function keepRatio(name: string, ratio: number): void {
  truncateSync(at(name), Math.floor(statSync(at(name)).size * ratio));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-hostile-'));
  mkdirSync(join(folder, 'footage', CAMERA), { recursive: true });
  copyFileSync(GOOD, at('20261102T080000Z_60s.mp4'));
  // Its index lies at its end, as cameras write it.
  copyFileSync(GOOD, at('20261102T080100Z_60s.mp4'));
  keepRatio('20261102T080100Z_60s.mp4', 0.6);
  writeFileSync(at('20261102T080200Z_60s.mp4'), '');
  writeFileSync(at('20261102T080300Z_60s.mp4'), 'not a video\n'.repeat(500));
  writeAudioOnly(at('20261102T080400Z_1s.mkv'));
  await encode('20261102T080500Z_6s.mp4', 60);
  writeWithoutKeyframes(at('20261102T080500Z_6s.mp4'), at('20261102T080510Z_6s.mp4'));
  await encode('20261102T080700Z_1s.mp4', 1, { widthPx: 7680, heightPx: 4320 });
  await encode('20261102T080800Z_6s.mp4', 60, { container: 'mpegts' });
  writeMpeg4(at('20261102T080900Z_1s.mp4'));
  copyFileSync(GOOD, at('20991102T080000Z_60s.mp4'));
  copyFileSync(GOOD, at('holiday video.mp4'));
  copyFileSync(GOOD, at('20261102T081000Z_60s.avi'));
  await encode('20261102T081200Z_20s.ts', 200, { container: 'mpegts' });
  keepRatio('20261102T081200Z_20s.ts', 0.6);
  // Ten hours, a frame each half minute.
  await encode('20261101T080000Z_36000s.mp4', 1200, {
    fps: 1,
    keyframeInterval: 1,
    timeOf: (index) => index * 30,
  });
  const footage = ['--footage', join(folder, 'footage')];
  finished = runCli('start', '--once', '--workers', '2', ...footage, ...data());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('says what footage without a fleet file of its own runs by', () => {
  expect(finished.stderr).toMatch(/No --fleet: all cameras \(1 now\) are in tier steady/);
});

describe('a folder of hostile files', () => {
  it('ends 3 with what was rejected counted by its reason', () => {
    const counted = finished.stdout.split('\n').filter((line) => line.startsWith('quarantined'));
    expect([finished.status, counted]).toEqual([
      3,
      [
        'quarantined 10: segment-from-future 1, segment-key 2, unreadable-video 4, unsupported-video 2, video-over-limit 1; see "tierwatch segments --status quarantined"',
      ],
    ]);
    expect(finished.stderr).not.toMatch(/\n\s+at /);
  });

  it.each([
    ['20261102T080100Z_60s.mp4', 'cut before its index', 'unreadable-video'],
    ['20261102T080200Z_60s.mp4', 'of zero bytes', 'unreadable-video'],
    ['20261102T080300Z_60s.mp4', 'of text', 'unreadable-video'],
    ['20261102T080400Z_1s.mkv', 'of sound alone', 'unsupported-video'],
    ['20261102T080510Z_6s.mp4', 'without a keyframe', 'unreadable-video'],
    ['20261102T080700Z_1s.mp4', 'of 8K', 'video-over-limit'],
    ['20261102T080900Z_1s.mp4', 'of another codec', 'unsupported-video'],
    ['20991102T080000Z_60s.mp4', 'from the future', 'segment-from-future'],
    ['holiday video.mp4', 'of another name', 'segment-key'],
    ['20261102T081000Z_60s.avi', 'of another extension', 'segment-key'],
  ])('%s, %s, lies in quarantine with its code', (name, _, code) => {
    const copy = join(folder, 'data/quarantine', CAMERA, name);
    const reason = rejectionSchema.parse(JSON.parse(readFileSync(`${copy}.json`, 'utf8')));
    expect(reason.reason).toMatch(/^"[^"]+": expected .+, found .+; \w.+$/);
    expect([reason.key, reason.code, existsSync(copy), existsSync(at(name))]).toEqual([
      `${CAMERA}/${name}`,
      code,
      true,
      true,
    ]);
    expect(readFileSync(join(ROOT, 'docs/errors.md'), 'utf8')).toContain(`\n## ${code}\n`);
  });

  it('keeps none of the others: MPEG-TS named .mp4 is done, cut MPEG-TS is partial, ten hours are ranges', () => {
    const lines = runCli('segments', '--json', '--status', 'done', ...data()).stdout.trim();
    const notes = lines.split('\n').map((line) => JSON.parse(line) as Record<string, string>);
    const names = [...new Set(notes.map(({ segmentKey }) => segmentKey!.slice(9)))];
    expect(names).toEqual([
      '20261101T080000Z_36000s.mp4',
      '20261102T080000Z_60s.mp4',
      '20261102T080500Z_6s.mp4',
      '20261102T080800Z_6s.mp4',
      '20261102T081200Z_20s.ts',
    ]);
    expect(notes.filter(({ segmentKey }) => segmentKey!.includes('36000s'))).toHaveLength(120);
    expect(notes.at(-1)!.note).toMatch(/^expected 20.0 s by its key, found 1[0-9.]+ s$/);
    expect(runCli('segments', '--status', 'waiting', ...data()).stdout).toBe('');
  });
});
