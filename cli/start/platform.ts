import { join } from 'node:path';
import { Database } from '../../adapters/embedded/database';
import { DataFolderError } from '../../adapters/embedded/errors';
import { EventSource } from '../../adapters/embedded/event-source';
import { FootageFolder } from '../../adapters/embedded/footage-folder';
import { SqliteVersionMemory } from '../../adapters/embedded/footage-version';
import { LocalNotifier } from '../../adapters/embedded/notify';
import type { RetentionSummary } from '../../adapters/embedded/retention-folder';
import { SnapshotFolder } from '../../adapters/embedded/snapshot-folder';
import { SqliteAnalytics } from '../../adapters/embedded/sqlite-analytics';
import { SqliteHealth } from '../../adapters/embedded/sqlite-health';
import { SqliteProbes } from '../../adapters/embedded/sqlite-probes';
import { SqliteQueue } from '../../adapters/embedded/sqlite-queue';
import { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { watchFootage } from '../../adapters/embedded/watch-footage';
import { EndpointAnalyser } from '../../adapters/gpu-endpoint/endpoint-analyser';
import { HttpEndpoint } from '../../adapters/gpu-endpoint/http-endpoint';
import { requireGraphs } from '../../adapters/onnx/bundle';
import { ModelShelf } from '../../adapters/onnx/model-shelf';
import { WorkerPool } from '../../adapters/worker/pool';
import { PoolAnalyser } from '../../adapters/worker/pool-analyser';
import { CircuitBreaker, HeldBreaker } from '../../core/circuit-breaker';
import type { TierwatchError } from '../../core/errors';
import { fixedFleet } from '../../core/fleet/fixed-source';
import { usesGpuLane } from '../../core/fleet/lanes';
import { modelsOf } from '../../core/fleet/models';
import type { Fleet } from '../../core/fleet/schema';
import type { LandedObject } from '../../core/identify-segment';
import type { Device } from '../../core/manifest';
import type {
  AnalyticsRow,
  FleetSource,
  Rejection,
  SegmentMessage,
  Telemetry,
} from '../../core/ports';
import { queuedAnalytics } from '../../core/queued-analytics';
import type { SegmentItem } from '../../core/segment-result';
import type { WorkOutcome } from '../../core/work-segment';
import { createAlerts } from '../../handlers/alerts';
import { createAnalytics } from '../../handlers/analytics';
import { createDetectCpu } from '../../handlers/detect-cpu';
import { createDetectGpu } from '../../handlers/detect-gpu';
import { createRoute } from '../../handlers/route';
import { QUEUES } from '../queues';
import { FootageExpiry } from './footage-expiry';
import { GpuLane } from './gpu-lane';
import { BUCKET, Landing } from './landing';

export interface PlatformOptions {
  readonly footage: string;
  readonly data: string;
  /** Bundle of the model `default`. */
  readonly modelFolder: string;
  /** Folder of further bundles, by name. */
  readonly modelsFolder: string | null;
  readonly fleet: Fleet;
  readonly workers: number;
  readonly deadlineSeconds: number;
  readonly onItem: (item: SegmentItem, isNew: boolean) => void;
  readonly onRejected: (key: string, code: string, reason: string) => void;
  readonly telemetry: Telemetry;
  readonly print: (line: string) => void;
  /** A line about the platform itself. */
  readonly say: (line: string) => void;
  /** Where the gpu lane's server infers. */
  readonly device: Device;
  /** Whether cameras of lane gpu run there; auto: where lane-switch says. */
  readonly gpu: 'on' | 'off' | 'auto';
}

/** Longer than any segment may take: a delivery comes back only when its process died. */
const VISIBILITY_SECONDS = 720;

/** The platform on one machine: the functions of handlers/, driven by embedded queues, on embedded stores. */
export class Platform {
  readonly store: SqliteStore;
  readonly fleet: FleetSource;
  readonly modelGrade: string;
  private readonly queues: {
    readonly landed: SqliteQueue<unknown>;
    readonly segments: SqliteQueue<SegmentMessage>;
    readonly analytics: SqliteQueue<readonly AnalyticsRow[]>;
    readonly gpu?: SqliteQueue<SegmentMessage>;
  };
  private readonly gpuLane: GpuLane;
  private readonly sources: readonly { poll(): Promise<number> }[];
  private readonly sendAlerts: (pendingMs?: number) => Promise<void>;
  private readonly pool: WorkerPool;
  private readonly probes: SqliteProbes;
  private readonly landing: Landing;
  private readonly expiry: FootageExpiry;
  /** What ends the program: the data folder can't be used. */
  private fault: TierwatchError | null = null;

  private constructor(
    private readonly options: PlatformOptions,
    private readonly database: Database,
    private readonly footage: FootageFolder,
    models: ModelShelf,
  ) {
    const clock = { now: () => new Date() };
    this.modelGrade = models.bundleOf('default').manifest.grade;
    this.store = new SqliteStore(database);
    const hasGpuLane = usesGpuLane(options.fleet);
    const isGpuOff = options.gpu === 'off' || !hasGpuLane;
    this.fleet = fixedFleet(options.fleet, { lanes: isGpuOff ? ['cpu'] : ['cpu', 'gpu'] });
    this.gpuLane = new GpuLane({
      mode: isGpuOff ? 'off' : options.gpu,
      server: {
        modelFolder: options.modelFolder,
        decoders: options.workers,
        device: options.device,
        say: options.say,
      },
      clock,
      telemetry: options.telemetry,
    });
    const { gpuLane } = this;
    const { telemetry } = gpuLane;
    const snapshots = new SnapshotFolder(join(options.data, 'snapshots'));
    this.probes = new SqliteProbes(database);
    this.pool = new WorkerPool({ size: options.workers, deadlineSeconds: options.deadlineSeconds });
    this.queues = {
      landed: new SqliteQueue(database, QUEUES.route, clock),
      segments: new SqliteQueue(database, QUEUES['detect-cpu'], clock),
      analytics: new SqliteQueue(database, QUEUES.analytics, clock),
      ...(hasGpuLane
        ? { gpu: new SqliteQueue<SegmentMessage>(database, QUEUES['detect-gpu'], clock) }
        : {}),
    };
    for (const queue of Object.values(this.queues)) queue.recover();
    const { landed, segments, analytics, gpu = segments } = this.queues;
    this.landing = new Landing(footage, landed);
    this.expiry = new FootageExpiry({
      database,
      footage,
      snapshots,
      store: this.store,
      fleet: this.fleet,
      probeSeconds: (object) => this.probeSeconds(object),
    });
    const health = new SqliteHealth(database);
    const shared = {
      fleet: this.fleet,
      floors: this.store,
      health,
      alerts: this.store,
      notifier: new LocalNotifier(options.fleet.notify, options.print),
      quarantine: { reject: (rejection: Rejection) => this.reject(rejection) },
      clock,
      telemetry,
    };
    const route = createRoute({
      ...shared,
      bucket: BUCKET,
      probeSeconds: (object) => this.probeSeconds(object),
      modelSha256Of: (model) => models.bundleOf(model).sha256,
      lanes: { cpu: segments, gpu },
      laneSwitch: options.gpu === 'auto' ? gpuLane.laneSwitch : null,
    });
    const detect = {
      ...shared,
      store: this.store,
      snapshots,
      analytics: queuedAnalytics(analytics),
      neededMs: () => 0,
      observer: {
        done: ({ item, isNew }: WorkOutcome) => options.onItem(item, isNew),
        failed: (_: SegmentMessage, error: unknown) => this.noteFault(error),
      },
    };
    const detectCpu = createDetectCpu({
      ...detect,
      queue: segments,
      analyser: new PoolAnalyser(this.pool, {
        pathOf: (key) => footage.pathOf(key),
        modelFolderOf: (model) => models.folderOf(model),
        limits: options.fleet.limits,
      }),
    });
    const detectGpu = createDetectGpu({
      ...detect,
      queue: gpu,
      cpuLane: segments,
      analyser: new EndpointAnalyser({
        endpoint: new HttpEndpoint(() => gpuLane.url),
        pool: this.pool,
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
    const writeAnalytics = createAnalytics({
      analytics: new SqliteAnalytics(database),
      telemetry,
    });
    const timing = {
      clock,
      visibilitySeconds: VISIBILITY_SECONDS,
      timeoutSeconds: options.deadlineSeconds,
    };
    this.sources = [
      new EventSource('route', landed, route, { ...timing, batchSize: 10 }),
      ...(hasGpuLane
        ? [
            this.gpuSource(
              new EventSource('detect-gpu', gpu, detectGpu, { ...timing, batchSize: 1 }),
            ),
          ]
        : []),
      new EventSource('detect-cpu', segments, detectCpu, { ...timing, batchSize: 1 }),
      new EventSource('analytics', analytics, writeAnalytics, { ...timing, batchSize: 100 }),
    ];
    this.sendAlerts = createAlerts({
      ...shared,
      watchedCameras: async () => Object.keys(options.fleet.cameras),
    });
  }

  private gpuSource(source: { poll(): Promise<number> }): { poll(): Promise<number> } {
    return { poll: async () => (this.gpuLane.isStarting ? 0 : source.poll()) };
  }

  /** @throws {DataFolderError} {@link ModelBundleError} */
  static async open(options: PlatformOptions): Promise<Platform> {
    const models = new ModelShelf(options.modelFolder, options.modelsFolder);
    for (const model of ['default', ...modelsOf(options.fleet)])
      requireGraphs(models.bundleOf(model));
    await FootageFolder.open(options.footage);
    const database = Database.open(options.data);
    const footage = await FootageFolder.open(options.footage, new SqliteVersionMemory(database));
    return new Platform(options, database, footage, models);
  }

  /**
   * Looks at the folder once and tells route of what is new, as it is found, also of files that may still grow.
   * @returns how many grew while they were read: left for another look
   */
  async intake(signal: AbortSignal): Promise<number> {
    return (await this.landing.look(null, { signal })).length;
  }

  /**
   * Takes in what lands, as soon as the system tells of it, until the signal.
   * @param onFallback hears why the system can't tell
   */
  async watch(signal: AbortSignal, onFallback: (reason: string) => void): Promise<void> {
    const look = (paths: readonly string[]): Promise<string[]> =>
      this.landing.look(Date.now(), { signal, paths });
    await watchFootage(this.footage.folder, look, { signal, onFallback });
  }

  /** Takes a batch of each queue and works it. @returns how many deliveries there were. @throws {DataFolderError} */
  async work(): Promise<number> {
    let taken = 0;
    for (const source of this.sources) taken += await source.poll();
    if (this.fault) throw this.fault;
    return taken;
  }

  /** Messages of all queues. */
  async counts(): Promise<{ behind: number; dead: number }> {
    const counts = await Promise.all(Object.values(this.queues).map((queue) => queue.counts()));
    return {
      behind: counts.reduce((sum, { waiting, inFlight }) => sum + waiting + inFlight, 0),
      dead: counts.reduce((sum, { dead }) => sum + dead, 0),
    };
  }

  /** Puts dead letters back, whatever their queue. @returns how many */
  async redrive(ids: readonly string[]): Promise<number> {
    const counts = Object.values(this.queues).map((queue) => queue.redrive(ids));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** Where cameras of lane gpu run from now on. */
  async decideLane(): Promise<void> {
    await this.gpuLane.decide();
  }

  /** As the scheduled function does. @param pendingMs alerts pending for less are left alone */
  async resendAlerts(pendingMs?: number): Promise<void> {
    await this.sendAlerts(pendingMs);
  }

  /** Expires footage by evidence; `report` only counts. */
  async expire(mode: 'report' | 'enforce'): Promise<RetentionSummary[]> {
    return this.expiry.run(mode);
  }

  private async probeSeconds(object: LandedObject): Promise<number> {
    return this.probes.secondsOf(object, async () => {
      const file = this.footage.pathOf(object.key);
      const { limits } = this.options.fleet;
      return (await this.pool.probe({ file, limits })).durationSeconds;
    });
  }

  private async reject(rejection: Rejection): Promise<void> {
    const reason = rejection.reason.replaceAll(`${this.footage.folder}/`, '');
    const relative = { ...rejection, reason };
    this.footage.quarantine(join(this.options.data, 'quarantine'), relative);
    await this.store.reject(relative);
    this.options.onRejected(rejection.key, rejection.code, reason);
  }

  /** A folder that fails one segment fails all: the program ends, nothing is dead-lettered for it. */
  private noteFault(error: unknown): void {
    if (error instanceof DataFolderError) this.fault = error;
  }

  close(): void {
    this.gpuLane.close();
    this.pool.close();
    this.database.close();
  }
}
