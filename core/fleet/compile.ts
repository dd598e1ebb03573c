import * as z from 'zod';
import { type ResolvedCamera, resolveCamera } from './resolve';
import { cameraEntrySchema, type Fleet, fleetSchema } from './schema';

/** Objects that the cameras are spread over (contracts 7). */
export const SHARD_COUNT = 256;

/** Everything but the cameras: what a change of a tier, site or default touches. */
export const fleetIndexSchema = fleetSchema.omit({ cameras: true }).extend({
  schemaVersion: z.literal(1),
});
export type FleetIndex = z.infer<typeof fleetIndexSchema>;

/** Cameras of one shard by `site/camera`, as the fleet file has them. */
export const fleetShardSchema = z.strictObject({
  schemaVersion: z.literal(1),
  cameras: z.record(z.string(), cameraEntrySchema),
});
export type FleetShard = z.infer<typeof fleetShardSchema>;

export interface CompiledFleet {
  readonly index: FleetIndex;
  /** SHARD_COUNT of them; a camera's is at `shardOf(camera)`. */
  readonly shards: readonly FleetShard[];
}

/**
 * Spreads a fleet over an index and shards, so that a camera's change touches one object and a function
 * reads two. Settings are resolved when read, for tiers follow the hour.
 */
export function compileFleet({ cameras, ...rest }: Fleet): CompiledFleet {
  const shards = Array.from(
    { length: SHARD_COUNT },
    (): Record<string, Fleet['cameras'][string]> => ({}),
  );
  for (const camera of Object.keys(cameras).sort()) {
    shards[shardOf(camera)]![camera] = cameras[camera]!;
  }
  return {
    index: { schemaVersion: 1, ...rest },
    shards: shards.map((entries) => ({ schemaVersion: 1, cameras: entries })),
  };
}

/** A camera's settings at an instant by index and its shard: the same as by the whole fleet. */
export function resolveCompiled(
  index: FleetIndex,
  shard: FleetShard,
  { camera, at }: { readonly camera: string; readonly at: string },
): ResolvedCamera {
  const entry = Object.hasOwn(shard.cameras, camera) ? shard.cameras[camera] : undefined;
  const fleet = { ...index, cameras: entry ? { [camera]: entry } : {} };
  return resolveCamera(fleet, camera, at);
}

/** Shard of a camera, 0 to 255: FNV-1a of its name, folded. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function shardOf(camera: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < camera.length; index++) {
    hash = Math.imul(hash ^ camera.charCodeAt(index), 0x01000193);
  }
  return ((hash >>> 24) ^ (hash >>> 16) ^ (hash >>> 8) ^ hash) & 0xff;
}

/** Key of the index below the config bucket's prefix. */
export const INDEX_KEY = 'index.json';

/** Key of a shard; its object is gzip JSON. */
export function shardKey(shard: number): string {
  return `shards/${shard.toString(16).padStart(2, '0')}.json.gz`;
}

/** The bytes that are published, the same for the same fleet: JSON, keys in order. */
export function renderCompiled(part: FleetIndex | FleetShard): string {
  return `${renderSorted(part)}\n`;
}

function renderSorted(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(renderSorted).join(',')}]`;
  const record = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(record).filter((key) => record[key] !== undefined);
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${renderSorted(record[key])}`)
    .join(',')}}`;
}
