import { type CameraCost, priceTier, usagePerHour } from '../../core/price-book';
import { US_EAST_1 } from '../../core/prices/us-east-1';
import type { SegmentItem } from '../../core/segment-result';
import { ASSUMED_FLEET } from '../../core/tier-cost';

export { COST_ASSUMPTIONS } from '../../core/tier-cost';

/** Dollars a camera-month of each tier, were every hour like the footage of these items. */
export function costByTier(
  items: readonly Pick<SegmentItem, 'tier' | 'usage' | 'presences'>[],
): Map<string, CameraCost> {
  const tiers = Map.groupBy(items, ({ tier }) => tier);
  return new Map(
    [...tiers].map(([tier, group]) => {
      const usages = group.map(({ usage }) => usage);
      const footageSeconds = usages.reduce((sum, usage) => sum + usage.footageSeconds, 0);
      const evidence = group.filter(({ presences }) => presences.length > 0).length;
      const options = {
        ...ASSUMED_FLEET,
        segmentSeconds: Math.min(3600, Math.max(1, footageSeconds / group.length)),
        keptRatio: evidence / group.length,
      };
      return [tier, priceTier(usagePerHour(usages), options, US_EAST_1)];
    }),
  );
}

/** One line a tier. */
export function describeCosts(costs: ReadonlyMap<string, CameraCost>): string[] {
  return [...costs].map(([tier, { lines, totalUsdPerMonth }]) => {
    const parts = lines.map(
      ({ name, usdPerMonth, isVerified }) =>
        `${name} $${usdPerMonth.toFixed(2)}${isVerified ? '' : ' (unverified)'}`,
    );
    return `tier ${tier}: $${totalUsdPerMonth.toFixed(2)} a camera-month; ${parts.join(', ')}`;
  });
}
