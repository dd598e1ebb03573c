import type { CameraSettings } from '../camera-settings';
import { resolveCamera } from './resolve';
import { type Fleet, PRODUCT_TIERS } from './schema';

/** The reference that others are measured against: no tier to run cameras at. */
const REFERENCE_TIER = 'exhaustive';

/** Names of the tiers that a fleet's cameras may be put in. */
export function tiersOf({ tiers }: Pick<Fleet, 'tiers'>): string[] {
  const names = new Set([...Object.keys(PRODUCT_TIERS), ...Object.keys(tiers)]);
  return [...names].filter((name) => name !== REFERENCE_TIER || Object.hasOwn(tiers, name)).sort();
}

/** A camera's settings at an instant, were it in each of the tiers all the time. */
export function resolveAtTiers(fleet: Fleet, camera: string, at: string): CameraSettings[] {
  const { schedule: _, ...entry } = fleet.cameras[camera] ?? {};
  return tiersOf(fleet).map((tier) => {
    const alone = { ...fleet, cameras: { [camera]: { ...entry, tier } } };
    return resolveCamera(alone, camera, at).settings;
  });
}
