import { expect, it } from 'vitest';
import { analysisIdOf } from '../../core/analysis-id';
import { PRODUCT_ANALYSIS_DEFAULTS as SETTINGS } from '../../core/camera-settings';

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
