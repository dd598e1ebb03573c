import { Database } from '../adapters/embedded/database';
import { SqliteAnalytics } from '../adapters/embedded/sqlite-analytics';
import { seenIn } from '../adapters/embedded/sqlite-event-items';
import { analyticsRowOf } from '../core/analytics-row';
import { formatSegmentKey } from '../core/segment-key';
import type { Presence, SegmentItem } from '../core/segment-result';
import { Random } from '../model-build/simulator/random';
import { cameraName } from './camera-name';

export interface DayOptions {
  readonly cameras: number;
  readonly eventsPerCamera: number;
  /** Whether the segments in which nothing was seen are written too. @default true */
  readonly hasQuietSegments?: boolean;
}

export const DAY_START_MS = Date.parse('2026-11-20T00:00:00.000Z');
const SEGMENTS_A_DAY = 1440;
const EVERY_SEGMENT = Array.from({ length: SEGMENTS_A_DAY }, (_, segment) => segment);
const SEGMENT_MS = 60_000;
const EVENT_SECONDS = 20;
/** One in this many events is a truck's. */
const TRUCKS = 1000;

/**
 * Writes a day of a fleet into a new data folder, as an analysed one would leave it: an item, its pointer, its
 * camera's landing and its analytics a segment. Events begin at seeded moments; some reach into the next segment.
 */
export function writeDay(
  data: string,
  { cameras, eventsPerCamera, hasQuietSegments = true }: DayOptions,
): void {
  const database = Database.open(data);
  const analytics = new SqliteAnalytics(database);
  const random = new Random(20_261_120);
  let events = 0;
  for (let index = 0; index < cameras; index++) {
    const camera = cameraName(index);
    const presences = new Map<number, Presence[]>();
    for (let event = 0; event < eventsPerCamera; event++) {
      const atSeconds = Math.floor(random.between(0, 86_400 - EVENT_SECONDS));
      const className = events++ % TRUCKS === 0 ? 'truck' : event % 3 === 0 ? 'car' : 'person';
      addEvent(presences, { atSeconds, className, hasZone: event % 2 === 0 });
    }
    database.transaction(() => {
      const segments = hasQuietSegments
        ? EVERY_SEGMENT
        : [...presences.keys()].sort((a, b) => a - b);
      const rows = segments.map((segment) => {
        const item = itemOf(camera, segment, presences.get(segment) ?? []);
        putItem(database, item);
        return analyticsRowOf(item);
      });
      void analytics.write(rows);
      const landedAt = new Date(DAY_START_MS + SEGMENTS_A_DAY * SEGMENT_MS).toISOString();
      database.run('INSERT INTO camera_states VALUES (?, ?)', camera, landedAt);
    });
  }
  database.close();
}

/** An event as presences of the segments that it lies in. */
function addEvent(
  presences: Map<number, Presence[]>,
  event: { readonly atSeconds: number; readonly className: string; readonly hasZone: boolean },
): void {
  const { atSeconds, className, hasZone } = event;
  const toSeconds = atSeconds + EVENT_SECONDS;
  for (let segment = Math.floor(atSeconds / 60); segment * 60 < toSeconds; segment++) {
    const from = isoOf(Math.max(atSeconds, segment * 60) * 1000);
    const to = isoOf(Math.min(toSeconds, segment * 60 + 60) * 1000);
    const known = presences.get(segment) ?? [];
    presences.set(segment, known);
    for (const zone of hasZone ? ['frame', 'door'] : ['frame']) {
      known.push({
        className,
        zone,
        moving: [{ from, to, peak: 1 }],
        still: [],
        peakCount: 1,
        bestConfidence: 0.8123,
        bestAt: from,
        snapshotKey: `${segment}/0-60000/0123456789abcdef/${className}-${zone}.jpg`,
      });
    }
  }
}

/** An item and its pointer, as the store writes them. */
export function putItem(database: Database, item: SegmentItem): void {
  const id = [item.segmentKey, item.objectVersion, item.range, item.analysisId];
  const presences = JSON.stringify(item.presences);
  const span = [Date.parse(item.startedAt), Date.parse(item.endedAt)];
  database.run('INSERT INTO items VALUES (?, ?, ?, ?, ?)', ...id, JSON.stringify(item));
  database.run(
    'INSERT INTO current VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ...[...id, item.camera, ...span, item.objectKey, item.status, presences, seenIn(item)],
  );
}

/** The item of a segment of 60 s of the low tier. @param segment minutes since the day began */
export function itemOf(camera: string, segment: number, presences: Presence[]): SegmentItem {
  const startedAt = isoOf(segment * SEGMENT_MS);
  const segmentKey = formatSegmentKey({ camera, startedAt, seconds: 60, extension: 'mp4' });
  const detections = presences.map(({ className }) => ({
    className,
    confidence: 0.8123,
    box: [0.1, 0.2, 0.3, 0.4] as [number, number, number, number],
  }));
  return {
    schemaVersion: 1,
    segmentKey,
    objectKey: segmentKey,
    objectVersion: '7500000-0123abcd',
    range: '0-60000',
    analysisId: '0123456789abcdef0123456789abcdef',
    camera,
    startedAt,
    endedAt: isoOf(segment * SEGMENT_MS + SEGMENT_MS),
    analysedAt: isoOf(segment * SEGMENT_MS + SEGMENT_MS + 2000 + (segment % 700)),
    tier: 'low',
    lane: 'cpu',
    model: 'tierwatch-demo-0123',
    status: 'done',
    framesSampled: 12,
    framesDecoded: 12,
    framesInferred: presences.length > 0 ? 4 : 1,
    packetGate: { verdict: 'open', reason: 'bench', floorId: null },
    presences,
    frames: Array.from({ length: 12 }, (_, index) => ({
      atSeconds: index * 5,
      source: detections.length > 0 ? ('inferred' as const) : ('gated' as const),
      detections,
    })),
    packetSummary: { windows: [{ phaseSeconds: 0, bitsPerMacroblock: 1.25 }] },
    usage: {
      cpuSeconds: 0.07,
      wallSeconds: 0.08,
      footageSeconds: 60,
      bytesRead: 7_500_000,
      rowsWritten: 2,
      snapshotsWritten: presences.length,
      snapshotBytes: presences.length * 20_000,
      gpuMs: 0,
    },
  };
}

function isoOf(ms: number): string {
  return new Date(DAY_START_MS + ms).toISOString();
}
