import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseFleet } from '../../core/fleet/parse';
import { areaProblem, areaYaml, pointAt } from '../../dashboard/logic/zone-yaml';

const present = {
  camera: 'north-mall/entrance',
  zones: { door: [pointAt(0.1, 0.2), pointAt(0.4, 0.2), pointAt(0.4, 0.9)] },
  masks: [],
  privacyMasks: [],
  origins: { zones: 'camera' },
};
const polygon = [pointAt(0.50049, 0.1), pointAt(1.2, 0.1), pointAt(0.9, 0.95)];

describe('YAML of a drawn area', () => {
  it('has the zones that hold now and the new one', () => {
    expect(areaYaml(present, { kind: 'zones', name: 'till', polygon })).toBe(
      `cameras:
  north-mall/entrance:
    zones:
      door: [[0.1, 0.2], [0.4, 0.2], [0.4, 0.9]]
      till: [[0.5, 0.1], [1, 0.1], [0.9, 0.95]]
`,
    );
  });

  it('adds to the camera’s own masks, and keeps those of others by masks+', () => {
    const masks = [polygon];
    const own = areaYaml({ ...present, masks, origins: { masks: 'camera' } }, newMask());
    expect(parse(own).cameras['north-mall/entrance'].masks).toHaveLength(2);
    const inherited = areaYaml(
      { ...present, masks, origins: { masks: 'site north-mall' } },
      newMask(),
    );
    expect(parse(inherited).cameras['north-mall/entrance']).toEqual({ 'masks+': [polygon] });
    const both = { ...present, masks, origins: { masks: 'defaults, camera' } };
    expect(areaYaml(both, newMask())).toContain('# replaces masks+ of this camera');
  });

  it('is a fleet file that holds', () => {
    for (const kind of ['zones', 'masks', 'privacyMasks'] as const) {
      const yaml = areaYaml(present, { kind, name: 'till', polygon });
      expect(() => parseFleet('pasted.yaml', yaml)).not.toThrow();
    }
  });
});

describe('an area that can’t be', () => {
  it('has too few points, too many, or a name that is none', () => {
    const zone = { kind: 'zones' as const, name: 'till', polygon };
    expect(areaProblem(zone)).toBeNull();
    expect(areaProblem({ ...zone, polygon: polygon.slice(1) })).toMatch('Three points');
    expect(areaProblem({ ...zone, polygon: Array(65).fill(polygon[0]) })).toMatch('at most 64');
    expect(areaProblem({ ...zone, name: 'Till 1' })).toMatch('small letters');
    expect(areaProblem({ ...zone, name: 'frame' })).toMatch('whole picture');
    expect(areaProblem({ ...newMask(), name: '' })).toBeNull();
  });
});

function newMask() {
  return { kind: 'masks' as const, name: '', polygon };
}
