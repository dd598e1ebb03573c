import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangesOf } from '../../core/route-segment';
import { formatSegmentKey, parseSegmentKey, requirePast } from '../../core/segment-key';

describe('a segment key', () => {
  it('names site, camera, start and length', () => {
    expect(parseSegmentKey('north-mall/entrance/20261120T080000250Z_59.9s.ts')).toEqual({
      key: 'north-mall/entrance/20261120T080000250Z_59.9s.ts',
      site: 'north-mall',
      camera: 'north-mall/entrance',
      startedAt: '2026-11-20T08:00:00.250Z',
      seconds: 59.9,
      extension: 'ts',
    });
  });

  it('survives being written and read', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
    const instant = fc.date({
      min: new Date('2000-01-01T00:00:00.000Z'),
      max: new Date('2099-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    const milliseconds = fc.integer({ min: 1, max: 86_400_000 });
    fc.assert(
      fc.property(name, name, instant, milliseconds, (site, camera, start, ms) => {
        const segment = {
          camera: `${site}/${camera}`,
          startedAt: start.toISOString(),
          seconds: ms / 1000,
          extension: 'mkv' as const,
        };
        expect(parseSegmentKey(formatSegmentKey(segment))).toMatchObject(segment);
      }),
    );
  });

  it.each([
    'entrance/20261120T080000Z_60s.mp4',
    'North/entrance/20261120T080000Z_60s.mp4',
    '../north/entrance/20261120T080000Z_60s.mp4',
    'north/entrance/20261120T080000_60s.mp4',
    'north/entrance/20261320T080000Z_60s.mp4',
    'north/entrance/20260230T080000Z_60s.mp4',
    'north/entrance/20261120T080000Z_0s.mp4',
    'north/entrance/20261120T080000Z_60s.avi',
  ])('refuses %s, saying what was expected', (key) => {
    expect(() => parseSegmentKey(key)).toThrow(/expected <site>\/<camera>/);
  });

  it('refuses a start more than ten minutes ahead', () => {
    const segment = parseSegmentKey('a/b/20261120T081100Z_60s.mp4');
    const at = (now: string) => () =>
      requirePast(segment, { now: new Date(now), maxAheadMinutes: 10 });
    expect(at('2026-11-20T08:00:00Z')).toThrow(/11 minutes ahead/);
    expect(at('2026-11-20T08:01:00Z')).not.toThrow();
  });
});

it('cuts a recording of ten hours into ranges of five minutes that touch', () => {
  const ranges = rangesOf({ seconds: 36_000 }, 300);
  expect(ranges).toHaveLength(120);
  expect(ranges.slice(0, 2)).toEqual(['0-300000', '300000-600000']);
  expect(ranges.at(-1)).toBe('35700000-36000000');
  expect(rangesOf({ seconds: 300.4 }, 300)).toEqual(['0-300400']);
});
