import { assumedCpuSecondsPerHour } from '../assumed-cost';
import type { WarmEnvironments } from '../infra-config';
import { instantOf } from '../local-time';
import { resolveCamera } from './resolve';
import type { Fleet } from './schema';

export interface WarmHoursOptions {
  /** Whether cameras of gpu tiers are worked by the gpu lane; else they count here. */
  readonly hasGpuLane: boolean;
  /** Most environments kept warm. */
  readonly max: number;
}

/** Share of the warm environments that busy hours are planned to use: the rest takes the unevenness. */
const TARGET_RATIO = 0.7;
const SLOT_MINUTES = 15;
const SLOTS_A_DAY = (24 * 60) / SLOT_MINUTES;
export const SLOTS_A_WEEK = 7 * SLOTS_A_DAY;
const DAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;
/** A week in which no zone changes its clocks; its Monday. */
const REFERENCE_MONDAY = Date.UTC(2026, 0, 5);

/**
 * Warm environments of the cpu lane by the hours in which the fleet's schedules make it busier than at its
 * quietest: then as many as the cameras of that hour need at assumed usage, otherwise none. Null without
 * schedules that change the lane's work: cold starts are cheaper than waiting for work that is even.
 * Scaling has one clock: the zone of most scheduled cameras; others are placed by their distance to it in
 * January, so where clocks change on other days they are an hour off for some weeks.
 */
export function warmHours(
  fleet: Fleet,
  { hasGpuLane, max }: WarmHoursOptions,
): WarmEnvironments | null {
  const groups = scheduledGroups(fleet);
  const timezone = clockOf(groups);
  if (timezone === null) return null;
  const slots = Array.from({ length: SLOTS_A_WEEK }, (_, slot) => {
    const at = instantOfSlot(slot, timezone);
    const busySeconds = groups.reduce((sum, { camera, cameras }) => {
      const { settings } = resolveCamera(fleet, camera, at);
      const isHere = settings.lane === 'cpu' || !hasGpuLane;
      return sum + (isHere ? cameras * assumedCpuSecondsPerHour(settings) : 0);
    }, 0);
    return busySeconds / 3600;
  });
  const quietest = Math.min(...slots);
  const levels = slots.map((environments) =>
    environments > quietest ? Math.min(max, Math.ceil(environments / TARGET_RATIO)) : 0,
  );
  const busiest = Math.max(...levels);
  if (busiest === 0) return null;
  const schedules = changesOf(levels).map(({ cron, level }) => {
    return { cron, timezone, min: level, max: level === 0 ? 0 : Math.max(level, max) };
  });
  return { min: 0, max, targetRatio: TARGET_RATIO, schedules };
}

interface Group {
  /** One of them: the others are settled alike. */
  readonly camera: string;
  readonly cameras: number;
  readonly timezone: string;
}

/** Whether a schedule may change a camera's tier. */
export function isScheduled({ cameras, sites }: Fleet, camera: string): boolean {
  const { schedule, tier } = cameras[camera]!;
  return Boolean(schedule ?? (tier === undefined && sites[camera.split('/')[0]!]?.schedule));
}

/** Cameras whose tier a schedule may change, those of one site and one entry together. */
export function scheduledGroups(fleet: Fleet): Group[] {
  const { cameras, sites } = fleet;
  const groups = new Map<string, { camera: string; cameras: number; timezone: string }>();
  for (const [camera, entry] of Object.entries(cameras)) {
    const name = camera.split('/')[0]!;
    const site = sites[name];
    if (!isScheduled(fleet, camera)) continue;
    const { tier, schedule, lane, sampleIntervalSeconds, motionGate } = entry;
    const key = JSON.stringify([name, tier, schedule, lane, sampleIntervalSeconds, motionGate]);
    const group = groups.get(key);
    if (group) group.cameras++;
    else groups.set(key, { camera, cameras: 1, timezone: site?.timezone ?? 'UTC' });
  }
  return [...groups.values()];
}

/** The zone of most scheduled cameras. */
export function clockOf(groups: readonly Group[]): string | null {
  const byZone = new Map<string, number>();
  for (const { timezone, cameras } of groups) {
    byZone.set(timezone, (byZone.get(timezone) ?? 0) + cameras);
  }
  const [first] = [...byZone].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return first?.[0] ?? null;
}

/** Quarter of an hour of the week → an instant, ISO. */
export function instantOfSlot(slot: number, timezone: string): string {
  const local = new Date(REFERENCE_MONDAY + slot * SLOT_MINUTES * 60_000);
  return instantOf(local.toISOString().slice(0, -1), timezone)!;
}

/** Where the level changes, days of the same change together, as AWS writes times. */
export function changesOf(levels: readonly number[]): { cron: string; level: number }[] {
  const changes = new Map<string, { slot: number; level: number; days: string[] }>();
  for (const [index, level] of levels.entries()) {
    if (levels.at(index - 1) === level) continue;
    const slot = index % SLOTS_A_DAY;
    const key = `${String(slot).padStart(3, '0')} ${level}`;
    const change = changes.get(key) ?? { slot, level, days: [] };
    change.days.push(DAYS[Math.floor(index / SLOTS_A_DAY)]!);
    changes.set(key, change);
  }
  return [...changes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { slot, level, days }]) => {
      const minutes = slot * SLOT_MINUTES;
      const when = `${minutes % 60} ${Math.floor(minutes / 60)}`;
      return { cron: `cron(${when} ? * ${days.length === 7 ? '*' : days.join(',')} *)`, level };
    });
}
