import { assumedCostOf } from '../assumed-cost';
import { canonicalJson } from '../hash';
import { resolveCamera } from './resolve';
import type { Fleet } from './schema';

/** What a change of the fleet does to cameras that change alike. */
export interface FleetChange {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly cameras: readonly string[];
  /** In words, such as `tier low → high` or `minConfidence 0.4 → 0.6`. */
  readonly what: readonly string[];
  /** Of all these cameras together, $ a month; null: a lane that is not priced. */
  readonly usdPerMonth: number | null;
}

const HOURS_A_WEEK = 168;
const HOUR_MS = 3_600_000;

/**
 * What changes for which cameras, and what that costs by the price book at assumed usage.
 * @param from ISO instant: the week from then on is compared, hour by hour, for tiers follow schedules
 */
export function diffFleets(before: Fleet, after: Fleet, from: string): FleetChange[] {
  const cameras = new Set([...Object.keys(before.cameras), ...Object.keys(after.cameras)]);
  const profiles = { before: profilesOf(before, from), after: profilesOf(after, from) };
  const groups = new Map<string, { change: Omit<FleetChange, 'cameras'>; cameras: string[] }>();
  for (const camera of [...cameras].sort()) {
    const [old, next] = [profiles.before(camera), profiles.after(camera)];
    const change = changeOf(old, next);
    if (!change) continue;
    const key = canonicalJson(change);
    const group = groups.get(key) ?? { change, cameras: [] };
    group.cameras.push(camera);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ change, cameras: alike }) => ({
    ...change,
    cameras: alike,
    usdPerMonth: change.usdPerMonth === null ? null : change.usdPerMonth * alike.length,
  }));
}

/** A camera over a week. */
interface Profile {
  /** Hours a week by tier. */
  readonly tiers: Readonly<Record<string, number>>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly usdPerMonth: number | null;
}

function changeOf(old: Profile | null, next: Profile | null): Omit<FleetChange, 'cameras'> | null {
  if (!old && !next) return null;
  if (!old) {
    return {
      kind: 'added',
      what: [`tier ${wordsOf(next!.tiers)}`],
      usdPerMonth: next!.usdPerMonth,
    };
  }
  if (!next) {
    const saved = old.usdPerMonth === null ? null : -old.usdPerMonth;
    return { kind: 'removed', what: [`tier ${wordsOf(old.tiers)}`], usdPerMonth: saved };
  }
  const [was, is] = [wordsOf(old.tiers), wordsOf(next.tiers)];
  const tier = was === is ? [] : [`tier ${was} → ${is}`];
  const names = new Set([...Object.keys(old.settings), ...Object.keys(next.settings)]);
  const settings = [...names].sort().flatMap((name) => {
    const [a, b] = [canonicalJson(old.settings[name]), canonicalJson(next.settings[name])];
    return a === b ? [] : [`${name} ${a} → ${b}`];
  });
  if (tier.length + settings.length === 0) return null;
  const isPriced = old.usdPerMonth !== null && next.usdPerMonth !== null;
  return {
    kind: 'changed',
    what: [...tier, ...settings],
    usdPerMonth: isPriced ? next.usdPerMonth! - old.usdPerMonth! : null,
  };
}

/** Profiles by camera; cameras of a site whose entries are alike share one. */
function profilesOf(fleet: Fleet, from: string): (camera: string) => Profile | null {
  const shared = new Map<string, Profile>();
  return (camera) => {
    const entry = fleet.cameras[camera];
    if (entry === undefined) return null;
    const key = `${camera.split('/')[0]}\n${canonicalJson(entry)}`;
    const known = shared.get(key) ?? profileOf(fleet, camera, from);
    shared.set(key, known);
    return known;
  };
}

function profileOf(fleet: Fleet, camera: string, from: string): Profile {
  const tiers: Record<string, number> = {};
  let usdPerMonth: number | null = 0;
  let settings: Profile['settings'] = {};
  const costs = new Map<string, number | null>();
  for (let hour = 0; hour < HOURS_A_WEEK; hour++) {
    const at = new Date(Date.parse(from) + hour * HOUR_MS).toISOString();
    const { settings: resolved } = resolveCamera(fleet, camera, at);
    const { tier, camera: _, analysis, lane, model, ...rest } = resolved;
    tiers[tier] = (tiers[tier] ?? 0) + 1;
    if (!costs.has(tier)) costs.set(tier, assumedCostOf(resolved));
    const cost = costs.get(tier)!;
    usdPerMonth = usdPerMonth === null || cost === null ? null : usdPerMonth + cost / HOURS_A_WEEK;
    if (hour === 0) settings = { ...rest, send: 'packets', ...withoutTier(analysis) };
  }
  return { tiers, settings, usdPerMonth };
}

/** What a tier sets is said by its name. */
function withoutTier(analysis: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { sampleIntervalSeconds, packetGate, motionGate, inputSize, ...rest } = analysis;
  return rest;
}

function wordsOf(tiers: Profile['tiers']): string {
  const entries = Object.entries(tiers).sort(([a], [b]) => a.localeCompare(b));
  if (entries.length === 1) return entries[0]![0];
  return entries.map(([tier, hours]) => `${tier} ${hours} h/week`).join(' + ');
}
