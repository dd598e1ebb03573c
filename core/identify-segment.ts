import { TierwatchError } from './errors';
import type { MapKey } from './key-patterns';
import { formatSegmentKey, isSegmentKey, type SegmentKey } from './segment-key';

/** A file or object as it landed. */
export interface LandedObject {
  /** The key as stored. */
  readonly key: string;
  readonly objectVersion: string;
}

/** No layout that the fleet knows fits the key: its file is quarantined. */
export class UnmappedKeyError extends TierwatchError {
  override readonly name = 'UnmappedKeyError';
  constructor(reason: string) {
    super(reason, { code: 'segment-key', retryable: false });
  }
}

export interface IdentifyDeps {
  readonly mapKey: MapKey;
  /** Length of a file whose key does not tell it, seconds. */
  readonly probeSeconds: (object: LandedObject) => Promise<number>;
}

/**
 * The segment that a landed object is: by its own key, or by the layout of `keyPatterns` that fits.
 * @throws {UnmappedKeyError} and what `probeSeconds` throws
 */
export async function identifySegment(
  object: LandedObject,
  { mapKey, probeSeconds }: IdentifyDeps,
): Promise<SegmentKey> {
  const { mapped, reason } = mapKey(object.key);
  if (!mapped) throw new UnmappedKeyError(reason);
  const seconds = mapped.seconds ?? (await probeSeconds(object));
  const key = isSegmentKey(object.key) ? object.key : formatSegmentKey({ ...mapped, seconds });
  return { ...mapped, seconds, key };
}
