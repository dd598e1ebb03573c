import { rowTimeNs } from '../../core/analytics-time';
import type { AnalyticsRow } from '../../core/ports';

/** What a series is known by, in the order in which InfluxDB sorts tags fastest. */
export const SERIES_TAGS = ['camera', 'lane', 'model', 'site', 'tier'] as const;

/**
 * Why line protocol can't carry a row, or null. It has no escape for a line break, nor for a backslash that
 * is followed by what a backslash escapes.
 */
export function unfitReason(row: AnalyticsRow): string | null {
  const replaced = (row.replaces ?? []).flatMap((tags) => Object.values(tags));
  const names = [...SERIES_TAGS.map((tag) => row[tag]), ...Object.keys(row.fields), ...replaced];
  const texts = [...names, row.segmentKey, row.range];
  if (texts.some((text) => /[\r\n]/.test(text))) return 'a name has a line break';
  if (names.includes('')) return 'a name is empty';
  if (names.some((name) => /\\([,= "]|$)/.test(name))) {
    return 'a name has a backslash before its end or one of , = " and space';
  }
  return null;
}

/**
 * Measurement of the points of `segment` that count no longer, by the same tags and instant. Apart from them, so
 * that a row which is written late, or again, can't make itself count.
 */
export const REPLACED = 'replaced';
export const REPLACED_FIELD = 'isReplaced';

/** A row's line; where it replaces others, what says so, and that the row itself counts (again). */
export function linesOf({ replaces = [], ...row }: AnalyticsRow): string[] {
  const marks = replaces.map((tags) => markOf({ ...row, ...tags }, 1));
  return marks.length === 0 ? [lineOf(row)] : [lineOf(row), markOf(row, 0), ...marks];
}

function markOf(row: AnalyticsRow, value: 0 | 1): string {
  const names = `range=${quotedText(row.range)},segmentKey=${quotedText(row.segmentKey)}`;
  return `${REPLACED}${tagsOf(row)} ${REPLACED_FIELD}=${value},${names} ${rowTimeNs(row)}`;
}

/** One line of InfluxDB's line protocol, time in ns; numbers are floats, whatever their value. */
function lineOf(row: AnalyticsRow): string {
  const fields = [
    ...Object.entries(row.fields).map(([name, value]) => `${escapedName(name)}=${value}`),
    `range=${quotedText(row.range)}`,
    `segmentKey=${quotedText(row.segmentKey)}`,
  ];
  return `segment${tagsOf(row)} ${fields.join(',')} ${rowTimeNs(row)}`;
}

function tagsOf(row: AnalyticsRow): string {
  return `,${SERIES_TAGS.map((tag) => `${tag}=${escapedName(row[tag])}`).join(',')}`;
}

/** Tags and the keys of fields; other backslashes stand for themselves. */
function escapedName(name: string): string {
  return name.replace(/[,= ]/g, '\\$&');
}

function quotedText(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
