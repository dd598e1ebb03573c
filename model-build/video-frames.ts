import { mkdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import sharp from 'sharp';
import { openSegmentVideo } from '../adapters/video/segment-video';
import type { PacketFact } from '../core/ports';
import { ModelDataError } from './errors';

export interface VideoFramesRequest {
  readonly video: string;
  /** Folder of the pictures; made where it is not there. */
  readonly out: string;
  /** Time between two pictures, seconds. */
  readonly everySeconds: number;
  /** Spreads at most so many over the whole video. @default no limit */
  readonly most?: number;
  readonly onProgress?: (done: number, of: number) => void;
}

export interface VideoFrame {
  readonly file: string;
  readonly video: string;
  /** From the first frame of the video, seconds. */
  readonly atSeconds: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

const JPEG_QUALITY = 95;

/** Writes pictures of a video at even times, decoded as the road decodes. @throws {ModelDataError} */
export async function extractVideoFrames(request: VideoFramesRequest): Promise<VideoFrame[]> {
  const { video, out, everySeconds, most = Number.POSITIVE_INFINITY } = request;
  mkdirSync(out, { recursive: true });
  const opened = openSegmentVideo(video);
  try {
    const { packets, durationSeconds, widthPx } = opened.facts;
    const step = Math.max(everySeconds, durationSeconds / most);
    const picks = chooseFrames(packets, step);
    const frames: VideoFrame[] = [];
    for (const [done, index] of picks.entries()) {
      request.onProgress?.(done + 1, picks.length);
      const picture = opened.pictureAt(index, 'full');
      if (picture === null) continue;
      const { data, ...size } = picture.rgb(widthPx, []);
      const name = basename(video, extname(video)).replaceAll(/[^A-Za-z0-9._-]/g, '_');
      const file = `${name}-${String(Math.round(picture.atSeconds * 1000)).padStart(8, '0')}.jpg`;
      await sharp(data, { raw: { width: size.widthPx, height: size.heightPx, channels: 3 } })
        .jpeg({ quality: JPEG_QUALITY })
        .toFile(join(out, file));
      frames.push({ file, video: basename(video), atSeconds: picture.atSeconds, ...size });
    }
    if (frames.length > 0) return frames;
    throw new ModelDataError(
      `"${video}": expected frames that can be decoded, found none; name another video`,
    );
  } finally {
    opened.close();
  }
}

/** Indexes of the first packet of every step from the first packet on, in rising time; seconds. */
export function chooseFrames(packets: readonly PacketFact[], stepSeconds: number): number[] {
  const byTime = packets
    .map(({ atSeconds }, index) => ({ atSeconds, index }))
    .sort((a, b) => a.atSeconds - b.atSeconds);
  const startSeconds = byTime[0]?.atSeconds ?? 0;
  const chosen: number[] = [];
  let lastStep = -1;
  for (const { atSeconds, index } of byTime) {
    const step = Math.floor((atSeconds - startSeconds) / stepSeconds + 1e-6);
    if (step === lastStep) continue;
    chosen.push(index);
    lastStep = step;
  }
  return chosen;
}
