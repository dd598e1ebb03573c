import type { SQSRecord } from 'aws-lambda';
import { isFootageAtFault } from '../core/blame';
import type { LandedObject } from '../core/identify-segment';
import { LandedNotificationError, parseLandedNotification } from '../core/landed-notification';
import type {
  FleetSource,
  FloorStore,
  HealthStore,
  Quarantine,
  Queue,
  SegmentMessage,
  Telemetry,
} from '../core/ports';
import { type RouteDeps as CoreRouteDeps, routeSegment } from '../core/route-segment';
import { type BatchDeps, type SqsHandler, workBatch } from './batch';

export interface RouteDeps extends BatchDeps {
  /** The only bucket that is read. */
  readonly bucket: string;
  readonly fleet: FleetSource;
  readonly probeSeconds: CoreRouteDeps['probeSeconds'];
  readonly modelSha256Of: CoreRouteDeps['modelSha256Of'];
  readonly floors: FloorStore;
  readonly laneSwitch: CoreRouteDeps['laneSwitch'];
  readonly lanes: Readonly<Record<'cpu' | 'gpu', Pick<Queue<SegmentMessage>, 'send'>>>;
  readonly quarantine: Pick<Quarantine, 'reject'>;
  readonly health: Pick<HealthStore, 'noteLanded'>;
  readonly telemetry: Telemetry;
}

const HOUR_MS = 3_600_000;

/**
 * Notifications of landed objects → segment key → the camera's tier → its lane's queue. What names no
 * segment is quarantined; what tells of no object in our bucket is dropped and counted.
 */
export function createRoute(deps: RouteDeps): SqsHandler {
  const reportUnknown = onceAnHour(deps);
  const work = async ({ body, messageId }: SQSRecord): Promise<void> => {
    let objects: LandedObject[];
    try {
      objects = parseLandedNotification(body, deps.bucket);
    } catch (error) {
      if (!(error instanceof LandedNotificationError)) throw error;
      deps.telemetry.count('refusedMessages', 1);
      deps.telemetry.log('error', error.message, { messageId, code: error.code });
      return;
    }
    for (const object of objects) await routeObject(object, deps, reportUnknown);
  };
  return (event) => workBatch(event, work, deps);
}

async function routeObject(
  object: LandedObject,
  deps: RouteDeps,
  reportUnknown: (camera: string) => void,
): Promise<void> {
  const now = deps.clock.now();
  try {
    const { camera, lane, isKnown, messages } = await routeSegment(object, { ...deps, now });
    if (!isKnown) reportUnknown(camera);
    await deps.health.noteLanded(camera, now.toISOString());
    await deps.lanes[lane].send(
      messages.map((body) => ({
        body,
        deduplicationKey: [body.segmentKey, body.objectVersion, body.range].join('\n'),
      })),
    );
  } catch (error) {
    if (!isFootageAtFault(error)) throw error;
    const { code, message: reason } = error;
    await deps.quarantine.reject({ ...object, code, reason, at: now.toISOString() });
    deps.telemetry.count('quarantined', 1);
    deps.telemetry.log('warn', 'quarantined', { objectKey: object.key, code, reason });
  }
}

/** An unknown camera is counted each time and named once an hour. */
function onceAnHour({ clock, telemetry }: RouteDeps): (camera: string) => void {
  const named = new Map<string, number>();
  return (camera) => {
    telemetry.count('unknownCameras', 1);
    const nowMs = clock.now().getTime();
    if (nowMs - (named.get(camera) ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return;
    named.set(camera, nowMs);
    telemetry.log('warn', 'unknown camera: its site’s settings hold', { camera });
  };
}
