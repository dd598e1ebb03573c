import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { landRecording } from '../../../adapters/video/land';
import { openSegmentVideo } from '../../../adapters/video/segment-video';
import { TierwatchError } from '../../../core/errors';
import { planSamples } from '../../../core/sampling-plan';
import { type EncodeOptions, encodeFrames } from '../../../model-build/simulator/encode';

const [WIDTH, HEIGHT, FPS] = [192, 112, 10];
let folder: string;

/** A bar that is 8 px further right in each frame: the picture tells its own index. */
function* bars(count: number): Generator<Uint8Array> {
  for (let index = 0; index < count; index++) {
    const rgb = new Uint8Array(WIDTH * HEIGHT * 3).fill(60);
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < 16; x++)
        rgb.fill(
          230,
          (y * WIDTH + ((index * 8) % (WIDTH - 16)) + x) * 3,
          (y * WIDTH + ((index * 8) % (WIDTH - 16)) + x) * 3 + 3,
        );
    }
    yield rgb;
  }
}

async function encode(
  name: string,
  options: Partial<EncodeOptions> & { count?: number } = {},
): Promise<string> {
  const file = join(folder, name);
  await encodeFrames(bars(options.count ?? 60), {
    file,
    widthPx: WIDTH,
    heightPx: HEIGHT,
    fps: FPS,
    keyframeInterval: 10,
    rate: { crf: 20 },
    ...options,
  });
  return file;
}

/** Left edge of the bright bar, px. */
function barAt(luma: Uint8Array): number {
  const row = luma.subarray(WIDTH * 50, WIDTH * 51);
  return row.findIndex((level) => level > 140);
}

function read(file: string, intervalSeconds: number): { atSeconds: number; bar: number }[] {
  const video = openSegmentVideo(file);
  const range = { fromSeconds: 0, toSeconds: video.facts.durationSeconds };
  const seen = planSamples(video.facts.packets, intervalSeconds, range).map((sample) => {
    const glimpse = video.pictureAt(sample.packetIndex, 'gate')!;
    const gate = barAt(glimpse.luma(WIDTH, HEIGHT));
    const full = barAt(video.pictureAt(sample.packetIndex, 'full')!.luma(WIDTH, HEIGHT));
    expect(Math.abs(gate - full)).toBeLessThanOrEqual(1);
    return { atSeconds: Math.round(sample.atSeconds * 100) / 100, bar: full };
  });
  video.close();
  return seen;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-video-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['H.264 in MP4, a keyframe a second', 'k10.mp4', {}],
  ['H.264 in MP4, a keyframe each 5 s', 'k50.mp4', { keyframeInterval: 50 }],
  ['H.264 with B-frames, a keyframe each 6 s', 'b.mp4', { keyframeInterval: 60, bFrames: 3 }],
  ['H.264 in MPEG-TS', 'k10.ts', { container: 'mpegts' }],
  ['H.264 in MKV, a keyframe each 5 s', 'k50.mkv', { container: 'matroska', keyframeInterval: 50 }],
  ['H.265 in MP4', 'hevc.mp4', { codec: 'hevc', keyframeInterval: 20 }],
] as const)('%s', (_, name, options) => {
  it('gives each sample the picture of its own time', async () => {
    const seen = read(await encode(name, options), 1);
    expect(seen.map(({ atSeconds }) => atSeconds)).toEqual([0, 1, 2, 3, 4, 5]);
    const expected = seen.map(({ atSeconds }) => (atSeconds * FPS * 8) % (WIDTH - 16));
    for (const [index, { bar }] of seen.entries())
      expect(Math.abs(bar - expected[index]!)).toBeLessThanOrEqual(2);
  });
});

describe('a segment', () => {
  it('with gaps between frames is sampled by the times in the stream', async () => {
    const file = await encode('gap.mp4', { timeOf: (index) => (index < 20 ? index : index + 30) });
    expect(read(file, 1).map(({ atSeconds }) => atSeconds)).toEqual([0, 1, 5, 6, 7, 8]);
  });

  it.each([
    ['mp4', 'mp4'],
    ['ts', 'mpegts'],
    ['mkv', 'matroska'],
  ] as const)(
    'that starts at 5 s by its own clock (%s) is sampled from its first frame',
    async (extension, container) => {
      const file = await encode(`late.${extension}`, { container, timeOf: (index) => index + 50 });
      const seen = read(file, 1);
      expect(seen.map(({ atSeconds }) => atSeconds)).toEqual([0, 1, 2, 3, 4, 5]);
      for (const { atSeconds, bar } of seen) {
        expect(Math.abs(bar - ((atSeconds * FPS * 8) % (WIDTH - 16)))).toBeLessThanOrEqual(2);
      }
    },
  );

  it.each([0, 3])(
    'gives every single frame of a GOP with %d B-frames, to the last',
    async (bFrames) => {
      const file = await encode(`all-${bFrames}.mp4`, { keyframeInterval: 60, bFrames, count: 57 });
      const seen = read(file, 0.1);
      expect(seen).toHaveLength(57);
      for (const [index, { bar }] of seen.entries()) {
        expect(Math.abs(bar - ((index * 8) % (WIDTH - 16)))).toBeLessThanOrEqual(2);
      }
    },
  );

  it('in H.265 with open GOPs gives every frame, those before the next keyframe too', async () => {
    const file = await encode('open.mp4', {
      codec: 'hevc',
      keyframeInterval: 20,
      bFrames: 3,
      count: 60,
    });
    const seen = read(file, 0.1);
    expect(seen).toHaveLength(60);
    for (const [index, { bar }] of seen.entries()) {
      expect(Math.abs(bar - ((index * 8) % (WIDTH - 16)))).toBeLessThanOrEqual(2);
    }
  });

  it('is read in part by range, from the keyframe before it', async () => {
    const video = openSegmentVideo(
      await encode('range.mp4', { keyframeInterval: 50, count: 200 }),
      { range: { fromSeconds: 12, toSeconds: 15 } },
    );
    const [first] = planSamples(video.facts.packets, 1, { fromSeconds: 12, toSeconds: 15 });
    expect(first?.atSeconds).toBeCloseTo(12, 3);
    expect(
      Math.abs(
        barAt(video.pictureAt(first!.packetIndex, 'full')!.luma(WIDTH, HEIGHT)) -
          ((120 * 8) % (WIDTH - 16)),
      ),
    ).toBeLessThanOrEqual(2);
    video.close();
  });

  it('is letterboxed top left, filled with the model’s grey, and privacy masks are black', async () => {
    const video = openSegmentVideo(await encode('fit.mp4'));
    const input = { heightPx: 96, widthPx: 96, fill: 114 };
    const pixels = new Uint8Array(96 * 96 * 3);
    video.pictureAt(0, 'full')!.fitRgb(input, pixels, [
      [
        [0.5, 0],
        [1, 0],
        [1, 0.5],
        [0.5, 0.5],
      ],
    ]);
    const at = (x: number, y: number) => [
      ...pixels.subarray((y * 96 + x) * 3, (y * 96 + x) * 3 + 3),
    ];
    expect(at(95, 95)).toEqual([114, 114, 114]);
    expect(at(10, 57)).toEqual([114, 114, 114]);
    for (let y = 0; y < 28; y++) for (let x = 48; x < 96; x++) expect(at(x, y)).toEqual([0, 0, 0]);
    expect(Math.abs(at(30, 40)[0]! - 60)).toBeLessThanOrEqual(4);
    const whole = video.pictureAt(0, 'full')!.rgb(WIDTH, [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
    ]);
    expect(whole.data.every((level) => level === 0)).toBe(true);
    video.close();
  });
});

describe('hostile files', () => {
  const codeOf = (file: string): string => {
    try {
      openSegmentVideo(file).close();
      return 'opened';
    } catch (error) {
      if (!(error instanceof TierwatchError)) throw error;
      expect(error.retryable).toBe(false);
      return error.code;
    }
  };

  it('of zero bytes, text and random bytes are unreadable', () => {
    for (const [name, content] of [
      ['empty.mp4', ''],
      ['text.mp4', 'not a video\n'.repeat(500)],
      ['noise.mp4', Buffer.from(Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7919) % 251))],
    ] as const) {
      writeFileSync(join(folder, name), content);
      expect([name, codeOf(join(folder, name))]).toEqual([
        name,
        expect.stringMatching(/^(unreadable|unsupported)-video$/),
      ]);
    }
  });

  it('cut before their index are unreadable, and cut MPEG-TS gives what it has', async () => {
    const mp4 = await encode('cut.mp4');
    truncateSync(mp4, Math.floor(statSync(mp4).size * 0.6));
    expect(codeOf(mp4)).toBe('unreadable-video');
    const ts = await encode('cut.ts', { container: 'mpegts' });
    truncateSync(ts, Math.floor(statSync(ts).size * 0.6));
    const video = openSegmentVideo(ts);
    expect(video.facts.packets.length).toBeGreaterThan(20);
    expect(video.facts.packets.length).toBeLessThan(60);
    video.close();
  });

  it('with bytes turned over in the middle neither crash nor hang', async () => {
    const file = await encode('flipped.mp4');
    const bytes = readFileSync(file);
    for (let index = 3000; index < bytes.length - 3000; index += 37)
      bytes[index] = (bytes[index]! ^ 0x5a) & 0xff;
    writeFileSync(file, bytes);
    const video = openSegmentVideo(file);
    for (const [index] of video.facts.packets.entries()) video.pictureAt(index, 'full');
    video.close();
  });

  it('past a limit are refused by the limit’s name', async () => {
    const file = await encode('limits.mp4');
    const limits = { maxPixels: 1e9, maxBytes: 1e9, maxFrames: 1e9 };
    const open = (changed: object) => () =>
      openSegmentVideo(file, { limits: { ...limits, ...changed } });
    expect(open({ maxPixels: 100 })).toThrow(/maxPixels 100, found 192x112/);
    expect(open({ maxBytes: 100 })).toThrow(/maxBytes 100/);
    expect(open({ maxFrames: 10 })).toThrow(/maxFrames 10/);
  });
});

it('lands a recording as segments cut at keyframes, with nothing left aside', async () => {
  const recording = await encode('long.mp4', { count: 250 });
  const footage = join(folder, 'footage');
  const keys = landRecording({
    file: recording,
    camera: 'site/cam',
    startedAt: '2026-11-20T08:00:00.000Z',
    segmentSeconds: 10,
    footage,
    onSegment: () => {},
  });
  expect(keys).toEqual([
    'site/cam/20261120T080000Z_10s.mp4',
    'site/cam/20261120T080010Z_10s.mp4',
    'site/cam/20261120T080020Z_5s.mp4',
  ]);
  const frames = keys.map((key) => {
    const video = openSegmentVideo(join(footage, key));
    const { packets } = video.facts;
    video.close();
    expect(packets[0]).toMatchObject({ isKeyframe: true, atSeconds: 0 });
    return packets.length;
  });
  expect(frames).toEqual([100, 100, 50]);
});
