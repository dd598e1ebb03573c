import type { Database } from '../../adapters/embedded/database';
import { EventSource, type EventSourceOptions } from '../../adapters/embedded/event-source';
import type { FootageFolder } from '../../adapters/embedded/footage-folder';
import { LocalNotifier } from '../../adapters/embedded/notify';
import type { SnapshotFolder } from '../../adapters/embedded/snapshot-folder';
import { SqliteAnalytics } from '../../adapters/embedded/sqlite-analytics';
import { SqliteHealth } from '../../adapters/embedded/sqlite-health';
import type { SqliteQueue } from '../../adapters/embedded/sqlite-queue';
import type { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { EndpointAnalyser } from '../../adapters/gpu-endpoint/endpoint-analyser';
import { HttpEndpoint } from '../../adapters/gpu-endpoint/http-endpoint';
import type { ModelShelf } from '../../adapters/onnx/model-shelf';
import type { WorkerPool } from '../../adapters/worker/pool';
import { PoolAnalyser } from '../../adapters/worker/pool-analyser';
import { CircuitBreaker, HeldBreaker } from '../../core/circuit-breaker';
import type { LandedObject } from '../../core/identify-segment';
import type { Clock, FleetSource, Quarantine, SegmentMessage } from '../../core/ports';
import { queuedAnalytics } from '../../core/queued-analytics';
import type { WorkOutcome } from '../../core/work-segment';
import { createAlerts } from '../../handlers/alerts';
import { createAnalytics } from '../../handlers/analytics';
import { createDetectCpu } from '../../handlers/detect-cpu';
import { createDetectGpu, type DetectGpuDeps } from '../../handlers/detect-gpu';
import { createRoute } from '../../handlers/route';
import type { GpuLane } from './gpu-lane';
import { BUCKET } from './landing';
import type { PlatformOptions } from './platform';
import type { PlatformQueues } from './platform-queues';

export interface FunctionsDeps {
  readonly options: PlatformOptions;
  readonly database: Database;
  readonly footage: FootageFolder;
  readonly models: ModelShelf;
  readonly snapshots: SnapshotFolder;
  readonly clock: Clock;
  readonly store: SqliteStore;
  readonly fleet: FleetSource;
  readonly gpuLane: GpuLane;
  readonly pool: WorkerPool;
  readonly queues: PlatformQueues;
  readonly quarantine: Pick<Quarantine, 'reject'>;
  /** Length of a file whose key does not tell it, seconds. */
  readonly probeSeconds: (object: LandedObject) => Promise<number>;
  /** Hears of every segment that failed. */
  readonly onFailed: (error: unknown) => void;
}

/** Functions of handlers/ as they run on one machine. */
export interface Functions {
  /** Each takes a batch of its queue and works it. @returns how many deliveries there were */
  readonly sources: readonly { poll(): Promise<number> }[];
  /** @param pendingMs alerts pending for less are left alone */
  readonly sendAlerts: (pendingMs?: number) => Promise<void>;
}

/** Longer than any segment may take: a delivery comes back only when its process died. */
const VISIBILITY_SECONDS = 720;

/** Puts the functions on embedded queues and stores, in the order of a segment's road. */
export function createFunctions(deps: FunctionsDeps): Functions {
  const { options, database, footage, models, clock, store, fleet, gpuLane, pool } = deps;
  const { landed, segments, analytics, gpu } = deps.queues;
  const { telemetry } = gpuLane;
  const shared = {
    fleet,
    floors: store,
    health: new SqliteHealth(database),
    alerts: store,
    notifier: new LocalNotifier(options.fleet.notify, options.print),
    quarantine: deps.quarantine,
    clock,
    telemetry,
  };
  const route = createRoute({
    ...shared,
    bucket: BUCKET,
    probeSeconds: deps.probeSeconds,
    modelSha256Of: (model) => models.bundleOf(model).sha256,
    lanes: { cpu: segments, gpu: gpu ?? segments },
    laneSwitch: options.gpu === 'auto' ? gpuLane.laneSwitch : null,
  });
  const detect = {
    ...shared,
    store,
    snapshots: deps.snapshots,
    analytics: queuedAnalytics(analytics),
    neededMs: () => 0,
    observer: {
      done: ({ item, isNew }: WorkOutcome) => options.onItem(item, isNew),
      failed: (_: SegmentMessage, error: unknown) => deps.onFailed(error),
    },
  };
  const detectCpu = createDetectCpu({
    ...detect,
    queue: segments,
    analyser: new PoolAnalyser(pool, {
      pathOf: (key) => footage.pathOf(key),
      modelFolderOf: (model) => models.folderOf(model),
      limits: options.fleet.limits,
    }),
  });
  const timing = {
    clock,
    visibilitySeconds: VISIBILITY_SECONDS,
    timeoutSeconds: options.deadlineSeconds,
  };
  const writeAnalytics = createAnalytics({ analytics: new SqliteAnalytics(database), telemetry });
  const sources = [
    new EventSource('route', landed, route, { ...timing, batchSize: 10 }),
    // Before the cpu lane, which takes what it spills.
    ...(gpu ? [gpuSource(gpu, deps, { ...detect, timing })] : []),
    new EventSource('detect-cpu', segments, detectCpu, { ...timing, batchSize: 1 }),
    new EventSource('analytics', analytics, writeAnalytics, { ...timing, batchSize: 100 }),
  ];
  const sendAlerts = createAlerts({
    ...shared,
    watchedCameras: async () => Object.keys(options.fleet.cameras),
  });
  return { sources, sendAlerts };
}

/** The gpu lane, which waits for its server's first start. */
function gpuSource(
  queue: SqliteQueue<SegmentMessage>,
  { options, footage, models, gpuLane, pool, queues }: FunctionsDeps,
  {
    timing,
    ...detect
  }: Omit<DetectGpuDeps, 'queue' | 'cpuLane' | 'analyser' | 'breaker'> & {
    readonly timing: Omit<EventSourceOptions, 'batchSize'>;
  },
): Functions['sources'][number] {
  const detectGpu = createDetectGpu({
    ...detect,
    queue,
    cpuLane: queues.segments,
    analyser: new EndpointAnalyser({
      endpoint: new HttpEndpoint(() => gpuLane.url),
      pool,
      limits: options.fleet.limits,
      pathOf: (key) => footage.pathOf(key),
      bundleOf: (model) => models.bundleOf(model),
      deadlineMs: options.deadlineSeconds * 1000,
    }),
    breaker: new CircuitBreaker({
      store: new HeldBreaker(),
      nowMs: () => Date.now(),
      chance: Math.random,
    }),
  });
  const source = new EventSource('detect-gpu', queue, detectGpu, { ...timing, batchSize: 1 });
  return { poll: async () => (gpuLane.isStarting ? 0 : source.poll()) };
}
