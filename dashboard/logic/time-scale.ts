import { instantOf } from '../../core/local-time';

const DAY_MS = 86_400_000;
const SECOND_MS = 1000;
/** Distances between ticks that people read without effort. */
const STEPS_SECONDS = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600] as const;

/** By time zone: making one costs more than a hundred uses of it. */
const dateFormats = new Map<string, Intl.DateTimeFormat>();

/** A piece of time, ms since 1970. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Where an instant lies in a span, 0–1 inside it. */
export function ratioOf(ms: number, { fromMs, toMs }: Span): number {
  return (ms - fromMs) / (toMs - fromMs);
}

/** The instant at a ratio of a span, ms. */
export function msAt(ratio: number, { fromMs, toMs }: Span): number {
  return fromMs + ratio * (toMs - fromMs);
}

/** A piece of `outer` of a length around an instant: moved inwards at its ends, never cut. */
export function spanAround(atMs: number, lengthMs: number, outer: Span): Span {
  const length = Math.min(lengthMs, outer.toMs - outer.fromMs);
  const fromMs = Math.min(Math.max(atMs - length / 2, outer.fromMs), outer.toMs - length);
  return { fromMs, toMs: fromMs + length };
}

/** `yyyy-mm-dd` of an instant in a time zone. */
export function dateOf(ms: number, timezone: string): string {
  const format =
    dateFormats.get(timezone) ??
    new Intl.DateTimeFormat('en-CA', {
      timeZone: timezone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
  dateFormats.set(timezone, format);
  return format.format(ms);
}

/** The day of a date in a time zone: 23 or 25 hours where clocks change. @param date `yyyy-mm-dd` */
export function daySpan(date: string, timezone: string): Span {
  return { fromMs: startOf(date, timezone), toMs: startOf(addDays(date, 1), timezone) };
}

/** `yyyy-mm-dd` of another day. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Midnight, or the first instant after it where clocks skip it. */
function startOf(date: string, timezone: string): number {
  for (let minute = 0; minute < 24 * 60; minute += 30) {
    const local = new Date(minute * 60 * SECOND_MS).toISOString().slice(11, 23);
    const instant = instantOf(`${date}T${local}`, timezone);
    if (instant !== null) return Date.parse(instant);
  }
  return Date.parse(`${date}T00:00:00Z`);
}

export interface Tick {
  readonly ms: number;
  readonly label: string;
}

/**
 * Ticks at round local times.
 * @param most how many labels have room
 */
export function ticksOf({ fromMs, toMs }: Span, timezone: string, most: number): Tick[] {
  const seconds = (toMs - fromMs) / SECOND_MS;
  const step =
    STEPS_SECONDS.find((one) => seconds / one <= most) ?? STEPS_SECONDS[STEPS_SECONDS.length - 1]!;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    ...(step < 60 ? { second: '2-digit' } : {}),
  });
  const offsetMs = zoneOffsetMs(fromMs, timezone);
  const stepMs = step * SECOND_MS;
  const ticks: Tick[] = [];
  for (
    let ms = Math.ceil((fromMs + offsetMs) / stepMs) * stepMs - offsetMs;
    ms <= toMs;
    ms += stepMs
  ) {
    ticks.push({ ms, label: format.format(ms) });
  }
  return ticks;
}

function zoneOffsetMs(ms: number, timezone: string): number {
  const date = dateOf(ms, timezone);
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    timeStyle: 'medium',
  }).format(ms);
  const wholeMs = Math.floor(ms / SECOND_MS) * SECOND_MS;
  return Date.parse(`${date}T${time}Z`) - wholeMs;
}
