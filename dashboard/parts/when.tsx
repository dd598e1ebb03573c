import { memo } from 'react';
import { dateOf } from '../logic/time-scale';

/** A format by time zone: making one costs more than a hundred uses of it. */
function formatBy(
  options: Intl.DateTimeFormatOptions,
): (at: string | number, timezone: string) => string {
  const made = new Map<string, Intl.DateTimeFormat>();
  return (at, timezone) => {
    const format =
      made.get(timezone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: timezone, ...options });
    made.set(timezone, format);
    return format.format(new Date(at));
  };
}

/** `08:00:12` at a place. */
export const clockOf = formatBy({ hourCycle: 'h23', timeStyle: 'medium' });

/** `2 Nov 2026, 08:00` at a place. */
export const momentOf = formatBy({ hourCycle: 'h23', dateStyle: 'medium', timeStyle: 'short' });

const weekdayAndDate = formatBy({
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});

/** `Mon 2 Nov 2026` at a place. */
export function dayOf(at: string | number, timezone: string): string {
  return weekdayAndDate(at, timezone).replace(',', '');
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
