import { resolveCamera } from './resolve';
import type { Fleet } from './schema';
import {
  changesOf,
  clockOf,
  instantOfSlot,
  isScheduled,
  SLOTS_A_WEEK,
  scheduledGroups,
} from './warm-hours';

/** When the gpu lane's endpoint is made and deleted. */
export interface GpuHours {
  readonly timezone: string;
  readonly changes: readonly { readonly action: 'start' | 'stop'; readonly cron: string }[];
}

/** An image of some GB and a model take minutes to come: two quarters of an hour ahead. */
const AHEAD_SLOTS = 2;

/**
 * The hours in which some camera's schedule puts it on the gpu lane, made half an hour ahead. Where a camera is there at
 * every hour the endpoint is only ever started; where none is, never. One clock for all, as for warm environments.
 */
export function gpuHours(fleet: Fleet): GpuHours {
  const isOnGpu = (camera: string, at: string): boolean =>
    resolveCamera(fleet, camera, at).settings.lane === 'gpu';
  const groups = scheduledGroups(fleet);
  const timezone = clockOf(groups) ?? 'UTC';
  const anyTime = instantOfSlot(0, timezone);
  const unscheduled = Object.keys(fleet.cameras).filter((camera) => !isScheduled(fleet, camera));
  const isAlways = unscheduled.some((camera) => isOnGpu(camera, anyTime));
  const needed = Array.from({ length: SLOTS_A_WEEK }, (_, slot) => {
    const at = instantOfSlot(slot, timezone);
    return isAlways || groups.some(({ camera }) => isOnGpu(camera, at));
  });
  if (needed.every(Boolean)) {
    return { timezone, changes: [{ action: 'start', cron: 'rate(1 hour)' }] };
  }
  const levels = needed.map((_, slot) => {
    const soon = Array.from(
      { length: AHEAD_SLOTS + 1 },
      (_, ahead) => (slot + ahead) % SLOTS_A_WEEK,
    );
    return soon.some((one) => needed[one]) ? 1 : 0;
  });
  const changes = changesOf(levels).map(({ cron, level }) => {
    return { action: level === 1 ? ('start' as const) : ('stop' as const), cron };
  });
  return { timezone, changes };
}
