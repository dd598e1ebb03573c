import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkKeys } from '../../core/fleet/check-keys';
import { parseFleet } from '../../core/fleet/parse';
import { compileKeyPatterns, type KeyPattern, mapKey } from '../../core/key-patterns';
import { instantOf } from '../../core/local-time';

const BERLIN = () => 'Europe/Berlin';
const BY_CAMERA: KeyPattern = {
  pattern: '{camera}/{start:yyyyMMdd-HHmmss}.mp4',
  site: 'north',
  time: 'local',
};
const BY_END: KeyPattern = {
  pattern: 'raw/{site}+{camera}/{start:yyyy.MM.dd_HH-mm}_{end:yyyyMMddHHmmssSSS}.mkv',
  time: 'utc',
};
const BY_LENGTH: KeyPattern = {
  pattern: '{site}/{camera}/{start:yyyy/MM/dd/HHmmss}-{seconds}.ts',
  time: 'utc',
};

describe('a pattern', () => {
  const patterns = compileKeyPatterns([BY_CAMERA, BY_END, BY_LENGTH]);

  it('maps local time by the time zone of the site, its length unknown', () => {
    expect(mapKey('door/20260620-080000.mp4', patterns, BERLIN).mapped).toEqual({
      key: 'door/20260620-080000.mp4',
      site: 'north',
      camera: 'north/door',
      startedAt: '2026-06-20T06:00:00.000Z',
      seconds: null,
      extension: 'mp4',
    });
  });

  it('gives the length by {end} or {seconds}', () => {
    expect(
      mapKey('raw/a+b/2026.11.20_08-00_20261120080059500.mkv', patterns, BERLIN).mapped,
    ).toMatchObject({ camera: 'a/b', startedAt: '2026-11-20T08:00:00.000Z', seconds: 59.5 });
    expect(mapKey('a/b/2026/11/20/080000-60.ts', patterns, BERLIN).mapped).toMatchObject({
      camera: 'a/b',
      seconds: 60,
    });
  });

  it('leaves the product’s own keys as they are', () => {
    expect(mapKey('a/b/20261120T080000Z_60s.mp4', patterns, BERLIN).mapped?.seconds).toBe(60);
  });

  it.each([
    ['door/20260329-023000.mp4', /2026-03-29T02:30:00.000 does not exist in Europe\/Berlin/],
    ['door/20260230-080000.mp4', /2026-02-30T08:00:00.000 does not exist/],
    ['door/2026-02-20.mp4', /expected <site>.*3 keyPatterns tried/],
    ['doorX20260220-080000.mp4', /3 keyPatterns tried/],
    ['raw/a+b/2026.11.20_08-00_20261120075959500.mkv', /above 0 s, found -0.5/],
  ])('refuses %s with its reason', (key, reason) => {
    expect(mapKey(key, patterns, BERLIN)).toEqual({
      mapped: null,
      reason: expect.stringMatching(reason),
    });
  });

  it.each([
    ['{camera}/{start:yyyyMMdd-HHmm}.mp4', /expected \{site\}, found none/],
    ['{site}/{camera}.mp4', /expected \{start\}, found none/],
    ['{site}/{camera}/{start:yyyyMMdd}.mp4', /yyyy, MM, dd, HH, mm once each/],
    ['{site}/{camera}/{camera}/{start:yyyyMMddHHmm}.mp4', /\{camera\} once, found it twice/],
    ['{site}/{camera}/{when}.mp4', /found \{when\}/],
    ['{site}/{camera}/{start:yyyyMMddHHmm}.avi', /\.mp4, \.ts or \.mkv/],
  ])('%s is refused', (pattern, message) => {
    expect(() => compileKeyPatterns([{ pattern, time: 'utc' }])).toThrow(message);
  });

  it('reads back any start and length that it wrote', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
    const start = fc.date({
      min: new Date('2000-01-01T00:00:00Z'),
      max: new Date('2099-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(name, name, start, fc.integer({ min: 1, max: 86_400 }), (site, cam, at, s) => {
        const iso = at.toISOString();
        const day = iso.slice(0, 10).replaceAll('-', '/');
        const key = `${site}/${cam}/${day}/${iso.slice(11, 19).replaceAll(':', '')}-${s}.ts`;
        expect(mapKey(key, patterns, BERLIN).mapped).toMatchObject({
          camera: `${site}/${cam}`,
          startedAt: `${iso.slice(0, 19)}.000Z`,
          seconds: s,
        });
      }),
    );
  });
});

it.each([
  ['2026-10-25T02:30:00.000', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
  ['2026-03-29T03:00:00.000', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
  ['2026-03-29T02:59:59.999', 'Europe/Berlin', null],
  ['2026-04-05T02:30:00.000', 'Australia/Melbourne', '2026-04-04T15:30:00.000Z'],
  ['2026-10-04T02:30:00.000', 'Australia/Melbourne', null],
  ['2026-01-01T00:15:00.250', 'Asia/Kathmandu', '2025-12-31T18:30:00.250Z'],
])('takes %s in %s for %s', (local, timezone, instant) => {
  expect(instantOf(local, timezone)).toBe(instant);
});

it('checks keys against a fleet: what each is taken for, and whether the file names the camera', () => {
  const fleet = parseFleet(
    'fleet.yaml',
    `
keyPatterns: [{ pattern: '${BY_CAMERA.pattern}', site: north, time: local }]
sites: { north: { timezone: Australia/Melbourne } }
cameras: { north/door: {} }`,
  );
  const keys = ['door/20260120-080000.mp4', 'yard/20260120-080000.mp4', 'notes.txt'];
  const checks = checkKeys(fleet, keys);
  expect(checks.map(({ isKnown, mapped }) => [isKnown, mapped?.camera, mapped?.startedAt])).toEqual(
    [
      [true, 'north/door', '2026-01-19T21:00:00.000Z'],
      [false, 'north/yard', '2026-01-19T21:00:00.000Z'],
      [false, undefined, undefined],
    ],
  );
});
