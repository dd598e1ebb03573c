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

/** Field that says whether a point counts: 1 or 0. */
export const CURRENT_FIELD = 'current';

/** A row's line, and one for each series that it replaces: there its point counts no longer. */
export function linesOf({ replaces = [], ...row }: AnalyticsRow): string[] {
  const replaced = replaces.map(
    (tags) => `${seriesOf({ ...row, ...tags })} ${CURRENT_FIELD}=0 ${rowTimeNs(row)}`,
  );
  return [lineOf(row), ...replaced];
}

/** One line of InfluxDB's line protocol, time in ns; numbers are floats, whatever their value. */
function lineOf(row: AnalyticsRow): string {
  const fields = [
    `${CURRENT_FIELD}=1`,
    ...Object.entries(row.fields).map(([name, value]) => `${escapedName(name)}=${value}`),
    `range=${quotedText(row.range)}`,
    `segmentKey=${quotedText(row.segmentKey)}`,
  ];
  return `${seriesOf(row)} ${fields.join(',')} ${rowTimeNs(row)}`;
}

function seriesOf(row: AnalyticsRow): string {
  return `segment,${SERIES_TAGS.map((tag) => `${tag}=${escapedName(row[tag])}`).join(',')}`;
}

/** Tags and the keys of fields; other backslashes stand for themselves. */
function escapedName(name: string): string {
  return name.replace(/[,= ]/g, '\\$&');
}

function quotedText(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
