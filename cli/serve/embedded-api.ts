import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../../adapters/embedded/database';
import { MIGRATIONS } from '../../adapters/embedded/schema';
import { SqliteAnalyticsReader } from '../../adapters/embedded/sqlite-analytics-queries';
import { SqliteHealth } from '../../adapters/embedded/sqlite-health';
import { SqliteQueue } from '../../adapters/embedded/sqlite-queue';
import { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { readBundle } from '../../adapters/onnx/bundle';
import { resolveCamera } from '../../core/fleet/resolve';
import type { Fleet } from '../../core/fleet/schema';
import type { SegmentMessage } from '../../core/ports';
import type { ApiDeps } from '../../handlers/api/deps';

export interface EmbeddedApiOptions extends Pick<ApiDeps, 'allowedSites' | 'onError'> {
  readonly data: string;
  readonly modelFolder: string;
  readonly fleet: Fleet;
}

/**
 * What the api reads on one machine: a data folder, beside a running start.
 * @throws {DataFolderError} {@link ModelBundleError}
 */
export function openEmbeddedApi({
  data,
  modelFolder,
  fleet,
  allowedSites,
  onError,
}: EmbeddedApiOptions): { readonly deps: ApiDeps; close(): void } {
  const { manifest, sha256 } = readBundle(modelFolder);
  const { name, version, grade } = manifest;
  const database = Database.openReadOnly(data);
  const clock = { now: () => new Date() };
  const store = new SqliteStore(database);
  return {
    deps: {
      store,
      analytics: new SqliteAnalyticsReader(database),
      health: new SqliteHealth(database),
      quarantine: store,
      queues: { segments: new SqliteQueue<SegmentMessage>(database, 'segments', clock) },
      fleetCameras: async () => Object.keys(fleet.cameras),
      resolve: async (camera, at) => resolveCamera(fleet, camera, at),
      model: { name, version, grade, sha256 },
      versions: {
        tierwatch: tierwatchVersion(),
        node: process.versions.node,
        schema: String(MIGRATIONS.length),
      },
      allowedSites,
      clock,
      onError,
    },
    close: () => database.close(),
  };
}

function tierwatchVersion(): string {
  const text = readFileSync(join(__dirname, '../../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
