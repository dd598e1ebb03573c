import { rowTimeNs } from '../../core/analytics-time';
import type { AnalyticsRow } from '../../core/ports';

/** What a series is known by, in the order in which InfluxDB sorts tags fastest. */
export const SERIES_TAGS = ['camera', 'lane', 'model', 'site', 'tier'] as const;

/**
 * Why line protocol can't carry a row, or null. It has no escape for a line break, nor for a backslash that
 * is followed by what a backslash escapes.
 */
export function unfitReason(row: AnalyticsRow): string | null {
  const names = [...SERIES_TAGS.map((tag) => row[tag]), ...Object.keys(row.fields)];
  const texts = [...names, row.segmentKey, row.range];
  if (texts.some((text) => /[\r\n]/.test(text))) return 'a name has a line break';
  if (names.includes('')) return 'a name is empty';
  if (names.some((name) => /\\([,= "]|$)/.test(name))) {
    return 'a name has a backslash before its end or one of , = " and space';
  }
  return null;
}

/**
 * Measurement that says which revision of a range counts: the latest that it names. A point of its own a revision,
 * apart from the rows, so that none which is written late, or again, can make itself count.
 */
export const CURRENT = 'current';
const MARK_TAGS = ['camera', 'site'] as const;

/** A row's line; where earlier analyses of its range have rows too, also what says that this one counts. */
export function linesOf(row: AnalyticsRow): string[] {
  const revision = row.hasEarlier ? row.currentAt : undefined;
  if (revision === undefined) return [lineOf('segment', row)];
  // No row of an earlier analysis lies at its instant: what is written late takes another place.
  const revised = { ...row, revision };
  return [lineOf('segment', revised), lineOf(CURRENT, { ...revised, fields: {} }, MARK_TAGS)];
}

/** One line of InfluxDB's line protocol, time in ns; numbers are floats, whatever their value. */
function lineOf(
  measurement: string,
  row: AnalyticsRow & { readonly revision?: string },
  tags: readonly (typeof SERIES_TAGS)[number][] = SERIES_TAGS,
): string {
  const { range, segmentKey, revision } = row;
  const fields = [
    ...Object.entries(row.fields).map(([name, value]) => `${escapedName(name)}=${value}`),
    `range=${quotedText(range)}`,
    ...(revision === undefined ? [] : [`revision=${quotedText(revision)}`]),
    `segmentKey=${quotedText(segmentKey)}`,
  ];
  const series = tags.map((tag) => `,${tag}=${escapedName(row[tag])}`).join('');
  return `${measurement}${series} ${fields.join(',')} ${rowTimeNs(row)}`;
}

/** Tags and the keys of fields; other backslashes stand for themselves. */
function escapedName(name: string): string {
  return name.replace(/[,= ]/g, '\\$&');
}

function quotedText(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
