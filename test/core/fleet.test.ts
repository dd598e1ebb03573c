import { describe, expect, it } from 'vitest';
import { isWithin } from '../../core/clock-range';
import { FleetFileError, parseFleet } from '../../core/fleet/parse';
import { resolveCamera } from '../../core/fleet/resolve';

const GOOD = `
tiers:
  night: { lane: cpu, sampleIntervalSeconds: 2 }
defaults: { tier: low, classes: [person, car], minConfidence: 0.5, masks: [[[0, 0], [1, 0], [1, 0.1]]] }
notify: { ops: { webhook: "https://example.org/hook" } }
sites:
  north:
    timezone: Europe/Berlin
    schedule: [{ between: "22:00-06:00", days: mon-fri, tier: night }]
    defaults: { tier: high }
cameras:
  north/door:
    zones: { step: [[0.1, 0.2], [0.4, 0.2], [0.4, 0.9]] }
    masks+: [[[0, 0.9], [1, 0.9], [1, 1]]]
    alerts: [{ name: after-hours, classes: [person], zones: [step], between: "22:00-06:00", notify: ops }]
  north/yard: { tier: steady, minConfidence: 0.7 }
`;

function problemsOf(text: string): string[] {
  try {
    parseFleet('fleet.yaml', text);
    return [];
  } catch (error) {
    if (!(error instanceof FleetFileError)) throw error;
    return error.problems.map(
      ({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`,
    );
  }
}

describe('a fleet file', () => {
  const fleet = parseFleet('fleet.yaml', GOOD);

  it.each([
    ['north/door', '2026-06-01T12:00:00Z', 'high', 'site defaults'],
    ['north/door', '2026-06-01T21:00:00Z', 'night', 'site schedule'],
    ['north/yard', '2026-06-01T21:00:00Z', 'steady', 'camera'],
    ['south/gate', '2026-06-01T21:00:00Z', 'low', 'defaults'],
  ])('gives %s at %s the tier %s, from %s', (camera, at, tier, origin) => {
    const resolved = resolveCamera(fleet, camera, at);
    expect([resolved.settings.tier, resolved.origins.tier]).toEqual([tier, origin]);
  });

  it('lets the strongest layer win, replaces lists and appends what is marked +', () => {
    const door = resolveCamera(fleet, 'north/door', '2026-06-01T12:00:00Z').settings;
    const yard = resolveCamera(fleet, 'north/yard', '2026-06-01T12:00:00Z');
    expect(door.analysis.minConfidence).toBe(0.5);
    expect(yard.settings.analysis.minConfidence).toBe(0.7);
    expect(yard.origins.minConfidence).toBe('camera');
    expect(door.analysis.masks).toHaveLength(2);
    expect(yard.settings.analysis.masks).toHaveLength(1);
  });

  it('names every problem in one go, by line and column', () => {
    const bad = GOOD.replace('minConfidence: 0.5', 'minConfidense: 0.5')
      .replace('[0.4, 0.9]]', '[0.4, 1.9]]')
      .replace('tier: steady', 'tier: steddy')
      .replace('notify: ops', 'notify: opps');
    expect(problemsOf(bad)).toEqual([
      '4:48 defaults.minConfidense: unknown key "minConfidense"; did you mean "minConfidence"?',
      '13:51 cameras.north/door.zones.step.2.1: expected at most 1, found 1.9',
      '15:93 cameras.north/door.alerts.0.notify: notify target "opps" does not exist; expected one of ops',
      '16:17 cameras.north/yard.tier: tier "steddy" does not exist; expected one of low, steady, high, exhaustive, night',
    ]);
  });

  it('refuses a camera named twice, a zone and a time zone that do not exist', () => {
    expect(problemsOf(`${GOOD}  north/door: {}\n`)).toContain(
      '17:3 cameras.north/door: named twice, first in line 12; keep one',
    );
    expect(problemsOf(GOOD.replace('zones: [step]', 'zones: [stp]'))[0]).toMatch(
      /^15:\d+ .*zone "stp" does not exist; expected one of frame, step/,
    );
    expect(problemsOf(GOOD.replace('Europe/Berlin', 'Europe/Berln'))[0]).toMatch(
      /^8:\d+ .*time zone "Europe\/Berln"/,
    );
    expect(problemsOf('tiers: [')[0]).toMatch(/expected YAML/);
  });
});

describe('a camera named twice', () => {
  const door = (tier: string): string => `  n/door: { minConfidence: 2, tier: ${tier} }`;
  const file = (...tiers: string[]): string => ['cameras:', ...tiers.map(door)].join('\n');
  const told = (line: number, tier: string): string[] => [
    `${line}:31 cameras.n/door.tier: tier "${tier}" does not exist; expected one of low, steady, high, exhaustive`,
    `${line}:13 cameras.n/door.minConfidence: expected at most 1, found 2`,
  ];
  const twice = (line: number): string =>
    `${line}:3 cameras.n/door: named twice, first in line 2; keep one`;

  it('is told of with all that is wrong in each of its entries, where it stands', () => {
    expect(problemsOf(file('one', 'other')).sort()).toEqual(
      [twice(3), ...told(2, 'one'), ...told(3, 'other')].sort(),
    );
    expect(problemsOf(file('a', 'b', 'c')).sort()).toEqual(
      [twice(3), twice(4), ...told(2, 'a'), ...told(3, 'b'), ...told(4, 'c')].sort(),
    );
  });

  it('is told of once beside another mistake of the file', () => {
    expect(problemsOf('defaults: { lane: x }\ncameras: { n/a: {}, n/a: {} }')).toEqual([
      '1:13 defaults.lane: expected one of cpu, gpu, found "x"',
      '2:21 cameras.n/a: named twice, first in line 2; keep one',
    ]);
  });
});

describe('names across layers', () => {
  const RULE = 'alerts: [{ name: a, classes: [person], zones: [door], notify: ops }]';
  const head = (defaults: string, site: string) =>
    `notify: { ops: { stdout: true } }\ndefaults: { ${defaults} }\nsites: { n: { defaults: { ${site} } } }\n`;
  const DOOR = 'zones: { door: [[0, 0], [1, 0], [1, 1]] }';

  it('takes a zone from the site or the defaults of a camera', () => {
    expect(problemsOf(`${head('', DOOR)}cameras: { n/a: { ${RULE} } }`)).toEqual([]);
    expect(problemsOf(`${head(DOOR, '')}cameras: { n/a: { ${RULE} } }`)).toEqual([]);
  });

  it('refuses zones that leave a taken-over alert without its own', () => {
    const own = 'zones: { yard: [[0, 0], [1, 0], [1, 1]] }';
    expect(problemsOf(`${head(`${DOOR}, ${RULE}`, '')}cameras: { n/a: { ${own} } }`)).toEqual([
      '4:19 cameras.n/a.zones: replaces the zones of the layers below, but the alert "a" taken over from them names "door"; draw it here too, or give alerts here',
    ]);
    expect(problemsOf(`${head(DOOR, '')}cameras: { n/a: { ${own}, ${RULE} } }`)).toEqual([
      '4:109 cameras.n/a.alerts.0.zones.0: zone "door" does not exist; expected one of frame, yard',
    ]);
  });

  it('refuses an alert named twice, a zone named frame and a target named like a method', () => {
    const rule = 'name: a, classes: [car], notify: constructor';
    const frame = 'zones: { frame: [[0, 0], [1, 0], [1, 1]] }';
    const camera = `n/a: { ${frame}, alerts: [{ ${rule} }, { ${rule} }] }`;
    expect(problemsOf(`${head('', '')}cameras: { ${camera} }`).map(withoutPlace)).toEqual([
      'cameras.n/a.zones.frame: "frame" always exists and is the whole picture; name the zone otherwise',
      'cameras.n/a.alerts.0.notify: notify target "constructor" does not exist; expected one of ops',
      'cameras.n/a.alerts.1.name: alert "a" is named twice; expected a name for each rule',
      'cameras.n/a.alerts.1.notify: notify target "constructor" does not exist; expected one of ops',
    ]);
  });

  it('refuses filters that nothing can pass', () => {
    const filters = 'classFilters: { car: { minArea: 0.5, maxArea: 0.1, aspect: [3, 1] } }';
    expect(problemsOf(`defaults: { ${filters} }`).map(withoutPlace)).toEqual([
      'defaults.classFilters.car.minArea: expected at most maxArea (0.1), found 0.5',
      'defaults.classFilters.car.aspect: expected [least, largest], found [3, 1]',
    ]);
  });
});

describe('a value that breaks the schema', () => {
  it.each([
    [
      'defaults: { minConfidence: -1 }',
      '1:13 defaults.minConfidence: expected at least 0, found -1',
    ],
    ['defaults: { lane: x }', '1:13 defaults.lane: expected one of cpu, gpu, found "x"'],
    ['defaults: { motionGate: 1 }', '1:13 defaults.motionGate: expected true or false, found 1'],
    [
      'defaults: { classes: [] }',
      '1:13 defaults.classes: expected at least 1 entry, found a list of 0',
    ],
    ['defaults: { classes: {} }', '1:13 defaults.classes: expected a list, found a mapping'],
    ['retention: { maxBytes: 0 }', '1:14 retention.maxBytes: expected more than 0, found 0'],
    ['retention: { maxBytes: 1.5 }', '1:14 retention.maxBytes: expected a whole number, found 1.5'],
    [
      'defaults: { model: A }',
      '1:13 defaults.model: expected a text /^[a-z0-9][a-z0-9.-]{0,62}$/, found "A"',
    ],
    [
      'defaults: { masks: [[[0, 0, 1], [1, 0], [1, 1]]] }',
      '1:22 defaults.masks.0.0: expected at most 2 entries, found a list of 3',
    ],
    ['keyPatterns: [{}]', '1:15 keyPatterns.0.pattern: expected a text, found nothing'],
    [
      'tiers: { Night: {} }',
      '1:10 tiers.Night: expected a name of a-z, 0-9 and "-", found "Night"',
    ],
  ])('%s is refused by what was expected and what was found', (text, problem) => {
    expect(problemsOf(text)[0]).toBe(problem);
  });

  it.each([
    ['defaults: { a: 1', 'BAD_INDENT', /or a closing bracket or brace before it/],
    ['defaults:\n\ttier: low', 'TAB_AS_INDENT', /spaces, found a tab/],
    ['defaults: a: b', 'BLOCK_AS_IMPLICIT_KEY', /a value on this line/],
    ['defaults: @', 'BAD_SCALAR_START', /put it in quotes/],
  ])('%j is no YAML, told without a word of the parser’s: %s', (text, _, message) => {
    expect(problemsOf(text)[0]).toMatch(message);
  });
});

describe('retention that does not go in order', () => {
  it.each([
    [
      'in the fleet’s own',
      'retention: { quietDays: 9, eventDays: 7, archiveDays: 5 }',
      [
        '1:14 retention.quietDays: expected at most eventDays (7 of retention), found 9; lower it, or raise eventDays',
        '1:28 retention.eventDays: expected at most archiveDays (5 of retention), found 7; lower it, or raise archiveDays',
      ],
    ],
    [
      'over the product’s',
      'retention: { eventDays: 400 }',
      [
        '1:14 retention.eventDays: expected at most archiveDays (365, the product’s), found 400; lower it, or raise archiveDays',
      ],
    ],
    [
      'at a camera, in the tier that its site’s schedule puts it in',
      `tiers: { night: { retention: { quietDays: 20 } } }
sites: { n: { schedule: [{ between: "22:00-06:00", tier: night }] } }
cameras:
  n/a: { retention: { eventDays: 10 } }
  n/b: { tier: low, retention: { eventDays: 10 } }`,
      [
        '4:23 cameras.n/a.retention.eventDays: expected at least quietDays (20 of tiers.night.retention), found 10; raise it, or lower quietDays',
      ],
    ],
    [
      'in a site’s defaults, told once for all its cameras',
      'sites: { n: { defaults: { retention: { quietDays: 31 } } } }\ncameras: { n/a: {}, n/b: {} }',
      [
        '1:40 sites.n.defaults.retention.quietDays: expected at most eventDays (30, the product’s), found 31; lower it, or raise eventDays',
      ],
    ],
  ])('is refused %s', (_, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  it('is not told of beside a number that is none', () => {
    expect(problemsOf('retention: { quietDays: 31, eventDays: x }')).toHaveLength(1);
  });

  it('is in order where days are equal', () => {
    expect(problemsOf('retention: { quietDays: 0, eventDays: 0, archiveDays: 0 }')).toEqual([]);
  });
});

describe('a file that is hardly one', () => {
  it.each([
    ['defaults: *x', /1:1 : expected YAML whose aliases resolve/],
    ['- 1', /1:1 : expected a mapping, found a list of 1/],
    ['a: 1\n---\nb: 1', /2:1 : expected YAML: one document, found another after "---"/],
    ['cameras: { North/Door: {} }', /expected site\/camera of a-z, 0-9 and "-", found "North/],
    ['sites: { a: { schedule: [{ between: "9-17", tier: low }] } }', /"HH:MM-HH:MM"/],
    ['sites: { a: { schedule: [{ between: "22:00-24:30", tier: low }] } }', /"HH:MM-HH:MM"/],
    ['sites: { a: { schedule: [{ between: "09:00-17:00", days: a-b-c, tier: low }] } }', /mon-fri/],
  ])('%s is refused in a sentence', (text, message) => {
    expect(problemsOf(text)[0]).toMatch(message);
  });

  it('is still checked where it has the right shape', () => {
    const broken = 'sites: { a: null }\ncameras: { a/b: null, a/c: { tier: nope } }';
    expect(problemsOf(broken).map(withoutPlace)).toEqual([
      'sites.a: expected a mapping, found nothing',
      'cameras.a/b: expected a mapping, found nothing',
      'cameras.a/c.tier: tier "nope" does not exist; expected one of low, steady, high, exhaustive',
    ]);
  });
});

function withoutPlace(problem: string): string {
  return problem.slice(problem.indexOf(' ') + 1);
}

describe('local hours', () => {
  const night = { between: '22:00-06:00', days: 'sat' };

  it('follow daylight saving: 01:30 UTC is 03:30 in Berlin the moment summer time begins', () => {
    const early = { between: '02:00-03:00' };
    expect(isWithin(early, '2026-03-29T00:59:00Z', 'Europe/Berlin')).toBe(false);
    expect(isWithin(early, '2026-03-29T01:30:00Z', 'Europe/Berlin')).toBe(false);
    expect(isWithin(early, '2026-10-25T00:30:00Z', 'Europe/Berlin')).toBe(true);
    expect(isWithin(early, '2026-10-25T01:30:00Z', 'Europe/Berlin')).toBe(true);
  });

  it('that pass midnight belong to the day they begin on', () => {
    expect(isWithin(night, '2026-11-21T23:00:00Z', 'UTC')).toBe(true);
    expect(isWithin(night, '2026-11-22T05:59:00Z', 'UTC')).toBe(true);
    expect(isWithin(night, '2026-11-22T06:00:00Z', 'UTC')).toBe(false);
    expect(isWithin(night, '2026-11-22T23:00:00Z', 'UTC')).toBe(false);
  });
});
