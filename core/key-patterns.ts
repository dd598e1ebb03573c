import * as z from 'zod';
import { instantOf } from './local-time';
import { NAME_PATTERN, parseSegmentKey, type SegmentKey, SegmentKeyError } from './segment-key';

/** A customer's own layout of keys. */
export const keyPatternSchema = z.strictObject({
  pattern: z
    .string()
    .min(1)
    .max(512)
    .describe('Such as "{camera}/{start:yyyyMMdd-HHmmss}.mp4"; also {site}, {seconds}, {end:...}'),
  site: z
    .string()
    .regex(new RegExp(`^${NAME_PATTERN}$`))
    .optional()
    .describe('Site of every key, where the pattern has no {site}'),
  time: z
    .enum(['utc', 'local'])
    .default('utc')
    .describe('Whether times are UTC or local time of the site'),
});
export type KeyPattern = z.infer<typeof keyPatternSchema>;

/** What a key of any layout names; `seconds` is null until the file is probed. */
export type MappedKey = Omit<SegmentKey, 'seconds'> & { readonly seconds: number | null };
export type MappedOrNot =
  | { readonly mapped: MappedKey; readonly reason?: never }
  | { readonly mapped: null; readonly reason: string };

/** Takes a key as stored for what it names. */
export type MapKey = (key: string) => MappedOrNot;

const TIME_FIELDS = { yyyy: 4, MM: 2, dd: 2, HH: 2, mm: 2, ss: 2, SSS: 3 } as const;
type TimeField = keyof typeof TIME_FIELDS;
const REQUIRED_FIELDS: readonly TimeField[] = ['yyyy', 'MM', 'dd', 'HH', 'mm'];
const TIME_FIELD = /yyyy|MM|dd|HH|mm|ss|SSS/g;
const EXTENSION = /\.(mp4|ts|mkv)$/;

interface CompiledPattern extends KeyPattern {
  readonly expression: RegExp;
}

/**
 * Makes patterns ready to map keys.
 * @throws {RangeError} for a pattern that can't name site, camera and start, or ends in no container's extension
 */
export function compileKeyPatterns(patterns: readonly KeyPattern[]): readonly CompiledPattern[] {
  return patterns.map((entry) => ({ ...entry, expression: expressionOf(entry) }));
}

/**
 * Maps a key to site, camera and start by the product's own layout, else by the first pattern that fits.
 * @param timezoneOf IANA time zone of a site
 */
export function mapKey(
  key: string,
  patterns: readonly CompiledPattern[],
  timezoneOf: (site: string) => string,
): MappedOrNot {
  try {
    return { mapped: parseSegmentKey(key) };
  } catch (error) {
    if (!(error instanceof SegmentKeyError)) throw error;
    const pattern = patterns.find(({ expression }) => expression.test(key));
    if (pattern) return mapBy(pattern, key, timezoneOf);
    const tried = patterns.length === 0 ? '' : `; ${patterns.length} keyPatterns tried`;
    return { mapped: null, reason: `${error.message}${tried}` };
  }
}

function mapBy(
  { expression, site: fixedSite, time }: CompiledPattern,
  key: string,
  timezoneOf: (site: string) => string,
): MappedOrNot {
  const parts = expression.exec(key)!.groups as Record<string, string>;
  const site = parts.site ?? fixedSite!;
  const zone = time === 'local' ? timezoneOf(site) : 'UTC';
  const local = (name: 'start' | 'end'): string =>
    `${parts[`${name}_yyyy`]}-${parts[`${name}_MM`]}-${parts[`${name}_dd`]}T${parts[`${name}_HH`]}:${parts[`${name}_mm`]}:${parts[`${name}_ss`] ?? '00'}.${parts[`${name}_SSS`] ?? '000'}`;
  const startedAt = instantOf(local('start'), zone);
  const endedAt = parts.end_yyyy === undefined ? undefined : instantOf(local('end'), zone);
  if (startedAt === null || endedAt === null) {
    const wrong = local(startedAt === null ? 'start' : 'end');
    return { mapped: null, reason: `"${key}": ${wrong} does not exist in ${zone}` };
  }
  const seconds = secondsOf(parts.seconds, startedAt, endedAt);
  if (seconds !== null && seconds <= 0) {
    return { mapped: null, reason: `"${key}": expected a length above 0 s, found ${seconds}` };
  }
  const extension = EXTENSION.exec(key)![1] as SegmentKey['extension'];
  return {
    mapped: { key, site, camera: `${site}/${parts.camera}`, startedAt, seconds, extension },
  };
}

function secondsOf(
  written: string | undefined,
  startedAt: string,
  endedAt: string | undefined,
): number | null {
  if (written !== undefined) return Number(written);
  return endedAt === undefined ? null : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
}

/** A piece of a pattern: text as it stands, or what stands in its place. */
export type PatternPart =
  | { readonly literal: string; readonly field?: never }
  | { readonly literal?: never; readonly field: string };

/** A pattern taken apart; a start's format by its own fields (`yyyy`, `HH`), every other token by its name. */
export function patternParts(pattern: string): PatternPart[] {
  const pieces = pattern.split(/(\{[^{}]*\})/).flatMap((piece) => {
    const format = /^\{start:(.*)\}$/.exec(piece)?.[1];
    if (format !== undefined) return format.split(/(yyyy|MM|dd|HH|mm|ss|SSS)/).map(timePart);
    const name = /^\{(\w+)/.exec(piece)?.[1];
    return [name === undefined ? { literal: piece } : { field: name }];
  });
  return pieces.filter(({ literal }) => literal !== '');
}

function timePart(piece: string): PatternPart {
  return piece in TIME_FIELDS ? { field: piece } : { literal: piece };
}

function expressionOf({ pattern, site }: KeyPattern): RegExp {
  const seen = new Set<string>();
  const source = pattern
    .split(/(\{[^{}]*\})/)
    .map((part) => (part.startsWith('{') ? tokenSource(part, { pattern, seen }) : escaped(part)))
    .join('');
  const missing = ['camera', 'start', ...(site === undefined ? ['site'] : [])].filter(
    (name) => !seen.has(name),
  );
  if (missing.length > 0) throw wrong(pattern, `{${missing.join('}, {')}}`, 'none');
  if (site !== undefined && seen.has('site')) {
    throw wrong(pattern, 'either {site} or site:', 'both');
  }
  if (!EXTENSION.test(pattern)) throw wrong(pattern, 'an end of .mp4, .ts or .mkv', 'another');
  return new RegExp(`^${source}$`);
}

function tokenSource(
  token: string,
  { pattern, seen }: { pattern: string; seen: Set<string> },
): string {
  const [name = '', format] = token.slice(1, -1).split(/:(.*)/);
  if (seen.has(name)) throw wrong(pattern, `{${name}} once`, 'it twice');
  seen.add(name);
  if (format === undefined && (name === 'site' || name === 'camera')) {
    return `(?<${name}>${NAME_PATTERN})`;
  }
  if (format === undefined && name === 'seconds') return '(?<seconds>\\d{1,6}(?:\\.\\d{1,3})?)';
  if (format !== undefined && (name === 'start' || name === 'end')) {
    return timeSource(name, format, pattern);
  }
  throw wrong(pattern, '{site}, {camera}, {seconds}, {start:FORMAT} or {end:FORMAT}', token);
}

function timeSource(name: 'start' | 'end', format: string, pattern: string): string {
  const fields: readonly string[] = format.match(TIME_FIELD) ?? [];
  const isComplete = REQUIRED_FIELDS.every((field) => fields.includes(field));
  if (!isComplete || new Set(fields).size < fields.length) {
    throw wrong(pattern, `${REQUIRED_FIELDS.join(', ')} once each in {${name}:...}`, format);
  }
  return format
    .split(/(yyyy|MM|dd|HH|mm|ss|SSS)/)
    .map((part) =>
      part in TIME_FIELDS
        ? `(?<${name}_${part}>\\d{${TIME_FIELDS[part as TimeField]}})`
        : escaped(part),
    )
    .join('');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function wrong(pattern: string, expected: string, found: string): RangeError {
  return new RangeError(`"${pattern}": expected ${expected}, found ${found}`);
}
