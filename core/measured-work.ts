import { analyticsRowOf, WORK_FIELDS } from './analytics-row';
import type { SegmentItem } from './segment-result';
import type { MeasuredWork } from './tier-cost';

type TierWork = MeasuredWork & { readonly tier: string };

/** The work of items by tier, as `cost-by-tier` sums it: for where there is no time series to ask. */
export function workByTier(items: Iterable<SegmentItem>): TierWork[] {
  const byTier = Map.groupBy([...items].map(analyticsRowOf), ({ tier }) => tier);
  return [...byTier].map(([tier, rows]) => {
    const sum = (name: (typeof WORK_FIELDS)[number]): number =>
      rounded(rows.reduce((total, { fields }) => total + (fields[name] ?? 0), 0));
    const quiet = rows.filter(({ fields }) => fields.movingSeconds === 0);
    const sums = Object.fromEntries(WORK_FIELDS.map((name) => [name, sum(name)]));
    return {
      tier,
      segments: new Set(rows.map(({ segmentKey }) => segmentKey)).size,
      quietSegments: new Set(quiet.map(({ segmentKey }) => segmentKey)).size,
      ...(sums as Record<(typeof WORK_FIELDS)[number], number>),
    };
  });
}

/** To a millionth: the sum of the same rows in another order is the same. */
function rounded(sum: number): number {
  return Math.round(sum * 1e6) / 1e6;
}
