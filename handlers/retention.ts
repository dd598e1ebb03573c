import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { staysOf } from '../core/events';
import { keyMapOf } from '../core/fleet/check-keys';
import { looksOfCamera, sharedLooks } from '../core/layout-looks';
import { QUEUE_KEPT_DAYS } from '../core/limits';
import { parseJson } from '../core/parse-json';
import type {
  Clock,
  DeletionLog,
  FleetSource,
  FootageShelf,
  Quarantine,
  Queue,
  SegmentStore,
  ShelvedObject,
  Telemetry,
} from '../core/ports';
import { planRetention, type StoredSegment } from '../core/retention';
import { isSegmentKey, parseSegmentKey } from '../core/segment-key';
import { lookThrough, oldestOf, type Unanalysed } from '../core/unanalysed';
import { workBatch } from './batch';

/** A camera whose footage is looked through, or a prefix that cameras of a customer's own layout share. */
export const retentionMessageSchema = z.union([
  z.strictObject({ camera: z.string().min(1).max(256) }),
  z.strictObject({ prefix: z.string().max(1024) }),
]);
export type RetentionMessage = z.infer<typeof retentionMessageSchema>;

export interface RetentionDeps {
  readonly shelf: FootageShelf;
  readonly store: Pick<SegmentStore, 'itemsOfCamera' | 'cameras'>;
  readonly quarantine: Pick<Quarantine, 'isRejected'>;
  readonly deletions: Pick<DeletionLog, 'note'>;
  readonly fleet: Pick<FleetSource, 'resolve' | 'index'> & {
    /** `site/camera` of every camera that the fleet names. */
    cameras(): Promise<readonly string[]>;
  };
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
 * only function that may delete footage. Of what has no row it tells the age, also in a layout that `keyPatterns` map.
 */
export function createRetention(
  deps: RetentionDeps,
): (event: SQSEvent | { readonly source: 'schedule' }) => Promise<SQSBatchResponse> {
  return async (event) => {
    if (!('Records' in event)) {
      await deps.queue.send((await messagesOfToday(deps)).map((body) => ({ body })));
      return { batchItemFailures: [] };
    }
    return workBatch(event, async ({ body, messageId }) => {
      const message = retentionMessageSchema.safeParse(parseJson(body));
      if (!message.success) {
        deps.telemetry.count('refusedMessages', 1);
        deps.telemetry.log('error', 'expected a camera, found another form', { messageId });
        return;
      }
      try {
        if ('prefix' in message.data) await lookUnder([message.data.prefix], deps);
        else {
          await expireCamera(message.data.camera, deps);
          await lookForCamera(message.data.camera, deps);
        }
      } catch (error) {
        // Of a dead letter this line is all there is: the function may write no note of its own.
        const cause = error instanceof Error ? error.message : String(error);
        deps.telemetry.log('error', 'tried again later', { ...message.data, messageId, cause });
        throw error;
      }
    });
  };
}

/** Every camera that landed something or that the fleet names, and what several of them share. */
async function messagesOfToday({
  store,
  fleet,
  clock,
}: RetentionDeps): Promise<RetentionMessage[]> {
  const [landed, named, index] = await Promise.all([
    store.cameras(),
    fleet.cameras(),
    fleet.index(),
  ]);
  const cameras = [...new Set([...landed, ...named])].sort();
  const sites = [
    ...Object.keys(index.sites),
    ...index.keyPatterns.flatMap(({ site }) => site ?? []),
    ...cameras.map((camera) => camera.split('/')[0]!),
  ];
  const prefixes = sharedLooks(index, [...new Set(sites)], clock.now().toISOString());
  return [...cameras.map((camera) => ({ camera })), ...prefixes.map((prefix) => ({ prefix }))];
}

async function lookForCamera(camera: string, deps: RetentionDeps): Promise<void> {
  const index = await deps.fleet.index();
  await lookUnder(looksOfCamera(index, camera, deps.clock.now().toISOString()), deps);
}

/** A customer's own layout: nothing is deleted there, and what has no row is told of. */
async function lookUnder(prefixes: readonly string[], deps: RetentionDeps): Promise<void> {
  if (prefixes.length === 0) return;
  const mapKey = keyMapOf(await deps.fleet.index());
  for (const prefix of prefixes) {
    const { oldest, isCapped } = await lookThrough(prefix, { ...deps, mapKey });
    tellUnanalysed(oldest, deps);
    if (!isCapped) continue;
    deps.telemetry.count('cappedLooks', 1);
    deps.telemetry.log('warn', 'more footage than one look lists: not all of it was compared', {
      prefix,
    });
  }
}

async function expireCamera(camera: string, deps: RetentionDeps): Promise<void> {
  const { shelf, store, deletions, fleet, clock, telemetry, mode, maxObjects } = deps;
  const now = clock.now().toISOString();
  const { settings } = await fleet.resolve(camera, now);
  const stored = new Map<string, StoredSegment>();
  for await (const object of shelf.list(`${camera}/`)) {
    if (isSegmentKey(object.objectKey)) stored.set(object.objectKey, segmentOf(object));
  }
  const segments = [...stored.values()];
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
    .map(({ objectKey, reason }) => ({ ...stored.get(objectKey)!, reason }));
  if (mode === 'enforce') {
    // First: whoever asks for what is gone learns since when and why, whatever fails in between.
    await deletions.note(camera, expired, now);
    await shelf.delete(expired);
  }
  const bytes = expired.reduce((sum, object) => sum + object.bytes, 0);
  telemetry.count('expiredObjects', expired.length);
  telemetry.count('expiredBytes', bytes);
  const analysed = new Set(items.map(({ segmentKey }) => segmentKey));
  const without = segments.filter(({ segmentKey }) => !analysed.has(segmentKey));
  const oldest = await oldestOf(
    without.map((object) => ({ object, at: object.endedAt })),
    deps,
  );
  tellUnanalysed(oldest, deps);
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

/** The alarm hears of the number, whoever follows it reads the key. */
function tellUnanalysed(oldest: Unanalysed | null, { clock, telemetry }: RetentionDeps): void {
  const hours = oldest ? (clock.now().getTime() - Date.parse(oldest.at)) / HOUR_MS : 0;
  telemetry.count('oldestUnanalysedHours', Math.max(0, hours));
  if (!oldest || hours <= QUEUE_KEPT_DAYS * 24) return;
  telemetry.log('warn', 'footage was never analysed', { key: oldest.object.objectKey, hours });
}
