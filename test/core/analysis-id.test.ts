import { expect, it } from 'vitest';
import { analysisIdOf } from '../../core/analysis-id';
import { PRODUCT_ANALYSIS_DEFAULTS as SETTINGS } from '../../core/camera-settings';
import { resolveCamera } from '../../core/fleet/resolve';
import { fleetSchema } from '../../core/fleet/schema';

const INPUT = { modelSha256: 'a'.repeat(64), settings: SETTINGS, floorId: null };

it('is the same for the same model, settings and floor, whatever the order of keys', () => {
  const reversed = Object.fromEntries(Object.entries(SETTINGS).reverse()) as typeof SETTINGS;
  expect(analysisIdOf(INPUT)).toMatch(/^[0-9a-f]{32}$/);
  expect(analysisIdOf({ ...INPUT, settings: reversed })).toBe(analysisIdOf(INPUT));
});

it('changes with each of them', () => {
  const ids = [
    INPUT,
    { ...INPUT, modelSha256: 'b'.repeat(64) },
    { ...INPUT, floorId: 'floor' },
    { ...INPUT, settings: { ...SETTINGS, minConfidence: 0.41 } },
    { ...INPUT, settings: { ...SETTINGS, zones: { door: [] } } },
  ].map(analysisIdOf);
  expect(new Set(ids).size).toBe(5);
});

it('of a camera whose endpoint is sent packets is what it was before JPEG could be chosen', () => {
  const idOf = (send: 'packets' | 'jpeg') => {
    const fleet = fleetSchema.parse({ defaults: { send } });
    const settings = resolveCamera(fleet, 'a/b', '2026-11-20T12:00:00Z').settings.analysis;
    return analysisIdOf({ ...INPUT, settings });
  };
  expect(idOf('packets')).toBe('9592863b827310a6ecece77d28e57732');
  expect(idOf('jpeg')).not.toBe('9592863b827310a6ecece77d28e57732');
});
