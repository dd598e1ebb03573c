import type { SQSEvent } from 'aws-lambda';
import { fixedFleet } from '../../core/fleet/fixed-source';
import { parseFleet } from '../../core/fleet/parse';
import type {
  AnalysedSegment,
  AnalyticsRow,
  MetricName,
  SegmentMessage,
  Telemetry,
} from '../../core/ports';
import { ManualClock } from '../fakes/manual-clock';
import { MemoryAnalytics } from '../fakes/memory-analytics';
import { MemoryHealth } from '../fakes/memory-health';
import { MemoryQueue } from '../fakes/memory-queue';
import { MemorySnapshots } from '../fakes/memory-snapshots';
import { MemoryStore } from '../fakes/memory-store';
import { RecordingNotifier } from '../fakes/recording-notifier';

/** Telemetry that can be looked at. */
export class RecordingTelemetry implements Telemetry {
  readonly counted: Partial<Record<MetricName, number>> = {};
  readonly logged: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[] =
    [];

  count(metric: MetricName, value: number): void {
    this.counted[metric] = (this.counted[metric] ?? 0) + value;
  }

  log(level: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    this.logged.push({ level, message, fields });
  }

  messages(): string[] {
    return this.logged.map(({ message }) => message);
  }
}

export const FLEET = parseFleet(
  'fleet.yaml',
  `
notify: { ops: { stdout: true } }
sites: { site: { defaults: { tier: steady } } }
defaults: { cameraSilentMinutes: 30, healthNotify: ops }
cameras:
  site/cam: { alerts: [{ name: any, classes: [person], notify: ops }] }
  site/busy: { tier: high }
`,
);

/** Every port of the handlers in memory, at 2026-11-20T08:05Z. */
export function makeWorld() {
  const clock = new ManualClock(Date.parse('2026-11-20T08:05:00.000Z'));
  return {
    clock,
    fleet: fixedFleet(FLEET, { lanes: ['cpu', 'gpu'] }),
    store: new MemoryStore(),
    health: new MemoryHealth(),
    snapshots: new MemorySnapshots(),
    analytics: new MemoryAnalytics(),
    notifier: new RecordingNotifier(),
    telemetry: new RecordingTelemetry(),
    cpu: new MemoryQueue<SegmentMessage>(clock),
    gpu: new MemoryQueue<SegmentMessage>(clock),
    rows: new MemoryQueue<readonly AnalyticsRow[]>(clock),
  };
}

/** A person from second 10 to 20 of any segment. */
export function analysedSegment({
  segmentKey,
}: Pick<SegmentMessage, 'segmentKey'>): AnalysedSegment {
  const minute = /T08(\d\d)/.exec(segmentKey)?.[1] ?? '00';
  const at = (second: number): string => `2026-11-20T08:${minute}:${second}.000Z`;
  return {
    model: 'm',
    analysis: {
      frames: [],
      framesDecoded: 12,
      framesInferred: 3,
      packetGate: { verdict: 'off', reason: '', floorId: null },
      packetSummary: { windows: [] },
      partialReason: null,
    },
    presences: [
      {
        className: 'person',
        zone: 'frame',
        moving: [{ from: at(10), to: at(20), peak: 1 }],
        still: [],
        peakCount: 1,
        bestConfidence: 0.9,
        bestAt: at(15),
        snapshotKey: null,
      },
    ],
    snapshots: [{ className: 'person', zone: 'frame', jpeg: Uint8Array.of(1, 2, 3) }],
    durationSeconds: 60,
    cpuSeconds: 0.1,
    wallSeconds: 0.2,
    bytesRead: 10,
  };
}

/** A batch as Lambda's event source mapping hands it over. */
export function sqsEvent(...bodies: readonly unknown[]): SQSEvent {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `m${index}`,
      receiptHandle: `r${index}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '0',
        SenderId: 's',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:q',
      awsRegion: 'us-east-1',
    })),
  };
}

/** A function's context with this much time left. */
export function remaining(ms: number) {
  return { getRemainingTimeInMillis: () => ms };
}

/** S3's notification of one object. */
export function s3Notification(key: string, change: { bucket?: string; eTag?: string } = {}) {
  const { bucket = 'footage', eTag = 'etag-1' } = change;
  return {
    Records: [
      {
        eventName: 'ObjectCreated:Put',
        s3: { bucket: { name: bucket }, object: { key: encodeURIComponent(key), eTag } },
      },
    ],
  };
}
