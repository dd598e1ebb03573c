import type { Presence, SegmentItem } from '../../core/segment-result';

export const ORIGIN_MS = Date.parse('2026-11-20T08:00:00.000Z');

/** The item of the segment of 60 s that starts `index` minutes after the origin. */
export function quietItem({
  index,
  presences,
}: {
  readonly index: number;
  readonly presences: readonly Presence[];
}): SegmentItem {
  const at = (seconds: number): string => new Date(ORIGIN_MS + seconds * 1000).toISOString();
  return {
    schemaVersion: 1,
    segmentKey: `site/cam/${index}.mp4`,
    objectKey: `site/cam/${index}.mp4`,
    objectVersion: '1',
    range: '0-60000',
    analysisId: 'a',
    camera: 'site/cam',
    startedAt: at(index * 60),
    endedAt: at(index * 60 + 60),
    analysedAt: at(index * 60),
    tier: 'low',
    lane: 'cpu',
    model: 'm',
    status: 'done',
    framesSampled: 12,
    framesDecoded: 12,
    framesInferred: 12,
    packetGate: { verdict: 'off', reason: '', floorId: null },
    presences: [...presences],
    frames: [],
    packetSummary: { windows: [] },
    usage: {
      cpuSeconds: 0,
      wallSeconds: 0,
      footageSeconds: 60,
      bytesRead: 0,
      rowsWritten: 0,
      snapshotsWritten: 0,
      snapshotBytes: 0,
      gpuMs: 0,
    },
  };
}
