import type { Fleet } from './schema';

/** Names of the model bundles that a fleet can ask for, `default` first. */
export function modelsOf({ tiers, defaults, sites, cameras }: Fleet): string[] {
  const layers = [
    defaults,
    ...Object.values(tiers),
    ...Object.values(sites).map((site) => site.defaults ?? {}),
    ...Object.values(cameras),
  ];
  const named = layers.flatMap(({ model }) => (model === undefined ? [] : [model]));
  return [...new Set(['default', ...named])];
}
