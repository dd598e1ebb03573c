import { compileKeyPatterns, type MapKey, type MappedOrNot, mapKey } from '../key-patterns';
import type { Fleet } from './schema';

export type KeyCheck = { readonly key: string; readonly isKnown: boolean } & MappedOrNot;

type Layouts = Pick<Fleet, 'keyPatterns' | 'sites'>;
const compiled = new WeakMap<Layouts, MapKey>();

/**
 * Maps keys by a fleet's own layouts and the product's; made once a fleet.
 * @throws {RangeError} for a pattern that can't work
 */
export function keyMapOf(fleet: Layouts): MapKey {
  const known = compiled.get(fleet);
  if (known) return known;
  const map = compileKeyMap(fleet);
  compiled.set(fleet, map);
  return map;
}

function compileKeyMap(fleet: Layouts): MapKey {
  const patterns = compileKeyPatterns(fleet.keyPatterns);
  const timezoneOf = (site: string): string =>
    Object.hasOwn(fleet.sites, site) ? fleet.sites[site]!.timezone : 'UTC';
  return (key) => mapKey(key, patterns, timezoneOf);
}

/**
 * What each key of a bucket or folder would be taken for.
 * @returns in the order of `keys`; `isKnown`: the fleet file names the camera
 */
export function checkKeys(fleet: Fleet, keys: readonly string[]): readonly KeyCheck[] {
  const map = keyMapOf(fleet);
  return keys.map((key) => {
    const found = map(key);
    const isKnown = found.mapped !== null && Object.hasOwn(fleet.cameras, found.mapped.camera);
    return { key, isKnown, ...found };
  });
}
