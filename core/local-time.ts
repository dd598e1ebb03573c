const formats = new Map<string, Intl.DateTimeFormat>();
const DAY_MS = 86_400_000;

/**
 * The instant of a local time. Where clocks go back, the first of the two; where they go forward, the
 * skipped hour has none.
 * @param localAt ISO without zone, such as `2026-11-20T08:00:00.000`
 * @param timezone IANA name
 * @returns ISO instant, or null for a local time that does not exist
 */
export function instantOf(localAt: string, timezone: string): string | null {
  const asUtcMs = Date.parse(`${localAt}Z`);
  if (Number.isNaN(asUtcMs) || new Date(asUtcMs).toISOString() !== `${localAt}Z`) return null;
  const candidates = [asUtcMs - DAY_MS, asUtcMs + DAY_MS]
    .map((nearMs) => asUtcMs - offsetMs(nearMs, timezone))
    .filter((ms) => ms + offsetMs(ms, timezone) === asUtcMs);
  return candidates.length === 0 ? null : new Date(Math.min(...candidates)).toISOString();
}

/** The date of an instant somewhere, such as `2026-11-20`. @param timezone IANA name */
export function localDate(at: Date, timezone: string): string {
  return new Date(at.getTime() + offsetMs(at.getTime(), timezone)).toISOString().slice(0, 10);
}

/** Local time minus UTC at an instant, ms. */
function offsetMs(atMs: number, timezone: string): number {
  const wholeMs = Math.floor(atMs / 1000) * 1000;
  const part = Object.fromEntries(
    formatOf(timezone)
      .formatToParts(wholeMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const localMs = Date.UTC(
    part.year!,
    part.month! - 1,
    part.day,
    part.hour,
    part.minute,
    part.second,
  );
  return localMs - wholeMs;
}

function formatOf(timezone: string): Intl.DateTimeFormat {
  const format =
    formats.get(timezone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  formats.set(timezone, format);
  return format;
}
