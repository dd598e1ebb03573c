import { SqliteAnalytics } from '../../adapters/embedded/sqlite-analytics';
import { SqliteAnalyticsReader } from '../../adapters/embedded/sqlite-analytics-queries';
import { analyticsRowOf } from '../../core/analytics-row';
import { resolveCamera } from '../../core/fleet/resolve';
import { fleetSchema } from '../../core/fleet/schema';
import type { HealthAlert } from '../../core/health';
import type { SegmentMessage } from '../../core/ports';
import type { Presence, SegmentItem } from '../../core/segment-result';
import { createApi } from '../../handlers/api';
import type { AllowedSites, ApiDeps, QueueDesk } from '../../handlers/api/deps';
import { queueDesk } from '../../handlers/api/queue-desk';
import { openDatabase } from '../adapters/embedded/data-folder';
import { itemAt, minute } from '../contracts/records';
import { ManualClock } from '../fakes/manual-clock';
import { MemoryHealth } from '../fakes/memory-health';
import { MemoryQueue } from '../fakes/memory-queue';
import { MemoryStore } from '../fakes/memory-store';

export const DOOR = 'north-mall/entrance';
export const BACK = 'north-mall/back';
export const QUAY = 'harbour/quay';
export const NEVER_LANDED = 'harbour/crane';

const FLEET = fleetSchema.parse({
  defaults: { tier: 'low' },
  sites: { 'north-mall': { timezone: 'Australia/Melbourne', defaults: { tier: 'steady' } } },
  cameras: { [DOOR]: { minConfidence: 0.6 }, [QUAY]: {}, [NEVER_LANDED]: {} },
});

/** A person who moves from one second to another of the segment that starts at a minute. */
export function person(index: number, from: number, to: number, zone = 'frame'): Presence {
  const at = (seconds: number): string => minute(index + seconds / 60);
  return {
    className: 'person',
    zone,
    moving: [{ from: at(from), to: at(to), peak: 1 }],
    still: [],
    peakCount: 1,
    bestConfidence: 0.9,
    bestAt: at(from),
    snapshotKey: null,
  };
}

/** Minutes 0 to 3 at the door, 0 at the back, 1 and 2 at the quay; 08:00 on, UTC. */
export const ITEMS: readonly SegmentItem[] = [
  itemAt(0, { tier: 'steady', presences: [person(0, 5, 15), person(0, 5, 10, 'door')] }),
  itemAt(1, { tier: 'steady', presences: [person(1, 40, 60)] }),
  itemAt(2, { tier: 'steady', presences: [person(2, 0, 20)] }),
  itemAt(3, { tier: 'steady', status: 'partial', partialReason: 'ended early' }),
  itemAt(0, { tier: 'steady', camera: BACK }),
  itemAt(1, { camera: QUAY, presences: [person(1, 10, 20)] }),
  itemAt(2, { camera: QUAY, presences: [person(2, 30, 35)] }),
];

export interface ApiWorld {
  readonly deps: ApiDeps;
  readonly clock: ManualClock;
  readonly errors: { error: unknown; requestId: string }[];
  /** Asks as someone who may see these sites. */
  get(path: string, allowed?: AllowedSites, init?: RequestInit): Promise<Response>;
  /** The JSON of a 200. */
  json(path: string, allowed?: AllowedSites): Promise<Record<string, unknown>>;
  put(...items: readonly SegmentItem[]): Promise<void>;
}

/** The api over fakes and a real time series, an hour after the first footage. */
export async function apiWorld(
  change: Partial<ApiDeps> = {},
  redrive?: QueueDesk['redrive'],
): Promise<ApiWorld> {
  const clock = new ManualClock(Date.parse(minute(60)));
  const store = new MemoryStore();
  const database = openDatabase();
  const analytics = new SqliteAnalytics(database);
  const health = new MemoryHealth();
  const queue = new MemoryQueue<SegmentMessage>(clock);
  const errors: ApiWorld['errors'] = [];
  let allowed: AllowedSites = 'all';
  const deps: ApiDeps = {
    store,
    analytics: new SqliteAnalyticsReader(database),
    health,
    quarantine: store,
    queues: queueDesk({ 'detect-cpu': queue }, redrive),
    fleetCameras: async () => Object.keys(FLEET.cameras),
    resolve: async (camera, at) => resolveCamera(FLEET, camera, at),
    model: {
      name: 'demo',
      version: '1',
      grade: 'demo',
      sha256: '0123',
      variant: 'int8',
      choice: [{ cpuFeatures: ['avx2'], variant: 'int8' }],
    },
    versions: { tierwatch: '0.1.0', node: '24', schema: '2' },
    allowedSites: () => allowed,
    isOperator: () => true,
    clock,
    onError: (error, requestId) => errors.push({ error, requestId }),
    ...change,
  };
  const app = createApi(deps);
  const world: ApiWorld = {
    deps,
    clock,
    errors,
    get: async (path, sites = 'all', init = {}) => {
      allowed = sites;
      return app.request(path, init);
    },
    json: async (path, sites) => {
      const response = await world.get(path, sites);
      const body = (await response.json()) as Record<string, unknown>;
      if (response.status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
      return body;
    },
    put: async (...items) => {
      for (const item of items) {
        await store.putItem(item);
        await store.setCurrent(item, { onlyIfAbsent: true });
        await analytics.write([analyticsRowOf(item)]);
      }
    },
  };
  await world.put(...ITEMS);
  for (const camera of [DOOR, BACK, QUAY]) await health.noteLanded(camera, minute(5));
  await health.createHealthAlert(silence(QUAY));
  await health.createHealthAlert(silence(BACK));
  for (const camera of [DOOR, QUAY]) await bury(queue, clock, camera);
  for (const key of [
    'north-mall/back/20261120T080000Z_60s.mp4',
    'harbour/quay/20261120T080000Z_60s.mp4',
    'holiday.avi',
  ]) {
    const code = 'unreadable-video';
    await store.reject({ key, code, reason: 'no video', at: minute(9), objectVersion: 'v1' });
  }
  return world;
}

function silence(camera: string): HealthAlert {
  return {
    schemaVersion: 1,
    id: `silence ${camera}`,
    camera,
    state: 'raised',
    lastLandedAt: minute(5),
    at: minute(15),
    silentMinutes: 10,
    notify: null,
    status: 'sent',
    createdAt: minute(15),
  };
}

/** Leaves one dead letter of a camera. */
async function bury(
  queue: MemoryQueue<SegmentMessage>,
  clock: ManualClock,
  camera: string,
): Promise<void> {
  const { segmentKey, range } = itemAt(7, { camera });
  await queue.send([{ body: { camera, segmentKey, range } as SegmentMessage }]);
  for (let delivery = 0; delivery < 5; delivery++) {
    const [taken] = await queue.receive({ max: 1, visibilitySeconds: 30 });
    await queue.release(taken!.receiptHandle, { afterSeconds: 0, cause: 'worker-crashed' });
    clock.advance(1);
  }
}
