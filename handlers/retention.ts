import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { staysOf } from '../core/events';
import type {
  Clock,
  FleetSource,
  FootageShelf,
  Queue,
  SegmentStore,
  ShelvedObject,
  Telemetry,
} from '../core/ports';
import { planRetention, type StoredSegment } from '../core/retention';
import { isSegmentKey, parseSegmentKey } from '../core/segment-key';
import { workBatch } from './batch';

export const retentionMessageSchema = z.strictObject({ camera: z.string().min(1).max(256) });
export type RetentionMessage = z.infer<typeof retentionMessageSchema>;

export interface RetentionDeps {
  readonly shelf: FootageShelf;
  readonly store: Pick<SegmentStore, 'itemsOfCamera' | 'cameras'>;
  readonly fleet: Pick<FleetSource, 'resolve'>;
  readonly queue: Pick<Queue<RetentionMessage>, 'send'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** `report` only counts. */
  readonly mode: 'report' | 'enforce';
  /** Most objects that one message deletes; the rest waits for the next run. */
  readonly maxObjects: number;
}

const HOUR_MS = 3_600_000;
/** Presence this long before the oldest footage may still reach into it, ms. */
const BEFORE_MS = 24 * HOUR_MS;

/**
 * On a schedule: one message a camera. From the queue: deletes what is analysed, quiet and older than
 * `quietDays`, or over `maxBytes`, by core's rule from rows; never what was not analysed, and evidence is left to lifecycle. The
 * only function that may delete footage.
 */
export function createRetention(
  deps: RetentionDeps,
): (event: SQSEvent | { readonly source: 'schedule' }) => Promise<SQSBatchResponse> {
  return async (event) => {
    if (!('Records' in event)) {
      const cameras = await deps.store.cameras();
      await deps.queue.send(cameras.map((camera) => ({ body: { camera } })));
      return { batchItemFailures: [] };
    }
    return workBatch(event, async ({ body, messageId }) => {
      const message = retentionMessageSchema.safeParse(parseJson(body));
      if (message.success) await expireCamera(message.data.camera, deps);
      else {
        deps.telemetry.count('refusedMessages', 1);
        deps.telemetry.log('error', 'expected a camera, found another form', { messageId });
      }
    });
  };
}

async function expireCamera(camera: string, deps: RetentionDeps): Promise<void> {
  const { shelf, store, fleet, clock, telemetry, mode, maxObjects } = deps;
  const now = clock.now().toISOString();
  const { settings } = await fleet.resolve(camera, now);
  const objects = new Map<string, ShelvedObject>();
  const segments: StoredSegment[] = [];
  for await (const object of shelf.list(camera)) {
    if (!isSegmentKey(object.objectKey)) continue;
    objects.set(object.objectKey, object);
    segments.push(segmentOf(object));
  }
  if (segments.length === 0) return;
  const oldestAt = segments.reduce(
    (least, { startedAt }) => (startedAt < least ? startedAt : least),
    now,
  );
  const from = new Date(Date.parse(oldestAt) - BEFORE_MS).toISOString();
  const items = await Array.fromAsync(store.itemsOfCamera(camera, { from }));
  const stays = staysOf(items, settings);
  // Evidence is lifecycle's: it is archived at `eventDays` and expires at `archiveDays`.
  const eventDays = Number.POSITIVE_INFINITY;
  const options = { ...settings, ...settings.retention, eventDays };
  const expired = planRetention({ segments, items, stays, settings: options, now })
    .slice(0, maxObjects)
    .map(({ objectKey }) => objects.get(objectKey)!);
  if (mode === 'enforce') await shelf.delete(expired);
  const bytes = expired.reduce((sum, object) => sum + object.bytes, 0);
  telemetry.count('expiredObjects', expired.length);
  telemetry.count('expiredBytes', bytes);
  telemetry.count('oldestUnanalysedHours', oldestUnanalysedHours(segments, items, now));
  telemetry.log('info', mode === 'enforce' ? 'footage deleted' : 'footage would be deleted', {
    camera,
    objects: expired.length,
    bytes,
  });
}

function segmentOf({ objectKey, objectVersion, bytes }: ShelvedObject): StoredSegment {
  const { camera, startedAt, seconds } = parseSegmentKey(objectKey);
  const endedAt = new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
  return { segmentKey: objectKey, objectKey, objectVersion, camera, startedAt, endedAt, bytes };
}

function oldestUnanalysedHours(
  segments: readonly StoredSegment[],
  items: readonly { readonly segmentKey: string }[],
  now: string,
): number {
  const analysed = new Set(items.map(({ segmentKey }) => segmentKey));
  return segments
    .filter(({ segmentKey }) => !analysed.has(segmentKey))
    .map(({ endedAt }) => (Date.parse(now) - Date.parse(endedAt)) / HOUR_MS)
    .reduce((most, hours) => Math.max(most, hours), 0);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
