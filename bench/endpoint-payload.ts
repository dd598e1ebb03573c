import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type PickedFile, pickPackets } from '../adapters/video/pick-packets';
import { openSegmentVideo } from '../adapters/video/segment-video';
import type { AnalysisSettings } from '../core/camera-settings';
import { endpointAnswerSchema, picturesAnswerSchema } from '../core/endpoint-contract';
import { planSamples } from '../core/sampling-plan';

/** One way to hand a segment over: what travels, and what the function spends on it. */
export interface Handover {
  readonly way: 'packets' | 'JPEG' | 'small JPEG' | 'whole segment';
  readonly bytes: number;
  readonly cpuMs: number;
  /** What the server finds in it. */
  readonly detections: number;
}

const ROUNDS = 10;
/** Width of the model's 16:9 input (px). */
const SMALL_WIDTH_PX = 320;
const JPEG_QUALITY = 80;

/** Payload and the function's CPU of each way for the same samples, and the detections that come back. */
export async function measureHandovers(
  url: string,
  footage: string,
  settings: AnalysisSettings,
): Promise<Handover[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-bench-'));
  const bodyOf = (media: readonly Uint8Array[], type: string, more: object = {}): FormData => {
    const form = new FormData();
    const given = { schemaVersion: 1, camera: 'bench/camera-0', startedAt: '2026-11-02T08:00:00Z' };
    const rest = { settings, floor: null, range: null, wantsSnapshots: false, deadlineMs: 120_000 };
    form.set('settings', JSON.stringify({ ...given, ...rest, ...more }));
    for (const one of media)
      form.append('media', new Blob([one as Uint8Array<ArrayBuffer>], { type }));
    return form;
  };
  const ask = async (body: FormData): Promise<unknown> => {
    const response = await fetch(`${url}/invocations`, { method: 'POST', body });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return response.json();
  };
  const ofVideo = async (body: FormData): Promise<number> => {
    const { analysis } = endpointAnswerSchema.parse(await ask(body));
    return analysis.frames.reduce((sum, { detections }) => sum + detections.length, 0);
  };
  const ofPictures = async (jpegs: readonly Uint8Array[]): Promise<number> => {
    const { pictures } = picturesAnswerSchema.parse(await ask(bodyOf(jpegs, 'image/jpeg')));
    return pictures.reduce((sum, { detections }) => sum + detections.length, 0);
  };
  const pick = (): PickedFile => {
    const job = { file: footage, out: join(folder, 'part'), maxBytes: 24 * 1024 * 1024 };
    return pickPackets({ ...job, settings, floor: null, range: null })![0]!;
  };
  try {
    const picked = pick();
    const whole = readFileSync(footage);
    const [large, small] = [
      await jpegsOf(footage, settings),
      await jpegsOf(footage, settings, SMALL_WIDTH_PX),
    ];
    const sizeOf = (jpegs: readonly Uint8Array[]): number =>
      jpegs.reduce((sum, { length }) => sum + length, 0);
    const packets = { packets: picked.packets };
    return [
      {
        way: 'packets',
        bytes: picked.bytes + JSON.stringify(packets).length,
        cpuMs: await cpuMsOf(pick),
        detections: await ofVideo(bodyOf([readFileSync(picked.file)], 'video/mp4', packets)),
      },
      {
        way: 'JPEG',
        bytes: sizeOf(large),
        cpuMs: await cpuMsOf(() => jpegsOf(footage, settings)),
        detections: await ofPictures(large),
      },
      {
        way: 'small JPEG',
        bytes: sizeOf(small),
        cpuMs: await cpuMsOf(() => jpegsOf(footage, settings, SMALL_WIDTH_PX)),
        detections: await ofPictures(small),
      },
      {
        way: 'whole segment',
        bytes: whole.length,
        cpuMs: await cpuMsOf(() => readFileSync(footage)),
        detections: await ofVideo(bodyOf([whole], 'video/mp4')),
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same samples, decoded and encoded again. */
async function jpegsOf(
  footage: string,
  { sampleIntervalSeconds }: AnalysisSettings,
  maxWidthPx = Number.MAX_SAFE_INTEGER,
): Promise<Uint8Array[]> {
  const video = openSegmentVideo(footage);
  try {
    const { packets, durationSeconds } = video.facts;
    const range = { fromSeconds: 0, toSeconds: durationSeconds };
    const jpegs: Uint8Array[] = [];
    for (const { packetIndex } of planSamples(packets, sampleIntervalSeconds, range)) {
      const {
        data,
        widthPx: width,
        heightPx: height,
      } = video.pictureAt(packetIndex, 'full')!.rgb(maxWidthPx, []);
      jpegs.push(
        await sharp(data, { raw: { width, height, channels: 3 } })
          .jpeg({ quality: JPEG_QUALITY })
          .toBuffer(),
      );
    }
    return jpegs;
  } finally {
    video.close();
  }
}

/** CPU of one round (ms), the mean of several after a first. */
async function cpuMsOf(work: () => unknown): Promise<number> {
  await work();
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / ROUNDS;
}
