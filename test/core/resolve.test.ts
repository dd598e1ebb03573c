import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWithin } from '../../core/clock-range';
import { resolveCamera } from '../../core/fleet/resolve';
import { type Fleet, fleetSchema, PRODUCT_TIERS } from '../../core/fleet/schema';

const AT = '2026-11-20T12:00:00.000Z';
type Values = readonly [number | null, number | null, number | null, number | null];

function fleetOf(values: Values, mask: (index: number) => object = () => ({})): Fleet {
  const layer = (index: number): object => ({
    ...(values[index] === null ? {} : { minConfidence: values[index] }),
    ...mask(index),
  });
  return fleetSchema.parse({
    tiers: { own: values[1] === null ? {} : { minConfidence: values[1] } },
    defaults: { tier: 'own', ...layer(0) },
    sites: { a: { defaults: layer(2) } },
    cameras: { 'a/b': layer(3) },
  });
}

const setting = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null });
const values = fc.tuple(setting, setting, setting, setting);

describe('a setting', () => {
  it('is that of the strongest layer that has it: product, defaults, tier, site, camera', () => {
    fc.assert(
      fc.property(values, (given) => {
        const strongest = given.findLastIndex((value) => value !== null);
        const { settings, origins } = resolveCamera(fleetOf(given), 'a/b', AT);
        expect([settings.analysis.minConfidence, origins.minConfidence]).toEqual([
          strongest < 0 ? 0.4 : given[strongest],
          ['product', 'defaults', 'tier own', 'site a', 'camera'][strongest + 1],
        ]);
      }),
    );
  });

  it('of an unknown camera is that of its site, of an unknown site that of the defaults', () => {
    const fleet = fleetOf([0.1, null, 0.3, 0.4]);
    const of = (camera: string) => {
      const { settings, isKnown } = resolveCamera(fleet, camera, AT);
      return [settings.analysis.minConfidence, isKnown];
    };
    expect([of('a/b'), of('a/other'), of('z/any')]).toEqual([
      [0.4, true],
      [0.3, false],
      [0.1, false],
    ]);
  });
});

it('appends masks+ to what the layers below have, and lets masks begin anew', () => {
  const triangle = (x: number) => [
    [x, 0],
    [1, 0],
    [1, 1],
  ];
  const kind = fc.constantFrom('none' as const, 'masks' as const, 'masks+' as const);
  fc.assert(
    fc.property(fc.tuple(kind, kind, kind), ([defaults, site, camera]) => {
      const kinds = [defaults, 'none' as const, site, camera];
      const fleet = fleetOf([null, null, null, null], (index) =>
        kinds[index] === 'none' ? {} : { [kinds[index]!]: [triangle(index / 10)] },
      );
      const from = Math.max(0, kinds.lastIndexOf('masks'));
      const expected = kinds.flatMap((name, index) =>
        name === 'none' || index < from ? [] : [index / 10],
      );
      const { masks } = resolveCamera(fleet, 'a/b', AT).settings.analysis;
      expect(masks.map(([first]) => first![0])).toEqual(expected);
    }),
  );
});

it('has low, steady, high and exhaustive without their being written', () => {
  const gates = Object.keys(PRODUCT_TIERS).map((tier) => {
    const fleet = fleetSchema.parse({ defaults: { tier } });
    const { analysis, lane } = resolveCamera(fleet, 'a/b', AT).settings;
    const { sampleIntervalSeconds, packetGate, motionGate } = analysis;
    return [tier, lane, sampleIntervalSeconds, packetGate, motionGate];
  });
  expect(gates).toEqual([
    ['low', 'cpu', 5, 'auto', true],
    ['steady', 'cpu', 1, 'auto', true],
    ['high', 'gpu', 1, 'auto', false],
    ['exhaustive', 'cpu', 1, 'off', false],
  ]);
});

it('says what the endpoint is sent where that is JPEG: packets change no result', () => {
  const fleet = fleetSchema.parse({
    tiers: { high: { send: 'jpeg' } },
    defaults: { tier: 'high' },
    cameras: { 'a/packets': { send: 'packets' } },
  });
  const [jpeg, packets] = ['a/b', 'a/packets'].map((camera) => resolveCamera(fleet, camera, AT));
  expect([jpeg!.settings.analysis.send, jpeg!.origins.send]).toEqual(['jpeg', 'tier high']);
  expect(jpeg!.settings.analysis).toEqual({ ...packets!.settings.analysis, send: 'jpeg' });
  expect(['send' in packets!.settings.analysis, packets!.origins.send]).toEqual([false, 'camera']);
  expect(fleetSchema.safeParse({ tiers: { high: { send: 'png' } } }).success).toBe(false);
});

it('takes the camera’s schedule before its tier, by the clock of the site', () => {
  const fleet = fleetSchema.parse({
    sites: { a: { timezone: 'Australia/Melbourne' } },
    cameras: {
      'a/b': { tier: 'low', schedule: [{ between: '07:00-19:00', days: 'mon-sat', tier: 'high' }] },
    },
  });
  const tierAt = (at: string) => resolveCamera(fleet, 'a/b', at).settings.tier;
  // Summer time, UTC+11, until 5 April 2026; then UTC+10.
  expect([tierAt('2026-04-03T19:59:59Z'), tierAt('2026-04-03T20:00:00Z')]).toEqual(['low', 'high']);
  expect([tierAt('2026-04-05T20:59:59Z'), tierAt('2026-04-05T21:00:00Z')]).toEqual(['low', 'high']);
  expect(tierAt('2026-04-05T02:00:00Z')).toBe('low');
});

it('has a range of 24 hours cover every instant of a year, on both switches too', () => {
  const instant = fc.date({
    min: new Date('2026-01-01T00:00:00Z'),
    max: new Date('2026-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
  const zone = fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe', 'America/New_York', 'UTC');
  fc.assert(
    fc.property(instant, zone, (at, timezone) => {
      const iso = at.toISOString();
      const inDay = isWithin({ between: '06:00-22:00' }, iso, timezone);
      expect(isWithin({ between: '00:00-24:00' }, iso, timezone)).toBe(true);
      expect(isWithin({ between: '22:00-06:00' }, iso, timezone)).toBe(!inDay);
    }),
  );
});
