import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { CameraSettings } from '../../core/camera-settings';
import { TierwatchError } from '../../core/errors';
import { resolveAtTiers } from '../../core/fleet/at-tiers';
import type { PublishedCamera } from '../../core/fleet/change-tier';
import {
  type FleetIndex,
  type FleetShard,
  fleetIndexSchema,
  fleetShardSchema,
  INDEX_KEY,
  resolveCompiled,
  SHARD_COUNT,
  shardKey,
  shardOf,
} from '../../core/fleet/compile';
import type { ResolvedCamera } from '../../core/fleet/resolve';
import type { Clock, FleetSource, Telemetry } from '../../core/ports';
import { statusOf } from './errors';

/** The fleet's published configuration can't be read, and no earlier version is at hand. */
export class FleetConfigError extends TierwatchError {
  override readonly name = 'FleetConfigError';
  constructor(key: string, found: string, cause?: unknown) {
    super(
      `"${key}": expected the compiled fleet, found ${found}; publish it with "npm run fleet:up"`,
      { code: 'fleet-config', retryable: true, cause },
    );
  }
}

export interface S3FleetOptions {
  readonly bucket: string;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Lanes that there are; cameras of others run on the cpu lane. */
  readonly lanes: readonly ('cpu' | 'gpu')[];
}

/** Objects are looked at again after this at the earliest. */
const REREAD_AFTER_MS = 60_000;

interface Held<Part> {
  readonly part: Part;
  readonly etag: string;
  readonly readMs: number;
}

/**
 * The published fleet: the index and the shards that are asked for, each read again by ETag at most once a
 * minute. A new version that can't be read raises a metric, and the last good one holds.
 */
export class S3Fleet implements FleetSource {
  private readonly held = new Map<string, Held<unknown>>();

  constructor(
    private readonly s3: S3Client,
    private readonly options: S3FleetOptions,
  ) {}

  /** @throws {FleetConfigError} */
  async index(): Promise<FleetIndex> {
    return this.read(INDEX_KEY, (bytes) => fleetIndexSchema.parse(JSON.parse(bytes.toString())));
  }

  /** @throws {FleetConfigError} */
  async resolve(camera: string, at: string): Promise<ResolvedCamera> {
    const [index, shard] = await Promise.all([this.index(), this.shard(shardOf(camera))]);
    const resolved = resolveCompiled(index, shard, { camera, at });
    return { ...resolved, settings: this.onLaneThatIs(resolved.settings) };
  }

  /** Its settings, were it in each of the tiers there are. @throws {FleetConfigError} */
  async atTiers(camera: string, at: string): Promise<CameraSettings[]> {
    const [index, shard] = await Promise.all([this.index(), this.shard(shardOf(camera))]);
    const fleet = { ...index, cameras: shard.cameras };
    return resolveAtTiers(fleet, camera, at).map((settings) => this.onLaneThatIs(settings));
  }

  /** Its entry as the fleet file has it, with what all cameras share. @throws {FleetConfigError} */
  async published(camera: string): Promise<PublishedCamera> {
    const [index, { cameras }] = await Promise.all([this.index(), this.shard(shardOf(camera))]);
    const entry = Object.hasOwn(cameras, camera) ? cameras[camera] : undefined;
    return { index, entry: entry ?? null };
  }

  /** `site/camera` of every camera that the fleet names. @throws {FleetConfigError} */
  async cameras(): Promise<readonly string[]> {
    const numbers = Array.from({ length: SHARD_COUNT }, (_, number) => number);
    const shards = await Promise.all(numbers.map((number) => this.shard(number)));
    return shards.flatMap(({ cameras }) => Object.keys(cameras));
  }

  private onLaneThatIs(settings: CameraSettings): CameraSettings {
    return this.options.lanes.includes(settings.lane) ? settings : { ...settings, lane: 'cpu' };
  }

  private shard(number: number): Promise<FleetShard> {
    return this.read(shardKey(number), (bytes) =>
      fleetShardSchema.parse(JSON.parse(gunzipSync(bytes).toString())),
    );
  }

  private async read<Part>(key: string, parse: (bytes: Buffer) => Part): Promise<Part> {
    const { clock, telemetry } = this.options;
    const known = this.held.get(key) as Held<Part> | undefined;
    const nowMs = clock.now().getTime();
    if (known && nowMs - known.readMs < REREAD_AFTER_MS) return known.part;
    try {
      const found = await this.fetch(key, known?.etag);
      const held = found
        ? { part: parse(found.bytes), etag: found.etag, readMs: nowMs }
        : { ...known!, readMs: nowMs };
      this.held.set(key, held);
      return held.part;
    } catch (error) {
      const cause = error instanceof Error ? error.message.slice(0, 300) : String(error);
      telemetry.count('staleFleetConfig', 1);
      telemetry.log('error', 'the published fleet can’t be read', { key, cause });
      if (!known) throw new FleetConfigError(key, cause, error);
      this.held.set(key, { ...known, readMs: nowMs });
      return known.part;
    }
  }

  /** @returns null where it has not changed */
  private async fetch(
    key: string,
    etag: string | undefined,
  ): Promise<{ bytes: Buffer; etag: string } | null> {
    try {
      const { Body, ETag = '' } = await this.s3.send(
        new GetObjectCommand({
          Bucket: this.options.bucket,
          Key: key,
          ...(etag ? { IfNoneMatch: etag } : {}),
        }),
      );
      return { bytes: Buffer.from(await Body!.transformToByteArray()), etag: ETag };
    } catch (error) {
      if (etag && statusOf(error) === 304) return null;
      throw error;
    }
  }
}
