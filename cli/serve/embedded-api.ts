import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Database } from '../../adapters/embedded/database';
import { FootageFolder } from '../../adapters/embedded/footage-folder';
import { FootageReader } from '../../adapters/embedded/footage-reader';
import { MIGRATIONS } from '../../adapters/embedded/schema';
import { SnapshotFolder } from '../../adapters/embedded/snapshot-folder';
import { SqliteAnalyticsReader } from '../../adapters/embedded/sqlite-analytics-queries';
import { SqliteChanges } from '../../adapters/embedded/sqlite-changes';
import { SqliteDeletions } from '../../adapters/embedded/sqlite-deletions';
import { SqliteEventItems } from '../../adapters/embedded/sqlite-event-items';
import { SqliteHealth } from '../../adapters/embedded/sqlite-health';
import { SqliteQueue } from '../../adapters/embedded/sqlite-queue';
import { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { factsOf, readBundle } from '../../adapters/onnx/bundle';
import { WorkerPool } from '../../adapters/worker/pool';
import { resolveAtTiers } from '../../core/fleet/at-tiers';
import { keyMapOf } from '../../core/fleet/check-keys';
import { usesGpuLane } from '../../core/fleet/lanes';
import type { ApiDeps, QueueDesk } from '../../handlers/api/deps';
import { queueDesk } from '../../handlers/api/queue-desk';
import type { NamedFleet } from '../named-fleet';
import { ROOT } from '../options';
import { QUEUES } from '../queues';
import { ClipDesk } from './clip-desk';
import { ResolvedMemory } from './resolved-memory';
import { LocalUploads } from './upload-desk';

export interface EmbeddedApiOptions extends Pick<ApiDeps, 'allowedSites' | 'onError'> {
  readonly data: string;
  readonly footage: string;
  readonly modelFolder: string;
  readonly named: Pick<NamedFleet, 'fleet' | 'texts'>;
  readonly signIn?: ApiDeps['signIn'];
  /** What only the process that owns the data folder can do. */
  readonly owner?: {
    readonly redrive: NonNullable<QueueDesk['redrive']>;
    /** Children that uploads are analysed in. */
    readonly workers: number;
  };
}

/** Longest that a child may take over a range of an upload, or a clip (s). */
const UPLOAD_DEADLINE_SECONDS = 300;
const CLIP_DEADLINE_SECONDS = 60;
/**
 * What the api has on one machine: a data folder, beside a running start, and its footage.
 * @throws {DataFolderError} {@link ModelBundleError}
 */
export async function openEmbeddedApi(
  options: EmbeddedApiOptions,
): Promise<{ readonly deps: ApiDeps; close(): void }> {
  const { data, modelFolder, named, owner } = options;
  const { fleet } = named;
  const clock = { now: () => new Date() };
  const footage = await FootageFolder.open(options.footage);
  const database = Database.openReadOnly(data);
  const store = new SqliteStore(database);
  const items = new SqliteEventItems(database);
  const reader = new FootageReader(footage);
  const keyMap = keyMapOf(fleet);
  const resolved = new ResolvedMemory(fleet);
  const pool = new WorkerPool({ size: 1, deadlineSeconds: CLIP_DEADLINE_SECONDS });
  const clips = new ClipDesk({ footage, pool, limits: fleet.limits });
  const uploads = owner ? await openUploads(options, owner.workers) : null;
  const changes = new SqliteChanges(database);
  const { allowedSites, onError, signIn } = options;
  return {
    deps: {
      store,
      analytics: new SqliteAnalyticsReader(database),
      health: new SqliteHealth(database),
      quarantine: store,
      queues: queueDesk(
        Object.fromEntries(
          Object.entries(QUEUES)
            .filter(([fed]) => fed !== 'detect-gpu' || usesGpuLane(fleet))
            .map(([fed, name]) => [fed, new SqliteQueue<unknown>(database, name, clock)]),
        ),
        owner?.redrive,
      ),
      fleetCameras: async () => Object.keys(fleet.cameras),
      resolve: async (camera, at) => resolved.of(camera, at),
      tierSettings: async (camera, at) => resolveAtTiers(fleet, camera, at),
      fleetTexts: async () => named.texts().map(shownText),
      eventItems: items,
      recentItems: (period, filter) => items.recentItems(period, filter),
      timelineItems: (camera, period) => items.timelineItems(camera, period),
      changes: (since) => changes.changes(since),
      snapshots: new SnapshotFolder(join(data, 'snapshots')),
      footage: {
        open: (key) => reader.open(key),
        siteOf: (key) => keyMap(key).mapped?.site ?? null,
      },
      footageFate: {
        present: (keys) => reader.present(keys),
        deletions: new SqliteDeletions(database),
        lifeDays: () => null,
      },
      cutClip: (request) => clips.cut(request),
      ...(uploads ? { uploads: uploads.desk } : {}),
      ...(signIn ? { signIn } : {}),
      model: factsOf(readBundle(modelFolder)),
      versions: {
        tierwatch: tierwatchVersion(),
        node: process.versions.node,
        schema: String(MIGRATIONS.length),
      },
      allowedSites,
      // Who is let in at all runs this machine.
      isOperator: () => true,
      clock,
      onError,
    },
    close: () => {
      uploads?.close();
      pool.close();
      database.close();
    },
  };
}

async function openUploads(
  { data, named, modelFolder, onError }: EmbeddedApiOptions,
  workers: number,
): Promise<{ readonly desk: LocalUploads; close(): void }> {
  const pool = new WorkerPool({ size: workers, deadlineSeconds: UPLOAD_DEADLINE_SECONDS });
  const desk = await LocalUploads.open({
    folder: join(data, 'uploads'),
    fleet: named.fleet,
    modelFolder,
    pool,
    onError: (error, id) => onError(error, `upload ${id}`),
  });
  return {
    desk,
    close: () => {
      desk.close();
      pool.close();
    },
  };
}

/** Under a name that tells nothing of this machine's folders. */
function shownText({ file, text }: { readonly file: string; readonly text: string }) {
  const inside = relative(ROOT, file);
  return { file: inside.startsWith('..') ? file.slice(file.lastIndexOf('/') + 1) : inside, text };
}

function tierwatchVersion(): string {
  const text = readFileSync(join(__dirname, '../../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
