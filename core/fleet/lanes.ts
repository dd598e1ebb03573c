import { type Fleet, PRODUCT_TIERS } from './schema';

/** Whether some camera of a fleet may run on the gpu lane, at some hour. */
export function usesGpuLane({ tiers, defaults, sites, cameras }: Fleet): boolean {
  const layers = [
    defaults,
    ...Object.values(sites).map((site) => site.defaults ?? {}),
    ...Object.values(cameras),
  ];
  if (layers.some(({ lane }) => lane === 'gpu')) return true;
  const schedules = [...Object.values(sites), ...Object.values(cameras)].flatMap(
    ({ schedule = [] }) => schedule,
  );
  const named = [...layers, ...schedules].flatMap(({ tier }) => (tier === undefined ? [] : [tier]));
  return named.some((tier) => (tiers[tier]?.lane ?? PRODUCT_TIERS[tier]?.lane) === 'gpu');
}
