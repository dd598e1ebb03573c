import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileFleet,
  fleetIndexSchema,
  fleetShardSchema,
  renderCompiled,
  resolveCompiled,
  SHARD_COUNT,
  shardOf,
} from '../../core/fleet/compile';
import { parseFleet, parseFleetFiles } from '../../core/fleet/parse';
import { resolveCamera } from '../../core/fleet/resolve';

const TEXT = `
tiers: { night: { sampleIntervalSeconds: 2 } }
defaults: { minConfidence: 0.5 }
sites:
  north: { timezone: Europe/Berlin, schedule: [{ between: "20:00-06:00", tier: night }] }
cameras:
  north/door: { masks: [[[0, 0], [1, 0], [1, 0.1]]] }
  north/yard: { tier: steady }
  south/gate: {}
`;
const FLEET = parseFleet('fleet.yaml', TEXT);
const published = (fleet: typeof FLEET) => {
  const { index, shards } = compileFleet(fleet);
  return [index, ...shards].map(renderCompiled);
};

describe('a compiled fleet', () => {
  it('resolves every camera at every hour as the whole file does, unknown ones too', () => {
    const { index, shards } = compileFleet(FLEET);
    const read = {
      index: fleetIndexSchema.parse(JSON.parse(renderCompiled(index))),
      shards: shards.map((shard) => fleetShardSchema.parse(JSON.parse(renderCompiled(shard)))),
    };
    for (const camera of ['north/door', 'north/yard', 'south/gate', 'north/new', 'else/where']) {
      for (let hour = 0; hour < 24; hour++) {
        const at = `2026-11-20T${String(hour).padStart(2, '0')}:30:00.000Z`;
        expect(resolveCompiled(read.index, read.shards[shardOf(camera)]!, { camera, at })).toEqual(
          resolveCamera(FLEET, camera, at),
        );
      }
    }
  });

  it('changes one object for a camera’s tier, and the index alone for a tier’s definition', () => {
    const before = published(FLEET);
    const changed = (text: string): number[] => {
      const after = published(parseFleet('fleet.yaml', text));
      return before.flatMap((part, index) => (part === after[index] ? [] : [index]));
    };
    expect(changed(TEXT.replace('tier: steady', 'tier: high'))).toEqual([
      shardOf('north/yard') + 1,
    ]);
    expect(changed(TEXT.replace('sampleIntervalSeconds: 2', 'sampleIntervalSeconds: 3'))).toEqual([
      0,
    ]);
  });

  it('is the same bytes whatever the order of the file', () => {
    const turned = {
      ...FLEET,
      cameras: Object.fromEntries(Object.entries(FLEET.cameras).reverse()),
    };
    expect(published(turned)).toEqual(published(FLEET));
  });

  it('spreads cameras evenly: no shard of 100,000 holds more than 1.3 times its share', () => {
    const counts = new Array<number>(SHARD_COUNT).fill(0);
    for (let index = 0; index < 100_000; index++) {
      counts[shardOf(`site-${index % 400}/camera-${Math.floor(index / 400)}`)]!++;
    }
    expect(Math.max(...counts)).toBeLessThan((1.3 * 100_000) / SHARD_COUNT);
  });

  it('has a shard from 0 to 255 for any name', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const shard = shardOf(name);
        return Number.isInteger(shard) && shard >= 0 && shard < SHARD_COUNT;
      }),
    );
  });
});

describe('a fleet of several files', () => {
  const common = { file: 'prod/fleet.yaml', text: 'defaults: { tier: steady }' };
  const north = { file: 'prod/north.yaml', text: 'sites: { north: {} }\ncameras: { north/a: {} }' };

  it('is one fleet', () => {
    const south = { file: 'prod/south.yaml', text: 'cameras: { south/b: { tier: low } }' };
    const fleet = parseFleetFiles([common, north, south]);
    expect(Object.keys(fleet.cameras)).toEqual(['north/a', 'south/b']);
    expect(resolveCamera(fleet, 'north/a', '2026-11-20T08:00:00.000Z').settings.tier).toBe(
      'steady',
    );
  });

  it('names the file, line and column of every problem, also between files', () => {
    const twice = {
      file: 'prod/twice.yaml',
      text: 'defaults: { tier: low }\ncameras:\n  north/a: {}\n  north/b: { tier: fast }\nzone: 1',
    };
    expect(() => parseFleetFiles([common, north, twice])).toThrow(
      [
        'prod/twice.yaml:1:1: defaults: named twice, first in prod/fleet.yaml:1; keep one',
        'prod/twice.yaml:3:3: cameras.north/a: named twice, first in prod/north.yaml:2; keep one',
        'prod/twice.yaml:4:14: cameras.north/b.tier: tier "fast" does not exist; expected one of low, steady, high, exhaustive',
        'prod/twice.yaml:5:1: zone: unknown key "zone"; expected one of tiers, defaults, retention, notify, keyPatterns, limits, sites, cameras',
      ].join('\n'),
    );
  });
});
