import { compileKeyPatterns, type KeyPattern, type MappedOrNot, mapKey } from '../key-patterns';
import type { Fleet } from './schema';

export type KeyCheck = { readonly key: string; readonly isKnown: boolean } & MappedOrNot;

/**
 * What each key of a bucket or folder would be taken for.
 * @returns in the order of `keys`; `isKnown`: the fleet file names the camera
 * @throws {RangeError} for a pattern that can't work
 */
export function checkKeys(
  fleet: Fleet,
  keys: readonly string[],
  patterns: readonly KeyPattern[],
): readonly KeyCheck[] {
  const compiled = compileKeyPatterns(patterns);
  const timezoneOf = (site: string): string =>
    Object.hasOwn(fleet.sites, site) ? fleet.sites[site]!.timezone : 'UTC';
  return keys.map((key) => {
    const found = mapKey(key, compiled, timezoneOf);
    const isKnown = found.mapped !== null && Object.hasOwn(fleet.cameras, found.mapped.camera);
    return { key, isKnown, ...found };
  });
}
