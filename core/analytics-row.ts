import { z } from 'zod';
import { FRAME_ZONE } from './camera-settings';
import { priceWork } from './price-book';
import { US_EAST_1 } from './prices/us-east-1';
import type { SegmentItem } from './segment-result';

const text = z.string().min(1).max(1024);

/** One row a segment and range for the analytics; `fields` are numbers by name, with their units. */
export const analyticsRowSchema = z.strictObject({
  at: z.iso.datetime({ precision: 3 }),
  site: text,
  camera: text,
  tier: text,
  lane: z.enum(['cpu', 'gpu']),
  model: text,
  segmentKey: text,
  range: text,
  fields: z.record(text, z.number()),
});
export type AnalyticsRow = Readonly<z.infer<typeof analyticsRowSchema>>;

/** The function that the work is priced on, wherever it was done: figures of all lanes compare. */
export const PRICED_ON = { architecture: 'arm64', memoryMb: 1769 } as const;

/**
 * One row of the time series a segment: presence seconds and peak by class over the whole picture, the
 * work it took with its dollars, and how late it was. A pure function of the item, so that writing it again
 * changes nothing.
 */
export function analyticsRowOf(item: SegmentItem): AnalyticsRow {
  const { camera, usage } = item;
  const inFrame = item.presences.filter(({ zone }) => zone === FRAME_ZONE);
  const presence = inFrame.flatMap(({ className, moving, still, peakCount }) => [
    [`presenceSeconds.${className}`, coveredSeconds([...moving, ...still])] as const,
    [`peakCount.${className}`, peakCount] as const,
  ]);
  return {
    at: item.startedAt,
    site: camera.split('/')[0]!,
    camera,
    tier: item.tier,
    lane: item.lane,
    model: item.model,
    segmentKey: item.segmentKey,
    range: item.range,
    fields: {
      ...Object.fromEntries(presence),
      movingSeconds: coveredSeconds(inFrame.flatMap(({ moving }) => moving)),
      framesSampled: item.framesSampled,
      framesDecoded: item.framesDecoded,
      framesInferred: item.framesInferred,
      footageSeconds: usage.footageSeconds,
      cpuSeconds: usage.cpuSeconds,
      gpuMs: usage.gpuMs,
      bytesRead: usage.bytesRead,
      rowsWritten: usage.rowsWritten,
      snapshotsWritten: usage.snapshotsWritten,
      snapshotBytes: usage.snapshotBytes,
      workUsd: priceWork({ ...usage, segments: 1 }, PRICED_ON, US_EAST_1),
      lagSeconds: Math.max(0, (Date.parse(item.analysedAt) - Date.parse(item.endedAt)) / 1000),
    },
  };
}

/** Seconds that at least one interval covers. */
function coveredSeconds(
  intervals: readonly { readonly from: string; readonly to: string }[],
): number {
  let coveredMs = 0;
  let endMs = Number.NEGATIVE_INFINITY;
  const sorted = intervals.toSorted((a, b) => a.from.localeCompare(b.from));
  for (const { from, to } of sorted) {
    const [fromMs, toMs] = [Math.max(endMs, Date.parse(from)), Date.parse(to)];
    coveredMs += Math.max(0, toMs - fromMs);
    endMs = Math.max(endMs, toMs);
  }
  return coveredMs / 1000;
}
