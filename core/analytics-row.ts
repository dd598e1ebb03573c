import { FRAME_ZONE } from './camera-settings';
import type { AnalyticsRow } from './ports';
import type { SegmentItem } from './segment-result';

/**
 * One row of the time series a segment: presence seconds and peak by class over the whole picture, the
 * work it took and how late it was. A pure function of the item, so that writing it again changes nothing.
 */
export function analyticsRowOf(item: SegmentItem): AnalyticsRow {
  const { camera, usage } = item;
  const presence = item.presences
    .filter(({ zone }) => zone === FRAME_ZONE)
    .flatMap(({ className, moving, still, peakCount }) => [
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
      framesSampled: item.framesSampled,
      framesDecoded: item.framesDecoded,
      framesInferred: item.framesInferred,
      footageSeconds: usage.footageSeconds,
      cpuSeconds: usage.cpuSeconds,
      bytesRead: usage.bytesRead,
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
