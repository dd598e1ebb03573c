import { expect, it } from 'vitest';
import { setTier } from '../../core/fleet/edit';
import { parseFleet } from '../../core/fleet/parse';
import { resolveCamera } from '../../core/fleet/resolve';
import { starterFleet } from '../../core/fleet/starter';

it('a starter fleet names sites and cameras, all in tier steady, with no zone and no alert', () => {
  const text = starterFleet(['north/door', 'north/back', '1e3/null']);
  expect(
    text,
  ).toBe(`# A fleet file to start from. docs/configuration.md has every setting; "npx tierwatch fleet check FILE" names mistakes.
# Tiers: low looks every 5 s, steady every second, high every second on a GPU.
defaults: { tier: steady }

sites:
  "1e3": { timezone: UTC }
  "north": { timezone: UTC }

cameras:
  "1e3/null": {}
  "north/back": {}
  "north/door": {}
`);
  const fleet = parseFleet('fleet.yaml', text);
  expect(Object.keys(fleet.cameras)).toEqual(['1e3/null', 'north/back', 'north/door']);
  const { settings, isKnown } = resolveCamera(fleet, '1e3/null', '2026-11-20T08:00:00.000Z');
  expect([isKnown, settings.tier, settings.alerts, settings.analysis.zones]).toEqual([
    true,
    'steady',
    [],
    {},
  ]);
  const moved = parseFleet('fleet.yaml', setTier(text, 'north/door', 'low')!);
  expect(moved.cameras['north/door']).toEqual({ tier: 'low' });
});

it('a starter fleet of no camera is a fleet', () => {
  expect(parseFleet('fleet.yaml', starterFleet([])).defaults).toEqual({ tier: 'steady' });
});
