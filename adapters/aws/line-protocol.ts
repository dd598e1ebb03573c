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

/** One line of InfluxDB's line protocol, time in ns; numbers are floats, whatever their value. */
export function lineOf(row: AnalyticsRow): string {
  const tags = SERIES_TAGS.map((tag) => `${tag}=${escapedName(row[tag])}`);
  const fields = [
    ...Object.entries(row.fields).map(([name, value]) => `${escapedName(name)}=${value}`),
    `range=${quotedText(row.range)}`,
    `segmentKey=${quotedText(row.segmentKey)}`,
  ];
  return `segment,${tags.join(',')} ${fields.join(',')} ${rowTimeNs(row)}`;
}

/** Tags and the keys of fields; other backslashes stand for themselves. */
function escapedName(name: string): string {
  return name.replace(/[,= ]/g, '\\$&');
}

function quotedText(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
