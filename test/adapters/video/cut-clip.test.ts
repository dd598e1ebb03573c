import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutClip } from '../../../adapters/video/cut-clip';
import { openSegmentVideo } from '../../../adapters/video/segment-video';
import { WorkerPool } from '../../../adapters/worker/pool';
import { type EncodeOptions, encodeFrames } from '../../../model-build/simulator/encode';
import { packetsOf } from './packets';

const [WIDTH, HEIGHT, FPS] = [192, 112, 10];
let folder: string;
let files: string[];

/** Each picture is one level of grey, which tells its index. */
function* levels(count: number): Generator<Uint8Array> {
  for (let index = 0; index < count; index++) {
    yield new Uint8Array(WIDTH * HEIGHT * 3).fill(20 + 3 * index);
  }
}

async function encode(name: string, options: Partial<EncodeOptions> = {}): Promise<string> {
  const file = join(folder, name);
  const size = { widthPx: WIDTH, heightPx: HEIGHT, fps: FPS };
  const rate = { crf: 10 };
  await encodeFrames(levels(60), { file, ...size, keyframeInterval: 10, rate, ...options });
  return file;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-clip-'));
  files = [await encode('a.mp4'), await encode('b.mp4')];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Times of a file's frames, and of its keyframes (s). */
function timesOf(file: string): { frames: number[]; keyframes: number[] } {
  const video = openSegmentVideo(file);
  const { packets } = video.facts;
  video.close();
  const round = ({ atSeconds }: { atSeconds: number }): number =>
    Math.round(atSeconds * 1000) / 1000;
  return {
    frames: packets.map(round).sort((a, b) => a - b),
    keyframes: packets.filter(({ isKeyframe }) => isKeyframe).map(round),
  };
}

function levelAt(file: string, index: number): number {
  const video = openSegmentVideo(file);
  try {
    return video.pictureAt(index, 'full')!.luma(8, 8)[0]!;
  } finally {
    video.close();
  }
}

describe('a clip', () => {
  it('begins at the keyframe before its start and ends at its end, not transcoded', () => {
    const out = join(folder, 'one.mp4');
    const cut = cutClip({ parts: [{ file: files[0]!, startSeconds: -2.5 }], seconds: 2, out });
    expect(cut.earlySeconds).toBeCloseTo(0.5, 3);
    expect(cut.seconds).toBeCloseTo(2.5, 3);
    const { frames, keyframes } = timesOf(out);
    expect([frames[0], frames.length, frames.at(-1)]).toEqual([0, 25, 2.4]);
    expect(keyframes).toEqual([0, 1, 2]);
    expect(levelAt(out, 0)).toBe(levelAt(files[0]!, 20));
  });

  it.each(['h264', 'hevc'] as const)('has the very packets of its %s source', async (codec) => {
    const file = await encode(`${codec}-source.mp4`, { codec, bFrames: 2 });
    const out = join(folder, `${codec}-verbatim.mp4`);
    cutClip({ parts: [{ file, startSeconds: -2.5 }], seconds: 2, out });
    const packets = packetsOf(out);
    expect(packets[0]?.isKeyframe).toBe(true);
    expect(packets).toEqual(packetsOf(file).slice(20, 20 + packets.length));
    expect(packets.length).toBeGreaterThanOrEqual(25);
  });

  it('goes over several recordings, with the gap between them', () => {
    const out = join(folder, 'two.mp4');
    const [a, b] = files as [string, string];
    const parts = [
      { file: a, startSeconds: -5 },
      { file: b, startSeconds: 3 },
    ];
    cutClip({ parts, seconds: 5, out });
    const { frames } = timesOf(out);
    expect(frames.slice(0, 11)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 3]);
    expect(frames.at(-1)).toBeCloseTo(4.9, 2);
  });

  it('leaves out what a recording repeats of the one before it', () => {
    const out = join(folder, 'overlap.mp4');
    const [a, b] = files as [string, string];
    const parts = [
      { file: a, startSeconds: -3 },
      { file: b, startSeconds: 1.5 },
    ];
    cutClip({ parts, seconds: 6, out });
    const { frames } = timesOf(out);
    expect(new Set(frames).size).toBe(frames.length);
    expect(frames.filter((at) => at < 3)).toHaveLength(30);
    // The second one's keyframe at 3.5 s is its first behind the first one's end at 3 s.
    expect(frames.find((at) => at >= 3)).toBe(3.5);
  });

  it.each(['h264', 'hevc'] as const)('of reordered %s keeps every frame', async (codec) => {
    const file = await encode(`${codec}-b.mp4`, { codec, bFrames: 2 });
    const out = join(folder, `${codec}-clip.mp4`);
    cutClip({ parts: [{ file, startSeconds: -1 }], seconds: 2, out });
    const { frames } = timesOf(out);
    expect(frames.slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, index) => index / 10));
  });

  it.each(['h264', 'hevc'] as const)('of %s in MPEG-TS is an MP4 like any other', async (codec) => {
    const file = await encode(`${codec}.ts`, { codec, container: 'mpegts' });
    const out = join(folder, `${codec}-ts.mp4`);
    cutClip({ parts: [{ file, startSeconds: -2 }], seconds: 2, out });
    const { frames } = timesOf(out);
    expect(frames).toEqual(Array.from({ length: 20 }, (_, index) => index / 10));
    expect(levelAt(out, 0)).toBe(levelAt(file, 20));
    expect(readFileSync(out).includes(codec === 'hevc' ? 'hvc1' : 'avc1')).toBe(true);
  });

  it('is refused where there are no frames, two encodings or no video, and leaves no file', async () => {
    const out = join(folder, 'none.mp4');
    const file = files[0]!;
    const cut = (...parts: { file: string; startSeconds: number }[]) => {
      return () => cutClip({ parts, seconds: 9, out });
    };
    const first = { file, startSeconds: 0 };
    expect(cut({ file, startSeconds: -60 })).toThrow(/expected frames between those instants/);
    const other = await encode('other.mp4', { codec: 'hevc' });
    expect(cut(first, { file: other, startSeconds: 6 })).toThrow(/found another encoding/);
    const broken = join(folder, 'broken.mp4');
    writeFileSync(broken, 'not a video');
    expect(cut(first, { file: broken, startSeconds: 6 })).toThrow(/FFmpeg can't open/);
    expect(existsSync(out)).toBe(false);
  });
});

it('a clip is cut in a child process', async () => {
  const pool = new WorkerPool({ size: 1, deadlineSeconds: 60 });
  try {
    const out = join(folder, 'child.mp4');
    const parts = [{ file: files[0]!, startSeconds: 0 }];
    expect(await pool.cut({ parts, seconds: 1, out })).toMatchObject({ earlySeconds: 0 });
    expect(timesOf(out).frames).toHaveLength(10);
  } finally {
    pool.close();
  }
});
