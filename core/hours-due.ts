const HOUR_MS = 3_600_000;
/** An hour is over for good so long after its end: what landed at its end is analysed by then (ms). */
const SETTLED_MS = 15 * 60_000;
/** An hour is summed again 1, 2, 4 … 128 hours after it first was: a row that is late by n hours counts n hours later. */
const AGAIN_AFTER_HOURS = [1, 2, 4, 8, 16, 32, 64, 128];

export interface HoursAsked {
  /** Until when hours are rolled up, ISO. */
  readonly rolledTo: string;
  readonly now: string;
  /** Nothing was ever rolled up: there is nothing to sum anew. @default false */
  readonly isFirst?: boolean;
  /** A period that somebody wants summed anew, ISO. */
  readonly asked?: { readonly from: string; readonly to: string };
}

/**
 * The clock hours (ms) that a roll-up sums now: `fresh` ones follow on `rolledTo` and move it, `again` ones lie before it.
 */
export function hoursDue({ rolledTo, now, isFirst = false, asked }: HoursAsked): {
  readonly fresh: readonly number[];
  readonly again: readonly number[];
} {
  const rolledMs = Date.parse(rolledTo);
  if (asked) {
    const fromMs = floorHour(Date.parse(asked.from));
    return { fresh: [], again: hoursBetween(fromMs, Math.min(Date.parse(asked.to), rolledMs)) };
  }
  const overMs = floorHour(Date.parse(now) - SETTLED_MS);
  const again = AGAIN_AFTER_HOURS.map((hours) => overMs - (hours + 1) * HOUR_MS);
  return {
    fresh: hoursBetween(rolledMs, overMs),
    again: isFirst ? [] : again.filter((ms) => ms < rolledMs).sort((a, b) => a - b),
  };
}

function hoursBetween(fromMs: number, toMs: number): number[] {
  const hours = Math.max(0, Math.ceil((toMs - fromMs) / HOUR_MS));
  return Array.from({ length: hours }, (_, index) => fromMs + index * HOUR_MS);
}

function floorHour(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}
