import type { AnalyticsRow, PacketFloor } from '../../core/ports';
import { formatSegmentKey } from '../../core/segment-key';
import type { Alert, Presence, SegmentItem } from '../../core/segment-result';

export const CAMERA = 'north-mall/entrance';
const FIRST_MS = Date.parse('2026-11-20T08:00:00.000Z');

/** Instant of a minute after the first segment's start, ISO. */
export function minute(index: number): string {
  return new Date(FIRST_MS + index * 60_000).toISOString();
}

/** A person who moves through the whole picture from an instant to another, ISO. */
export function personBetween(from: string, to: string): Presence {
  return {
    className: 'person',
    zone: 'frame',
    moving: [{ from, to, peak: 1 }],
    still: [],
    peakCount: 1,
    bestConfidence: 0.9,
    bestAt: from,
    snapshotKey: null,
  };
}

/** The quiet item of the 60 s segment that starts at a minute; `change` replaces fields. */
export function itemAt(index: number, change: Partial<SegmentItem> = {}): SegmentItem {
  const camera = change.camera ?? CAMERA;
  const startedAt = minute(index);
  const segmentKey = formatSegmentKey({ camera, startedAt, seconds: 60, extension: 'mp4' });
  return {
    schemaVersion: 1,
    segmentKey,
    objectKey: change.segmentKey ?? segmentKey,
    objectVersion: 'v1',
    range: '0-60000',
    analysisId: 'analysis-1',
    camera,
    startedAt: minute(index),
    endedAt: minute(index + 1),
    analysedAt: minute(index + 2),
    tier: 'low',
    lane: 'cpu',
    model: 'demo-0123',
    status: 'done',
    framesSampled: 1,
    framesDecoded: 1,
    framesInferred: 1,
    packetGate: { verdict: 'open', reason: 'first', floorId: null },
    presences: [],
    frames: [{ atSeconds: 0, source: 'inferred', detections: [] }],
    packetSummary: { windows: [{ phaseSeconds: 0, bitsPerMacroblock: index }] },
    usage: {
      cpuSeconds: 0.5,
      wallSeconds: 0.6,
      footageSeconds: 60,
      bytesRead: 1000,
      rowsWritten: 2,
      snapshotsWritten: 0,
      snapshotBytes: 0,
      gpuMs: 0,
    },
    ...change,
  };
}

export function alertAt(index: number, change: Partial<Alert> = {}): Alert {
  return {
    schemaVersion: 1,
    id: `alert-${index}`,
    camera: CAMERA,
    rule: 'after-hours',
    notify: 'ops',
    className: 'person',
    zone: 'door',
    at: minute(index),
    confidence: 0.9,
    segmentKey: itemAt(index).segmentKey,
    snapshotKey: null,
    status: 'pending',
    createdAt: minute(index + 2),
    ...change,
  };
}

export function floorOf(floorId: string, median: number): PacketFloor {
  const all = { median, mad: 0.5, samples: 60 };
  return { floorId, phases: [{ phaseSeconds: 0, ...all }], all };
}

export function analyticsAt(index: number, change: Partial<AnalyticsRow> = {}): AnalyticsRow {
  const camera = change.camera ?? CAMERA;
  return {
    at: minute(index),
    site: camera.split('/')[0]!,
    camera,
    tier: 'low',
    lane: 'cpu',
    model: 'demo-0123',
    segmentKey: itemAt(index, { camera }).segmentKey,
    range: '0-60000',
    fields: { cpuSeconds: 0.5, framesInferred: index },
    ...change,
  };
}
