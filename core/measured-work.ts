import { analyticsRowOf, COST_FIELDS } from './analytics-row';
import type { SegmentItem } from './segment-result';
import type { MeasuredWork } from './tier-cost';

type TierWork = MeasuredWork & { readonly tier: string };

/** The work of items by tier, as `cost-by-tier` sums it: for where there is no time series to ask. */
export function workByTier(items: Iterable<SegmentItem>): TierWork[] {
  const byTier = Map.groupBy([...items].map(analyticsRowOf), ({ tier }) => tier);
  return [...byTier].map(([tier, rows]) => {
    const sum = (name: (typeof COST_FIELDS)[number]): number =>
      rounded(rows.reduce((total, { fields }) => total + (fields[name] ?? 0), 0));
    const quiet = rows.filter(({ fields }) => fields.movingSeconds === 0);
    const sums = Object.fromEntries(COST_FIELDS.map((name) => [name, sum(name)]));
    return {
      tier,
      segments: new Set(rows.map(({ segmentKey }) => segmentKey)).size,
      quietSegments: new Set(quiet.map(({ segmentKey }) => segmentKey)).size,
      ...(sums as Record<(typeof COST_FIELDS)[number], number>),
    };
  });
}

/** To 10⁻⁹: the sum of the same rows in another order is the same. */
function rounded(sum: number): number {
  return Math.round(sum * 1e9) / 1e9;
}
