import type { AnalyticsRow } from './analytics-row-schema';
import { FRAME_ZONE } from './frame-zone';
import { priceWork } from './price-work';
import { US_EAST_1 } from './prices/us-east-1';
import type { SegmentItem } from './segment-result';

/** What work costs by, and its dollars: fields of a row that add up over any rows. */
export const COST_FIELDS = [
  'footageSeconds',
  'cpuSeconds',
  'bytesRead',
  'rowsWritten',
  'snapshotsWritten',
  'snapshotBytes',
  'workUsd',
] as const;

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
    currentAt: item.analysedAt,
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

/**
 * The one row of a range: that of the version of its object that was analysed last. Who else asks for the versions
 * later, or at the same time, makes the same row.
 */
export function currentRowOf(
  item: SegmentItem,
  otherVersions: readonly SegmentItem[],
): AnalyticsRow {
  if (otherVersions.length === 0) return analyticsRowOf(item);
  const [current, ...earlier] = [item, ...otherVersions].toSorted(
    (a, b) =>
      b.analysedAt.localeCompare(a.analysedAt) || b.objectVersion.localeCompare(a.objectVersion),
  );
  const row = analyticsRowOf(current!);
  const before = earlier.map(analyticsRowOf);
  // A point of a time series keeps a field that is not written again.
  const gone = before.flatMap(({ fields }) =>
    Object.keys(fields).map((name) => [name, 0] as const),
  );
  return { ...row, fields: { ...Object.fromEntries(gone), ...row.fields }, hasEarlier: true };
}

/** Whether a row tells of an earlier analysis than another of the same range. */
export function isOutdated(
  row: Pick<AnalyticsRow, 'currentAt'>,
  by: Pick<AnalyticsRow, 'currentAt'>,
): boolean {
  return row.currentAt !== undefined && by.currentAt !== undefined && row.currentAt < by.currentAt;
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
