import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PickedFile, pickPackets } from '../../../adapters/video/pick-packets';
import { openSegmentVideo } from '../../../adapters/video/segment-video';
import { type Analysis, analyseSegment } from '../../../core/analyse-segment';
import { type AnalysisSettings, PRODUCT_ANALYSIS_DEFAULTS } from '../../../core/camera-settings';
import { DEFAULT_LIMITS } from '../../../core/limits';
import { mergeParts } from '../../../core/merge-parts';
import type { Detector, PacketFloor } from '../../../core/ports';
import { presencesOf } from '../../../core/presence';
import { type EncodeOptions, encodeFrames } from '../../../model-build/simulator/encode';

const [WIDTH, HEIGHT, FPS] = [192, 112, 10];
const STARTED_AT = '2026-11-20T08:00:00.000Z';
const UNGATED = { packetGate: 'off', motionGate: false, sampleIntervalSeconds: 1 } as const;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-pick-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Quiet for the first half; then a bar moves. */
function* scene(count: number): Generator<Uint8Array> {
  for (let index = 0; index < count; index++) {
    const rgb = new Uint8Array(WIDTH * HEIGHT * 3).fill(60);
    const left = index < count / 2 ? -1 : (index * 8) % (WIDTH - 16);
    for (let y = 0; left >= 0 && y < HEIGHT; y++) {
      rgb.fill(230, (y * WIDTH + left) * 3, (y * WIDTH + left + 16) * 3);
    }
    yield rgb;
  }
}

async function encode(name: string, options: Partial<EncodeOptions> & { count?: number }) {
  const { count = 120, ...given } = options;
  const file = join(folder, name);
  const shared = { widthPx: WIDTH, heightPx: HEIGHT, fps: FPS, keyframeInterval: 10 };
  await encodeFrames(scene(count), { file, rate: { crf: 20 }, ...shared, ...given });
  return file;
}

/** "Finds" one thing a picture, as sure as its pixels say: another picture is another answer. */
const byPixels: Detector = {
  model: 'm',
  modelSha256: 's',
  classes: ['thing'],
  nms: null,
  maxBatch: 4,
  inputFor: () => ({ heightPx: HEIGHT, widthPx: WIDTH, fill: 114 }),
  infer: async (pixels, count) => {
    const bytes = pixels.length / count;
    return Array.from({ length: count }, (_, index) => {
      let hash = 0;
      for (const value of pixels.subarray(index * bytes, (index + 1) * bytes)) {
        hash = (hash * 31 + value) % 100_003;
      }
      return {
        boxes: Float32Array.of(0, 0, WIDTH, HEIGHT),
        confidences: Float32Array.of(0.5 + hash / 200_006),
        classIndexes: Int32Array.of(0),
      };
    });
  },
};

const FLOOR: PacketFloor = {
  floorId: 'floor',
  phases: [],
  all: { median: 2.5, mad: 0, samples: 100 },
};

interface Job {
  readonly settings: Partial<AnalysisSettings>;
  readonly floor?: PacketFloor;
  readonly range?: { readonly fromSeconds: number; readonly toSeconds: number };
}

async function analyse(
  file: string,
  { settings, floor, range }: Job,
  picked?: PickedFile['packets'],
): Promise<Analysis> {
  const video = openSegmentVideo(file, picked ? { picked } : range ? { range } : {});
  try {
    const { durationSeconds } = video.facts;
    const span = {
      fromSeconds: range?.fromSeconds ?? 0,
      toSeconds: Math.min(range?.toSeconds ?? Number.POSITIVE_INFINITY, durationSeconds),
    };
    const all = { ...PRODUCT_ANALYSIS_DEFAULTS, classes: ['thing'], ...settings };
    const input = { settings: all, floor: floor ?? null, range: span };
    return await analyseSegment(input, { video, detector: byPixels });
  } finally {
    video.close();
  }
}

const pick = (file: string, { settings, floor, range }: Job, maxBytes = 24 * 1024 * 1024) =>
  pickPackets({
    file,
    out: join(folder, 'part'),
    maxBytes,
    settings: { ...PRODUCT_ANALYSIS_DEFAULTS, ...settings },
    floor: floor ?? null,
    range: range ?? null,
  });

/** The analysis of what is sent, and how much that is. */
async function ofPackets(file: string, job: Job) {
  const files = pick(file, job)!;
  expect(files).toHaveLength(1);
  const [{ file: small, packets, bytes }] = files as [PickedFile];
  expect(bytes).toBe(statSync(small).size);
  return { analysis: await analyse(small, job, packets), sent: packets.sent.length, bytes };
}

describe.each([
  ['H.264 in MP4, a keyframe a second', 'k10.mp4', {}, 12],
  ['H.264 in MP4, a keyframe each 5 s', 'k50.mp4', { keyframeInterval: 50 }, 120],
  ['H.264 with B-frames', 'b.mp4', { keyframeInterval: 60, bFrames: 3 }, 120],
  ['H.264 in MPEG-TS', 'k10.ts', { container: 'mpegts' }, 12],
  ['H.264 with B-frames in MPEG-TS', 'b.ts', { container: 'mpegts', bFrames: 2 }, 12],
  ['H.264 in MKV', 'k50.mkv', { container: 'matroska', keyframeInterval: 50 }, 120],
  ['H.265 in MP4', 'hevc.mp4', { codec: 'hevc' }, 12],
  ['H.265 with open GOPs', 'open.mp4', { codec: 'hevc', keyframeInterval: 20, bFrames: 3 }, 120],
] as const)('the packets of %s', (_, name, options, sent) => {
  it(`give the whole file's analysis: ${sent} of 120 are sent`, async () => {
    const file = await encode(name, options);
    const job = { settings: UNGATED };
    const picked = await ofPackets(file, job);
    const whole = await analyse(file, job);
    expect(whole.frames.filter(({ source }) => source === 'inferred')).toHaveLength(12);
    expect([picked.analysis, picked.sent]).toEqual([whole, sent]);
  });

  it('give it with both gates at work, and in a part of the file', async () => {
    const file = await encode(name, options);
    for (const job of [
      { settings: { packetGate: 'auto', motionGate: true }, floor: FLOOR },
      { settings: { packetGate: 'auto', motionGate: false, heartbeatSeconds: 3 }, floor: FLOOR },
      { settings: { packetGate: 'auto', motionGate: true, heartbeatSeconds: 2 }, floor: FLOOR },
      { settings: UNGATED, range: { fromSeconds: 5, toSeconds: 11 } },
      { settings: { ...UNGATED, sampleIntervalSeconds: 0.1 } },
    ] as const) {
      const each = { ...job, settings: { sampleIntervalSeconds: 1, ...job.settings } };
      expect((await ofPackets(file, each)).analysis).toEqual(await analyse(file, each));
    }
  });
});

it('leaves out what the packet gate closes: a quiet scene is its first keyframe', async () => {
  const file = await encode('quiet.mp4', { count: 240 });
  const job = {
    settings: { ...UNGATED, packetGate: 'auto' },
    floor: FLOOR,
    range: { fromSeconds: 0, toSeconds: 11 },
  } as const;
  const { analysis, sent, bytes } = await ofPackets(file, job);
  expect([analysis.packetGate.verdict, sent, analysis.framesDecoded]).toEqual(['quiet', 1, 1]);
  expect(bytes).toBeLessThan(statSync(file).size / 5);
});

it('cuts what is too large at keyframes; merged, the parts are the whole file’s analysis', async () => {
  const file = await encode('large.mp4', {});
  const job = {
    settings: { ...UNGATED, heartbeatSeconds: 2, packetGate: 'auto' },
    floor: FLOOR,
  } as const;
  const [{ bytes }] = pick(file, job) as [PickedFile];
  const files = pick(file, job, bytes / 2 + 4096 + 200)!;
  expect(files.length).toBeGreaterThan(1);
  expect(files.every((one) => one.bytes <= bytes / 2 + 4096 + 200)).toBe(true);
  expect(files.every(({ packets }) => packets.keyframes.includes(packets.sent[0]!))).toBe(true);
  const whole = await analyse(file, job);
  const given = { startedAt: STARTED_AT, settings: { zones: {} } };
  const video = { widthPx: WIDTH, heightPx: HEIGHT, codec: 'h264', durationSeconds: 12 };
  const jpegBase64 = (part: number): string => Buffer.from(`part ${part}`).toString('base64');
  const parts = await Promise.all(
    files.map(async ({ file: small, packets }, part) => {
      const analysis = await analyse(small, job, packets);
      const presences = presencesOf({ frames: analysis.frames, durationSeconds: 12, ...given });
      const snapshots = presences.map(({ className, zone }) => ({
        className,
        zone,
        jpegBase64: jpegBase64(part),
      }));
      return {
        analysis: { ...analysis, frames: [...analysis.frames] },
        presences,
        snapshots,
        video,
      };
    }),
  );
  const merged = mergeParts(parts, given);
  expect(merged.analysis).toEqual(whole);
  const presences = presencesOf({ frames: whole.frames, durationSeconds: 12, ...given });
  expect(merged.presences).toEqual(presences);
  const best = parts.findIndex((one) => one.presences[0]?.bestAt === presences[0]!.bestAt);
  expect(merged.snapshots).toEqual([
    { className: 'thing', zone: 'frame', jpegBase64: jpegBase64(best) },
  ]);
});

it('sends the whole file where a keyframe alone is too large, or the motion gate forbids a cut; and leaves nothing', async () => {
  const file = await encode('none.mp4', {});
  const [{ bytes }] = pick(file, { settings: UNGATED }) as [PickedFile];
  for (const name of readdirSync(folder)) if (name.startsWith('part')) rmSync(join(folder, name));
  expect(pick(file, { settings: UNGATED }, 4096 + 100)).toBeNull();
  const moving = { settings: { ...UNGATED, motionGate: true } };
  expect(pick(file, moving, bytes / 2 + 4096)).toBeNull();
  expect(readdirSync(folder).filter((name) => name.startsWith('part'))).toEqual([]);
});

it('refuses packets that are not those that were announced', async () => {
  const file = await encode('liar.mp4', {});
  const [{ file: small, packets }] = pick(file, { settings: UNGATED }) as [PickedFile];
  const short = { ...packets, sent: packets.sent.slice(1) };
  expect(() => openSegmentVideo(small, { picked: short })).toThrow(
    'expected the 11 packets that were announced, found 12',
  );
  expect(() =>
    openSegmentVideo(small, { picked: packets, limits: { ...DEFAULT_LIMITS, maxFrames: 100 } }),
  ).toThrow('expected at most maxFrames 100, found 120');
});
