import {
  type CameraSettings,
  cameraSettingsSchema,
  PRODUCT_ANALYSIS_DEFAULTS,
} from '../camera-settings';
import { isWithin } from '../clock-range';
import { type Fleet, type Layer, PRODUCT_TIERS } from './schema';

export interface ResolvedCamera {
  readonly settings: CameraSettings;
  /** Where each setting came from, by its name: `product`, `defaults`, `tier low`, `site north`, `camera`. */
  readonly origins: Readonly<Record<string, string>>;
  readonly isKnown: boolean;
}

/** What the product sets, below every layer of a fleet file. */
export const PRODUCT_LAYER = {
  lane: 'cpu',
  model: 'default',
  ...PRODUCT_ANALYSIS_DEFAULTS,
  send: 'packets',
  quietGapSeconds: 10,
  stationaryAfterMinutes: 10,
  preRollSeconds: 10,
  postRollSeconds: 10,
  alerts: [],
  alertMaxAgeMinutes: 15,
  cameraSilentMinutes: null,
  healthNotify: null,
  maxSegmentSeconds: 300,
} as const;
export const PRODUCT_RETENTION = {
  quietDays: 2,
  eventDays: 30,
  archiveDays: 365,
  maxBytes: null,
};
export const PRODUCT_TIER = 'low';

/**
 * A camera's settings at an instant. Tier: camera.schedule, camera.tier, site.schedule, site.defaults.tier,
 * defaults.tier, the first there is. Settings, weakest first: product, defaults, tier, site.defaults,
 * camera; lists replace, `masks+` and `privacyMasks+` append.
 * @param camera `site/camera`
 * @param at ISO instant: a segment's start
 */
export function resolveCamera(fleet: Fleet, camera: string, at: string): ResolvedCamera {
  const siteName = camera.split('/')[0]!;
  // Any name may come by a key, "constructor" too.
  const site = Object.hasOwn(fleet.sites, siteName) ? fleet.sites[siteName] : undefined;
  const entry = fleet.cameras[camera];
  const timezone = site?.timezone ?? 'UTC';
  const { tier, origin } = chooseTier(fleet, { site, entry, at, timezone });
  const layers: [string, Partial<Layer>][] = [
    ['product', PRODUCT_LAYER as unknown as Layer],
    ['defaults', { ...fleet.defaults }],
    [`tier ${tier}`, { ...PRODUCT_TIERS[tier], ...fleet.tiers[tier] }],
    [`site ${siteName}`, site?.defaults ?? {}],
    ['camera', entry ?? {}],
  ];
  const merged: Record<string, unknown> = {};
  const origins: Record<string, string> = {
    tier: origin,
    timezone: site ? `site ${siteName}` : 'product',
    retention: fleet.retention ? 'retention' : 'product',
  };
  let retention: Record<string, unknown> = { ...PRODUCT_RETENTION, ...fleet.retention };
  for (const [name, layer] of layers) {
    for (const [key, value] of Object.entries(layer)) {
      if (value === undefined || key === 'tier' || key === 'schedule') continue;
      if (key === 'retention') retention = { ...retention, ...(value as object) };
      else if (key.endsWith('+')) {
        const base = key.slice(0, -1);
        merged[base] = [...((merged[base] as unknown[]) ?? []), ...(value as unknown[])];
        origins[base] = `${origins[base]}, ${name}`;
        continue;
      } else merged[key] = value;
      origins[key] = name;
    }
  }
  const { send, ...others } = merged;
  const analysis = {
    ...Object.fromEntries(Object.keys(PRODUCT_ANALYSIS_DEFAULTS).map((key) => [key, others[key]])),
    // Packets change no result, hence no analysisId.
    ...(send === 'jpeg' ? { send } : {}),
  };
  const settings = cameraSettingsSchema.parse({
    camera,
    tier,
    timezone,
    analysis,
    retention,
    ...Object.fromEntries(
      Object.entries(others).filter(([key]) => !(key in PRODUCT_ANALYSIS_DEFAULTS)),
    ),
  });
  return { settings, origins, isKnown: entry !== undefined };
}

function chooseTier(
  fleet: Fleet,
  {
    site,
    entry,
    at,
    timezone,
  }: {
    site: Fleet['sites'][string] | undefined;
    entry: Fleet['cameras'][string] | undefined;
    at: string;
    timezone: string;
  },
): { tier: string; origin: string } {
  const scheduled = (schedule: Fleet['sites'][string]['schedule']): string | undefined =>
    schedule?.find((one) => isWithin(one, at, timezone))?.tier;
  const candidates: [string | undefined, string][] = [
    [scheduled(entry?.schedule), 'camera schedule'],
    [entry?.tier, 'camera'],
    [scheduled(site?.schedule), 'site schedule'],
    [site?.defaults?.tier, 'site defaults'],
    [fleet.defaults.tier, 'defaults'],
    [PRODUCT_TIER, 'product'],
  ];
  const [tier, origin] = candidates.find(([name]) => name !== undefined)!;
  return { tier: tier!, origin };
}
