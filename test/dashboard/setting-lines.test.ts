import { expect, it } from 'vitest';
import { analysisSettingsSchema, cameraSettingsSchema } from '../../core/camera-settings';
import { resolveCamera } from '../../core/fleet/resolve';
import { fleetSchema } from '../../core/fleet/schema';
import { settingLines } from '../../dashboard/logic/setting-lines';

const AT = '2026-11-20T08:00:00.000Z';
const FLEET = fleetSchema.parse({
  tiers: { high: { lane: 'gpu', send: 'jpeg' } },
  retention: { quietDays: 3, maxBytes: 4_000_000_000 },
  sites: { north: { timezone: 'Australia/Melbourne', defaults: { preRollSeconds: 20 } } },
  cameras: { 'north/door': { tier: 'high' }, 'south/gate': {} },
});

it('names every setting there is, once', () => {
  const { settings } = resolveCamera(FLEET, 'north/door', AT);
  const { camera: _, analysis: __, ...around } = cameraSettingsSchema.shape;
  const known = [...Object.keys(around), ...Object.keys(analysisSettingsSchema.shape)];
  expect(
    settingLines(settings)
      .map(({ key }) => key)
      .sort(),
  ).toEqual(known.sort());
});

it('says in words what holds, beside the layer that it comes from', () => {
  const shown = (camera: string, ...keys: string[]) => {
    const { settings, origins } = resolveCamera(FLEET, camera, AT);
    const lines = settingLines(settings).filter(({ key }) => keys.includes(key));
    return lines.map(({ key, value }) => [key, value, origins[key]]);
  };
  const keys = ['timezone', 'send', 'preRollSeconds', 'retention'];
  expect(shown('north/door', ...keys)).toEqual([
    ['timezone', 'Australia/Melbourne', 'site north'],
    ['send', 'jpeg', 'tier high'],
    ['preRollSeconds', '20 s', 'site north'],
    ['retention', 'quiet 3 days, evidence 30, archive 365, at most 4 GB', 'retention'],
  ]);
  expect(shown('south/gate', ...keys)).toEqual([
    ['timezone', 'UTC', 'product'],
    ['send', 'packets, were it on the gpu lane', 'product'],
    ['preRollSeconds', '10 s', 'product'],
    ['retention', 'quiet 3 days, evidence 30, archive 365, at most 4 GB', 'retention'],
  ]);
});
