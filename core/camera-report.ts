import type { SegmentItem } from './segment-result';

/** What one camera's rows say about the camera itself. */
export interface CameraReport {
  readonly camera: string;
  readonly segments: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** Largest time by which a segment ended after it was analysed: the camera's clock is ahead, seconds. */
  readonly clockAheadSeconds: number;
  /** Pairs of different segments that cover the same time by more than a second. */
  readonly overlaps: {
    readonly segmentKey: string;
    readonly withSegmentKey: string;
    readonly seconds: number;
  }[];
}

/** Containers round durations: neighbours may share this much, ms. */
const TOLERANCE_MS = 1000;

type Timed = Pick<SegmentItem, 'segmentKey' | 'startedAt' | 'endedAt' | 'analysedAt'>;

/** @param items one camera's current items, by start */
export function reportCamera(camera: string, items: readonly Timed[]): CameraReport {
  const overlaps: CameraReport['overlaps'][number][] = [];
  let longest: Timed | null = null;
  let aheadMs = 0;
  for (const item of items) {
    aheadMs = Math.max(aheadMs, Date.parse(item.endedAt) - Date.parse(item.analysedAt));
    if (longest && longest.segmentKey !== item.segmentKey) {
      const endMs = Math.min(Date.parse(longest.endedAt), Date.parse(item.endedAt));
      const sharedMs = endMs - Date.parse(item.startedAt);
      if (sharedMs > TOLERANCE_MS) {
        overlaps.push({
          segmentKey: longest.segmentKey,
          withSegmentKey: item.segmentKey,
          seconds: sharedMs / 1000,
        });
      }
    }
    if (!longest || item.endedAt > longest.endedAt) longest = item;
  }
  return {
    camera,
    segments: items.length,
    firstAt: items[0]?.startedAt ?? null,
    lastAt: longest?.endedAt ?? null,
    clockAheadSeconds: aheadMs > TOLERANCE_MS ? aheadMs / 1000 : 0,
    overlaps,
  };
}
