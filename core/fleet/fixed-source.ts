import type { FleetSource } from '../ports';
import { compileFleet } from './compile';
import { resolveCamera } from './resolve';
import type { Fleet } from './schema';

/**
 * A fleet that is in memory whole and does not change.
 * @param options `lanes`: those that there are; cameras of others run on the cpu lane
 */
export function fixedFleet(
  fleet: Fleet,
  { lanes }: { readonly lanes: readonly ('cpu' | 'gpu')[] },
): FleetSource {
  const { index } = compileFleet({ ...fleet, cameras: {} });
  return {
    index: async () => index,
    resolve: async (camera, at) => {
      const resolved = resolveCamera(fleet, camera, at);
      const { lane } = resolved.settings;
      if (lanes.includes(lane)) return resolved;
      return { ...resolved, settings: { ...resolved.settings, lane: 'cpu' } };
    },
  };
}
