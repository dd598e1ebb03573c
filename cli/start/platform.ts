import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../../adapters/embedded/database';
import { FootageFolder } from '../../adapters/embedded/footage-folder';
import { SqliteVersionMemory } from '../../adapters/embedded/footage-version';
import { LocalNotifier } from '../../adapters/embedded/notify';
import { type RetentionSummary, runRetention } from '../../adapters/embedded/retention-folder';
import { MAX_DELIVERIES } from '../../adapters/embedded/schema';
import { SnapshotFolder } from '../../adapters/embedded/snapshot-folder';
import { SqliteAnalytics } from '../../adapters/embedded/sqlite-analytics';
import { SqliteHealth } from '../../adapters/embedded/sqlite-health';
import { SqliteProbes } from '../../adapters/embedded/sqlite-probes';
import { SqliteQueue } from '../../adapters/embedded/sqlite-queue';
import { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { watchFootage } from '../../adapters/embedded/watch-footage';
import { ModelShelf } from '../../adapters/onnx/model-shelf';
import { WorkerPool } from '../../adapters/worker/pool';
import { PoolAnalyser } from '../../adapters/worker/pool-analyser';
import type { CameraSettings } from '../../core/camera-settings';
import { TierwatchError } from '../../core/errors';
import { stitchEvents } from '../../core/events';
import { keyMapOf } from '../../core/fleet/check-keys';
import { modelsOf } from '../../core/fleet/models';
import { resolveCamera } from '../../core/fleet/resolve';
import type { Fleet } from '../../core/fleet/schema';
import { checkHealth, type HealthAlert } from '../../core/health';
import { type IdentifyDeps, identifySegment, type LandedObject } from '../../core/identify-segment';
import type { Delivery, SegmentMessage } from '../../core/ports';
import { planRetention, type StoredSegment } from '../../core/retention';
import { rangesOf, routeSegment } from '../../core/route-segment';
import type { SegmentItem } from '../../core/segment-result';
import { publishPending, type WorkDeps, workSegment } from '../../core/work-segment';

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
  readonly onRetry: (key: string, reason: string) => void;
  readonly onHealth: (change: HealthAlert) => void;
  readonly print: (line: string) => void;
}

const QUEUE = 'segments';
/** Longer than any segment may take: a delivery comes back only when its process died. */
const VISIBILITY_SECONDS = 720;
const BACKOFF_SECONDS = [1, 2, 5, 10];
const DAY_MS = 86_400_000;
const ITEM_EXTRA_DAYS = 30;

/** The road on one machine: folder → queue → child processes → rows, alerts. */
export class Platform {
  readonly queue: SqliteQueue<SegmentMessage>;
  readonly store: SqliteStore;
  readonly modelGrade: string;
  private readonly known = new Set<string>();
  private readonly pool: WorkerPool;
  private readonly deps: WorkDeps;
  private readonly identity: IdentifyDeps;
  private readonly health: SqliteHealth;
  private readonly snapshots: SnapshotFolder;

  private constructor(
    private readonly options: PlatformOptions,
    private readonly database: Database,
    private readonly footage: FootageFolder,
    private readonly models: ModelShelf,
  ) {
    const clock = { now: () => new Date() };
    this.modelGrade = models.bundleOf('default').manifest.grade;
    this.queue = new SqliteQueue(database, QUEUE, clock);
    this.queue.recover();
    this.store = new SqliteStore(database);
    this.health = new SqliteHealth(database);
    this.snapshots = new SnapshotFolder(join(options.data, 'snapshots'));
    this.pool = new WorkerPool({ size: options.workers, deadlineSeconds: options.deadlineSeconds });
    this.deps = {
      analyser: new PoolAnalyser(this.pool, {
        pathOf: (key) => footage.pathOf(key),
        modelFolderOf: (model) => models.folderOf(model),
        limits: options.fleet.limits,
      }),
      store: this.store,
      alerts: this.store,
      analytics: new SqliteAnalytics(database),
      floors: this.store,
      snapshots: this.snapshots,
      notifier: new LocalNotifier(options.fleet.notify, options.print),
      settingsOf: (camera, at) => this.settingsOf(camera, at),
      clock,
      onPublishFailed: (key, error) => options.onRetry(key, error.message),
    };
    const probes = new SqliteProbes(database);
    this.identity = {
      mapKey: keyMapOf(options.fleet),
      probeSeconds: (object) =>
        probes.secondsOf(object, async () => {
          const file = footage.pathOf(object.key);
          return (await this.pool.probe({ file, limits: options.fleet.limits })).durationSeconds;
        }),
    };
  }

  /** @throws {DataFolderError} {@link ModelBundleError} */
  static async open(options: PlatformOptions): Promise<Platform> {
    const models = new ModelShelf(options.modelFolder, options.modelsFolder);
    for (const model of modelsOf(options.fleet)) models.bundleOf(model);
    await FootageFolder.open(options.footage);
    const database = Database.open(options.data);
    const footage = await FootageFolder.open(options.footage, new SqliteVersionMemory(database));
    return new Platform(options, database, footage, models);
  }

  /** Settings at an instant; without a GPU lane its cameras run on the cpu lane. */
  settingsOf(camera: string, at: string): CameraSettings {
    return { ...resolveCamera(this.options.fleet, camera, at).settings, lane: 'cpu' };
  }

  /** Looks at the folder once and enqueues what is new. @returns files that may still grow */
  async intake(takesAll: boolean): Promise<number> {
    const { landed, unsettled } = await this.footage.list(takesAll ? null : Date.now());
    for (const object of landed) {
      const id = `${object.key}\n${object.objectVersion}`;
      if (this.known.has(id)) continue;
      this.known.add(id);
      await this.admit(object);
    }
    return unsettled;
  }

  /** Takes in what lands, as soon as the system tells of it, until the signal. @param onLook hears how many files may still grow */
  async watch(
    signal: AbortSignal,
    {
      onLook,
      onFallback,
    }: { onLook: (unsettled: number) => void; onFallback: (reason: string) => void },
  ): Promise<void> {
    const look = async (): Promise<number> => {
      const unsettled = await this.intake(false);
      onLook(unsettled);
      return unsettled;
    };
    await watchFootage(this.footage.folder, look, { signal, onFallback });
  }

  private async admit(object: LandedObject, attempt = 1): Promise<void> {
    try {
      if (await this.isDone(object)) return;
      const messages = await routeSegment(object, {
        ...this.identity,
        limits: this.options.fleet.limits,
        settingsOf: (camera, at) => this.settingsOf(camera, at),
        modelSha256Of: (model) => this.models.bundleOf(model).sha256,
        floors: this.store,
        now: new Date(),
      });
      await this.health.noteLanded(messages[0]!.camera, new Date().toISOString());
      await this.queue.send(
        messages.map((body) => ({
          body,
          deduplicationKey: [body.segmentKey, body.objectVersion, body.range].join('\n'),
        })),
      );
    } catch (error) {
      const isRetryable = error instanceof TierwatchError && error.retryable;
      if (isRetryable && attempt < MAX_DELIVERIES) return this.admit(object, attempt + 1);
      await this.reject(object, error);
    }
  }

  /** Whether every range of an object has its rows, or the object was rejected. */
  private async isDone(object: LandedObject): Promise<boolean> {
    const { key, objectVersion } = object;
    if (await this.store.isRejected(key, objectVersion)) return true;
    const segment = await identifySegment(object, this.identity);
    const { maxSegmentSeconds } = this.settingsOf(segment.camera, segment.startedAt);
    for (const range of rangesOf(segment, maxSegmentSeconds)) {
      const id = { segmentKey: segment.key, objectVersion, range };
      if (!(await this.store.currentItem(id))) return false;
    }
    return true;
  }

  /** Takes up to `max` deliveries and works them. @returns how many there were */
  async workOnce(max: number): Promise<number> {
    const deliveries = await this.queue.receive({ max, visibilitySeconds: VISIBILITY_SECONDS });
    await Promise.all(deliveries.map((delivery) => this.work(delivery)));
    return deliveries.length;
  }

  private async work({
    body,
    receiptHandle,
    receiveCount,
  }: Delivery<SegmentMessage>): Promise<void> {
    try {
      const { item, isNew } = await workSegment(body, this.deps);
      await this.queue.acknowledge([receiptHandle]);
      this.options.onItem(item, isNew);
    } catch (error) {
      const isPermanent =
        error instanceof TierwatchError && !error.retryable && error.code !== 'data-folder';
      if (isPermanent) {
        await this.reject({ key: body.objectKey, objectVersion: body.objectVersion }, error);
        await this.queue.acknowledge([receiptHandle]);
        return;
      }
      if (error instanceof TierwatchError && error.code === 'data-folder') throw error;
      const cause = error instanceof Error ? error.message : String(error);
      const afterSeconds = BACKOFF_SECONDS[Math.min(receiveCount, BACKOFF_SECONDS.length) - 1]!;
      await this.queue.release(receiptHandle, { afterSeconds, cause });
      this.options.onRetry(body.segmentKey, cause);
    }
  }

  /** Sends again what has been pending for two minutes, or, at start, what an earlier process left. */
  async resendAlerts(pendingMs: number): Promise<void> {
    const createdBefore = new Date(Date.now() - pendingMs).toISOString();
    const pending = await this.store.pendingAlerts({ createdBefore });
    for (const key of new Set(pending.map((alert) => alert.segmentKey))) {
      await publishPending(key, this.deps).catch((error: unknown) => {
        this.options.onRetry(key, error instanceof Error ? error.message : String(error));
      });
    }
  }

  /** Expires footage by evidence: core's rule, one camera at a time; `report` only counts. */
  async expire(mode: 'report' | 'enforce'): Promise<RetentionSummary[]> {
    const { landed } = await this.footage.list(null);
    const stored: StoredSegment[] = [];
    for (const object of landed) stored.push(...(await this.storedSegment(object)));
    const summaries: RetentionSummary[] = [];
    for (const [camera, segments] of Map.groupBy(stored, (segment) => segment.camera)) {
      const items = await Array.fromAsync(this.store.itemsOfCamera(camera, {}));
      const now = new Date().toISOString();
      const settings = this.settingsOf(camera, now);
      const expired = planRetention({
        segments,
        items,
        events: stitchEvents(items, settings),
        settings: { ...settings, ...settings.retention },
        now,
      });
      summaries.push(await runRetention(this.footage, { mode, expired }));
    }
    if (mode === 'enforce') await this.expireItems(landed);
    return summaries;
  }

  /** Items live 30 days longer than their footage may (contracts 12). */
  private async expireItems(landed: readonly LandedObject[]): Promise<void> {
    const isKept = new Set(landed.map(({ key }) => key));
    for (const camera of await this.store.cameras()) {
      const nowMs = Date.now();
      const { quietDays, eventDays } = this.settingsOf(
        camera,
        new Date(nowMs).toISOString(),
      ).retention;
      const before = (days: number): string =>
        new Date(nowMs - (days + ITEM_EXTRA_DAYS) * DAY_MS).toISOString();
      const options = { quietBefore: before(quietDays), evidenceBefore: before(eventDays), isKept };
      for (const key of this.store.expireItems(camera, options)) await this.snapshots.remove(key);
    }
  }

  /** Raises and clears silent cameras, and sends again what could not be handed over. */
  async checkHealth(): Promise<void> {
    const { changes, failures } = await checkHealth(Object.keys(this.options.fleet.cameras), {
      health: this.health,
      notifier: this.deps.notifier,
      settingsOf: (camera, at) => this.settingsOf(camera, at),
      clock: this.deps.clock,
    });
    for (const change of changes) this.options.onHealth(change);
    for (const { message } of failures) this.options.onRetry('health alert', message);
  }

  /** A landed file as retention sees it; none where its name names no segment. */
  private async storedSegment(object: LandedObject): Promise<StoredSegment[]> {
    try {
      const { key, camera, startedAt, seconds } = await identifySegment(object, this.identity);
      const endedAt = new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
      const bytes = statSync(this.footage.pathOf(object.key)).size;
      const { key: objectKey, objectVersion } = object;
      return [{ segmentKey: key, objectKey, objectVersion, camera, startedAt, endedAt, bytes }];
    } catch (error) {
      if (error instanceof TierwatchError) return [];
      throw error;
    }
  }

  private async reject({ key, objectVersion }: LandedObject, error: unknown): Promise<void> {
    if (!(error instanceof TierwatchError)) throw error;
    const rejection = {
      key,
      objectVersion,
      code: error.code,
      reason: error.message.replaceAll(`${this.footage.folder}/`, ''),
      at: new Date().toISOString(),
    };
    this.footage.quarantine(join(this.options.data, 'quarantine'), rejection);
    await this.store.reject(rejection);
    this.options.onRejected(key, rejection.code, rejection.reason);
  }

  close(): void {
    this.pool.close();
    this.database.close();
  }
}
