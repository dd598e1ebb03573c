const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** A recurring span of local time: "22:00-06:00" on days like "mon-fri" or "sat,sun". */
export interface ClockRange {
  readonly between?: string | undefined;
  readonly days?: string | undefined;
}

/**
 * Whether an instant lies in a range of local time; the end is exclusive. A range that passes midnight
 * belongs to the day it starts on. Without `between` the whole day counts.
 * @param at ISO instant
 * @param timezone IANA name; daylight saving is the zone's
 */
export function isWithin({ between, days }: ClockRange, at: string, timezone: string): boolean {
  const local = localTime(at, timezone);
  const isDay = (day: number): boolean => days === undefined || parseDays(days).has(day);
  if (between === undefined) return isDay(local.day);
  const [from, to] = between.split('-').map(minutesOf) as [number, number];
  const { minute, day } = local;
  if (from < to) return isDay(day) && minute >= from && minute < to;
  return (isDay(day) && minute >= from) || (isDay((day + 6) % 7) && minute < to);
}

/** Days of the week, 0 = Sunday. @throws {RangeError} naming the word that is no day */
export function parseDays(text: string): ReadonlySet<number> {
  const days = new Set<number>();
  for (const word of text.split(',')) {
    const ends = word.trim().split('-');
    if (ends.length > 2) throw notDays(word);
    const [from, to] = ends.map(dayIndex);
    for (let day = from!; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === (to ?? from)) break;
    }
  }
  return days;
}

function dayIndex(word: string): number {
  const index = DAYS.indexOf(word.trim().toLowerCase() as (typeof DAYS)[number]);
  if (index >= 0) return index;
  throw notDays(word);
}

function notDays(word: string): RangeError {
  const days = DAYS.join(', ');
  return new RangeError(`"${word}": expected a day (${days}) or a range such as mon-fri`);
}

function minutesOf(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number) as [number, number];
  return hours * 60 + minutes;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(at: string, timezone: string): { day: number; minute: number } {
  const format =
    formats.get(timezone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone: timezone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  formats.set(timezone, format);
  const parts = Object.fromEntries(
    format.formatToParts(new Date(at)).map(({ type, value }) => [type, value]),
  );
  return { day: dayIndex(parts.weekday!), minute: Number(parts.hour) * 60 + Number(parts.minute) };
}
