import { join } from 'node:path';
import { Database } from '../../adapters/embedded/database';
import { DataFolderError } from '../../adapters/embedded/errors';
import { FootageFolder } from '../../adapters/embedded/footage-folder';
import { SqliteVersionMemory } from '../../adapters/embedded/footage-version';
import type { RetentionSummary } from '../../adapters/embedded/retention-folder';
import { SnapshotFolder } from '../../adapters/embedded/snapshot-folder';
import { SqliteProbes } from '../../adapters/embedded/sqlite-probes';
import { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { watchFootage } from '../../adapters/embedded/watch-footage';
import { requireGraphs } from '../../adapters/onnx/bundle';
import { ModelShelf } from '../../adapters/onnx/model-shelf';
import { WorkerPool } from '../../adapters/worker/pool';
import type { TierwatchError } from '../../core/errors';
import { fixedFleet } from '../../core/fleet/fixed-source';
import { usesGpuLane } from '../../core/fleet/lanes';
import { modelsOf } from '../../core/fleet/models';
import type { Fleet } from '../../core/fleet/schema';
import type { LandedObject } from '../../core/identify-segment';
import type { Device } from '../../core/manifest';
import type { FleetSource, Rejection, Telemetry } from '../../core/ports';
import type { SegmentItem } from '../../core/segment-result';
import { FootageExpiry } from './footage-expiry';
import { createFunctions, type Functions } from './functions';
import { GpuLane } from './gpu-lane';
import { Landing } from './landing';
import { openQueues, type PlatformQueues } from './platform-queues';
import { keepFleet } from './used-fleet';

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

/** The platform on one machine: the functions of handlers/, driven by embedded queues, on embedded stores. */
export class Platform {
  readonly store: SqliteStore;
  readonly fleet: FleetSource;
  readonly modelGrade: string;
  private readonly queues: PlatformQueues;
  private readonly gpuLane: GpuLane;
  private readonly functions: Functions;
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
    this.probes = new SqliteProbes(database);
    this.pool = new WorkerPool({ size: options.workers, deadlineSeconds: options.deadlineSeconds });
    // Both start while the server does: one after another they keep the first segment waiting.
    if (this.gpuLane.isStarting) this.pool.open();
    this.queues = openQueues(database, { clock, hasGpuLane });
    this.landing = new Landing(footage, this.queues.landed);
    const snapshots = new SnapshotFolder(join(options.data, 'snapshots'));
    this.expiry = new FootageExpiry({
      database,
      footage,
      snapshots,
      store: this.store,
      fleet: this.fleet,
      probeSeconds: (object) => this.probeSeconds(object),
    });
    this.functions = createFunctions({
      options,
      database,
      footage,
      models,
      snapshots,
      clock,
      store: this.store,
      fleet: this.fleet,
      gpuLane: this.gpuLane,
      pool: this.pool,
      queues: this.queues,
      probeSeconds: (object) => this.probeSeconds(object),
      quarantine: { reject: (rejection) => this.reject(rejection) },
      onFailed: (error) => this.noteFault(error),
    });
  }

  /** @throws {DataFolderError} {@link ModelBundleError} */
  static async open(options: PlatformOptions): Promise<Platform> {
    const models = new ModelShelf(options.modelFolder, options.modelsFolder);
    for (const model of ['default', ...modelsOf(options.fleet)])
      requireGraphs(models.bundleOf(model));
    await FootageFolder.open(options.footage);
    const database = Database.open(options.data);
    keepFleet(options.data, options.fleet);
    const footage = await FootageFolder.open(options.footage, new SqliteVersionMemory(database));
    return new Platform(options, database, footage, models);
  }

  /** Files of the footage folder found so far, and how many of them no earlier run has seen. */
  get landed(): Landing['found'] {
    return this.landing.found;
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
    for (const source of this.functions.sources) taken += await source.poll();
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
    await this.functions.sendAlerts(pendingMs);
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
