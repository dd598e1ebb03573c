import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { landRecording } from '../adapters/video/land';
import { openSegmentVideo } from '../adapters/video/segment-video';
import { parseSegmentKey } from '../core/segment-key';

export const SEGMENT_SECONDS = 60;
const ORIGIN = '2026-01-01T00:00:00.000Z';

export interface LandedSegment {
  readonly file: string;
  /** Where it begins in the clip (s). */
  readonly fromSeconds: number;
  readonly durationSeconds: number;
}

/** A clip as it lands: files of about {@link SEGMENT_SECONDS} cut at keyframes, in a folder that `remove` deletes. */
export interface LandedClip {
  readonly segments: readonly LandedSegment[];
  readonly durationSeconds: number;
  readonly widthPx: number;
  readonly heightPx: number;
  remove(): void;
}

export function landClip(clip: string): LandedClip {
  const footage = mkdtempSync(join(tmpdir(), 'tierwatch-bench-clip-'));
  const keys = landRecording({
    file: clip,
    camera: 'bench/clip',
    startedAt: ORIGIN,
    segmentSeconds: SEGMENT_SECONDS,
    footage,
    onSegment: () => {},
  });
  const facts = keys.map((key) => {
    const video = openSegmentVideo(join(footage, key));
    video.close();
    return video.facts;
  });
  const segments = keys.map((key, index) => ({
    file: join(footage, key),
    fromSeconds: (Date.parse(parseSegmentKey(key).startedAt) - Date.parse(ORIGIN)) / 1000,
    durationSeconds: facts[index]!.durationSeconds,
  }));
  const last = segments.at(-1)!;
  const { widthPx, heightPx } = facts[0]!;
  return {
    segments,
    durationSeconds: last.fromSeconds + last.durationSeconds,
    widthPx,
    heightPx,
    remove: () => rmSync(footage, { recursive: true }),
  };
}
