import type { AlertRule, ClassFilter } from '../camera-settings';
import { parseDays } from '../clock-range';
import { FRAME_ZONE } from '../frame-zone';
import { compileKeyPatterns, type KeyPattern } from '../key-patterns';
import { retentionProblems } from './retention-problems';
import { type Fleet, type Layer, PRODUCT_TIERS } from './schema';

export type Path = readonly (string | number)[];
export interface CrossProblem {
  readonly path: Path;
  readonly message: string;
}

/** A layer that names things, with what it inherits from the weaker ones. */
interface Scope {
  readonly path: Path;
  readonly schedulePath: Path;
  readonly entry: Partial<Layer>;
  readonly schedule: Fleet['sites'][string]['schedule'];
  readonly zones: readonly string[];
  readonly inherited: { readonly alerts: readonly AlertRule[] };
}

/**
 * Rules between fields: names that must exist, days and time zones that must be real, footage that goes in
 * order. A file that breaks the schema is checked as far as its shape allows, part by part.
 */
export function crossProblems(raw: unknown): CrossProblem[] {
  const fleet = raw as Partial<Fleet>;
  const tiers = [...new Set([...Object.keys(PRODUCT_TIERS), ...namesOf(fleet.tiers)])];
  const targets = namesOf(fleet.notify);
  const rules = [
    tierProblems(tiers),
    zoneProblems,
    alertProblems(targets),
    healthProblems(targets),
    ({ entry, path }: Scope) => filterProblems(entry, path),
  ];
  return [
    ...namesOf(fleet.tiers).flatMap((tier) =>
      asFarAsShaped(() => [
        ...filterProblems(fleet.tiers?.[tier], ['tiers', tier]),
        ...healthProblems(targets)({ path: ['tiers', tier], entry: fleet.tiers?.[tier] ?? {} }),
      ]),
    ),
    ...scopesOf(fleet).flatMap((scope) =>
      rules.flatMap((rule) => asFarAsShaped(() => rule(scope))),
    ),
    ...namesOf(fleet.sites).flatMap((site) => asFarAsShaped(() => timezoneProblems(fleet, site))),
    ...asFarAsShaped(() => patternProblems(fleet.keyPatterns ?? [])),
    ...asFarAsShaped(() => retentionProblems(fleet)),
  ];
}

function scopesOf(fleet: Partial<Fleet>): Scope[] {
  const defaults: Partial<Layer> = fleet.defaults ?? {};
  const scope = (
    path: Path,
    entry: Partial<Layer>,
    {
      weaker,
      ...rest
    }: { weaker: readonly Partial<Layer>[] } & Pick<Scope, 'schedule' | 'schedulePath'>,
  ): Scope => ({
    path,
    entry,
    ...rest,
    zones: [
      FRAME_ZONE,
      ...namesOf([entry, ...weaker].find(({ zones }) => zones !== undefined)?.zones),
    ],
    inherited: { alerts: weaker.find(({ alerts }) => alerts !== undefined)?.alerts ?? [] },
  });
  const siteDefaults = (site: string): Partial<Layer> => ownOf(fleet.sites, site)?.defaults ?? {};
  return [
    scope(['defaults'], defaults, { weaker: [], schedule: undefined, schedulePath: [] }),
    ...namesOf(fleet.sites).map((site) =>
      scope(['sites', site, 'defaults'], siteDefaults(site), {
        weaker: [defaults],
        schedule: ownOf(fleet.sites, site)?.schedule,
        schedulePath: ['sites', site, 'schedule'],
      }),
    ),
    ...namesOf(fleet.cameras).map((camera) => {
      const entry = ownOf(fleet.cameras, camera) ?? {};
      return scope(['cameras', camera], entry as Partial<Layer>, {
        weaker: [siteDefaults(camera.split('/')[0]!), defaults],
        schedule: entry.schedule,
        schedulePath: ['cameras', camera, 'schedule'],
      });
    }),
  ];
}

const tierProblems = (tiers: readonly string[]) =>
  function* tierProblemsOf({ path, schedulePath, entry, schedule }: Scope) {
    const named: [Path, string | undefined][] = [
      [[...path, 'tier'], entry.tier],
      ...(schedule ?? []).map(({ tier }, index): [Path, string] => [
        [...schedulePath, index, 'tier'],
        tier,
      ]),
    ];
    for (const [at, tier] of named) {
      if (tier !== undefined && !tiers.includes(tier)) yield missing(at, 'tier', tier, tiers);
    }
    for (const [index, { days }] of (schedule ?? []).entries()) {
      yield* dayProblems(days, [...schedulePath, index, 'days']);
    }
  };

function* zoneProblems({ path, entry, zones, inherited }: Scope): Generator<CrossProblem> {
  if (namesOf(entry.zones).includes(FRAME_ZONE)) {
    const message = `"${FRAME_ZONE}" always exists and is the whole picture; name the zone otherwise`;
    yield { path: [...path, 'zones', FRAME_ZONE], message };
  }
  if (entry.zones === undefined || entry.alerts !== undefined) return;
  for (const rule of inherited.alerts) {
    const lost = (rule.zones ?? []).filter((zone) => !zones.includes(zone));
    if (lost.length === 0) continue;
    const message = `replaces the zones of the layers below, but the alert "${rule.name}" taken over from them names ${lost.map((zone) => `"${zone}"`).join(', ')}; draw it here too, or give alerts here`;
    yield { path: [...path, 'zones'], message };
  }
}

const alertProblems = (targets: readonly string[]) =>
  function* alertProblemsOf({ path, entry, zones }: Scope): Generator<CrossProblem> {
    const names = new Set<string>();
    for (const [index, rule] of (entry.alerts ?? []).entries()) {
      const at = [...path, 'alerts', index];
      if (names.has(rule.name)) {
        const message = `alert "${rule.name}" is named twice; expected a name for each rule`;
        yield { path: [...at, 'name'], message };
      }
      names.add(rule.name);
      yield* dayProblems(rule.days, [...at, 'days']);
      for (const [place, zone] of (rule.zones ?? []).entries()) {
        if (!zones.includes(zone)) yield missing([...at, 'zones', place], 'zone', zone, zones);
      }
      if (rule.notify !== undefined && !targets.includes(rule.notify)) {
        const known = targets.length > 0 ? targets : ['(none defined: add notify:)'];
        yield missing([...at, 'notify'], 'notify target', rule.notify, known);
      }
    }
  };

const healthProblems = (targets: readonly string[]) =>
  function* healthProblemsOf({ path, entry }: Pick<Scope, 'path' | 'entry'>) {
    const { healthNotify } = entry;
    if (healthNotify == null || targets.includes(healthNotify)) return;
    const known = targets.length > 0 ? targets : ['(none defined: add notify:)'];
    yield missing([...path, 'healthNotify'], 'notify target', healthNotify, known);
  };

function* filterProblems(layer: Partial<Layer> | undefined, path: Path): Generator<CrossProblem> {
  for (const [className, filter] of Object.entries<ClassFilter>(layer?.classFilters ?? {})) {
    const at = [...path, 'classFilters', className];
    const { minArea = 0, maxArea = 1, aspect } = filter;
    if (minArea > maxArea) {
      const message = `expected at most maxArea (${maxArea}), found ${minArea}`;
      yield { path: [...at, 'minArea'], message };
    }
    if (aspect && aspect[0] > aspect[1]) {
      const message = `expected [least, largest], found [${aspect.join(', ')}]`;
      yield { path: [...at, 'aspect'], message };
    }
  }
}

function* timezoneProblems(fleet: Partial<Fleet>, site: string): Generator<CrossProblem> {
  const timezone = ownOf(fleet.sites, site)?.timezone;
  if (typeof timezone !== 'string') return;
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    const message = `time zone "${timezone}" does not exist; expected an IANA name such as Europe/Berlin`;
    yield { path: ['sites', site, 'timezone'], message };
  }
}

function* patternProblems(patterns: readonly KeyPattern[]): Generator<CrossProblem> {
  for (const [index, pattern] of patterns.entries()) {
    try {
      compileKeyPatterns([pattern]);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      yield { path: ['keyPatterns', index, 'pattern'], message: error.message };
    }
  }
}

function* dayProblems(days: string | undefined, path: Path): Generator<CrossProblem> {
  if (days === undefined) return;
  try {
    parseDays(days);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    yield { path, message: error.message };
  }
}

function missing(path: Path, what: string, name: string, known: readonly string[]): CrossProblem {
  return {
    path,
    message: `${what} "${name}" does not exist; expected one of ${known.join(', ')}`,
  };
}

/** What one rule finds until it meets a shape that the schema has already complained about. */
function asFarAsShaped(rule: () => Iterable<CrossProblem>): CrossProblem[] {
  const found: CrossProblem[] = [];
  try {
    for (const problem of rule()) found.push(problem);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  return found;
}

function namesOf(record: unknown): string[] {
  return record !== null && typeof record === 'object' && !Array.isArray(record)
    ? Object.keys(record)
    : [];
}

function ownOf<Value>(
  record: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  const isMap = record !== null && typeof record === 'object' && !Array.isArray(record);
  return isMap && Object.hasOwn(record, name) ? record[name] : undefined;
}
