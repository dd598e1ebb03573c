/** Tier of cameras that no fleet file describes: a look each second finds whoever only passes. */
export const STARTER_TIER = 'steady';

/**
 * A fleet file to start from, for cameras that were found: one tier, no zones, no alerts.
 * @param cameras `site/camera`
 * @returns YAML
 */
export function starterFleet(cameras: readonly string[]): string {
  const sorted = cameras.toSorted();
  const sites = [...new Set(sorted.map((camera) => camera.split('/')[0]!))];
  return [
    '# A fleet file to start from. docs/configuration.md has every setting; "npx tierwatch fleet check FILE" names mistakes.',
    '# Tiers: low looks every 5 s, steady every second, high every second on a GPU.',
    `defaults: { tier: ${STARTER_TIER} }`,
    '',
    ...mapping('sites', sites, '{ timezone: UTC }'),
    '',
    ...mapping('cameras', sorted, '{}'),
    '',
  ].join('\n');
}

function mapping(name: string, keys: readonly string[], value: string): string[] {
  if (keys.length === 0) return [`${name}: {}`];
  // Quoted: a name such as 1e3 or null is no text in YAML.
  return [`${name}:`, ...keys.map((key) => `  "${key}": ${value}`)];
}
