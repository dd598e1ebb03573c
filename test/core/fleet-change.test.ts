import { describe, expect, it } from 'vitest';
import { assumedCostOf } from '../../core/assumed-cost';
import { diffFleets } from '../../core/fleet/diff';
import { setTier } from '../../core/fleet/edit';
import { parseFleet } from '../../core/fleet/parse';
import { resolveCamera } from '../../core/fleet/resolve';

const TEXT = `# the fleet
defaults: { tier: low } # quiet places
cameras:
  # the front
  north/door:
    # busy at noon
    tier: steady   # until May
    masks: []
  north/yard: { minConfidence: 0.5 }
  north/gate: {}
  north/roof:
  "south/hall":
    minConfidence: 0.6
`;

describe('putting a camera into a tier', () => {
  it.each([
    ['north/door', 'tier: steady   # until May', 'tier: high   # until May'],
    ['north/yard', '{ minConfidence: 0.5 }', '{ tier: high, minConfidence: 0.5 }'],
    ['north/gate', 'north/gate: {}', 'north/gate: { tier: high }'],
    ['north/roof', 'north/roof:\n', 'north/roof: { tier: high }\n'],
    ['south/hall', '    minConfidence: 0.6', '    tier: high\n    minConfidence: 0.6'],
  ])('changes the lines of %s and nothing else', (camera, before, after) => {
    const changed = setTier(TEXT, camera, 'high')!;
    expect(changed).toBe(TEXT.replace(before, after));
    expect(
      parseFleet('f', changed.replace('north/roof:\n', 'north/roof: {}\n')).cameras[camera]?.tier,
    ).toBe('high');
  });

  it('knows a camera that the text does not name', () => {
    expect(setTier(TEXT, 'north/cellar', 'high')).toBeNull();
    expect(setTier('defaults: {}', 'north/door', 'high')).toBeNull();
  });
});

describe('the difference of two fleets', () => {
  const AT = '2026-11-20T08:00:00.000Z';
  const fleet = (text: string) => parseFleet('f', text);
  const costAt = (tier: string) =>
    assumedCostOf(resolveCamera(fleet(`cameras: { a/b: { tier: ${tier} } }`), 'a/b', AT).settings)!;

  it('says in words what changes, for cameras that change alike together, with dollars', () => {
    const before = fleet('cameras: { n/a: {}, n/b: {}, n/c: { tier: steady }, n/d: {} }');
    const after = fleet(
      'cameras: { n/a: { tier: steady }, n/b: { tier: steady }, n/c: { tier: steady }, n/e: {} }',
    );
    const changes = diffFleets(before, after, AT);
    expect(changes.map(({ kind, cameras, what }) => ({ kind, cameras, what }))).toEqual([
      { kind: 'changed', cameras: ['n/a', 'n/b'], what: ['tier low → steady'] },
      { kind: 'removed', cameras: ['n/d'], what: ['tier low'] },
      { kind: 'added', cameras: ['n/e'], what: ['tier low'] },
    ]);
    expect(changes[0]!.usdPerMonth).toBeCloseTo(2 * (costAt('steady') - costAt('low')), 6);
    expect(changes[1]!.usdPerMonth).toBeCloseTo(-costAt('low'), 6);
  });

  it('counts the hours of a schedule, and settings beside the tier', () => {
    const schedule = 'schedule: [{ between: "08:00-20:00", tier: steady }]';
    const before = fleet('cameras: { n/a: {} }');
    const after = fleet(`cameras: { n/a: { ${schedule}, minConfidence: 0.6 } }`);
    const [change] = diffFleets(before, after, AT);
    expect(change?.what).toEqual([
      'tier low → low 84 h/week + steady 84 h/week',
      'minConfidence 0.4 → 0.6',
    ]);
    expect(change?.usdPerMonth).toBeCloseTo((costAt('steady') - costAt('low')) / 2, 6);
  });

  it('puts no price on a camera of the gpu lane', () => {
    const [change] = diffFleets(
      fleet('cameras: { n/a: {} }'),
      fleet('cameras: { n/a: { tier: high } }'),
      AT,
    );
    expect(change).toMatchObject({
      what: expect.arrayContaining(['tier low → high']),
      usdPerMonth: null,
    });
  });

  it('finds nothing where nothing differs', () => {
    expect(diffFleets(fleet('cameras: { n/a: {} }'), fleet('cameras: { n/a: {} }'), AT)).toEqual(
      [],
    );
  });
});
