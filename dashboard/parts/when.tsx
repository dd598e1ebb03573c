import { memo } from 'react';
import { dateOf } from '../logic/time-scale';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timezone} ${JSON.stringify(options)}`;
  const format =
    formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone: timezone, ...options });
  formats.set(key, format);
  return format;
}

/** `08:00:12` at a place. */
export function clockOf(at: string | number, timezone: string): string {
  return formatOf(timezone, { hourCycle: 'h23', timeStyle: 'medium' }).format(new Date(at));
}

/** `Mon 2 Nov 2026` at a place. */
export function dayOf(at: string | number, timezone: string): string {
  return formatOf(timezone, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  })
    .format(new Date(at))
    .replace(',', '');
}

/** `2 Nov 2026, 08:00` at a place. */
export function momentOf(at: string | number, timezone: string): string {
  return formatOf(timezone, { hourCycle: 'h23', dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(at),
  );
}

/** The part of a zone’s name that people say: `Lisbon` of `Europe/Lisbon`. */
export function placeOf(timezone: string): string {
  return timezone.split('/').at(-1)!.replaceAll('_', ' ');
}

/** A moment at a place, with the date where it is another day than today’s there. */
export const When = memo(function When({
  at,
  timezone,
}: {
  readonly at: string;
  readonly timezone: string;
}) {
  const isToday = dateOf(Date.parse(at), timezone) === dateOf(Date.now(), timezone);
  return (
    <time dateTime={at} title={`${at} · ${timezone}`}>
      {isToday ? clockOf(at, timezone) : momentOf(at, timezone)}
    </time>
  );
});
