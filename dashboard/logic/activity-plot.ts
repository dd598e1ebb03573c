const HOUR_MS = 3_600_000;

/** Presence of one class in one clock hour, as the api tells it. */
export interface HourActivity {
  readonly hour: string;
  readonly className: string;
  readonly presenceSeconds: number;
  readonly peakCount: number;
}

/** Columns over time, one list of amounts a class. */
export interface ActivityColumns {
  /** Start of each column, ms since 1970, without gaps. */
  readonly startsMs: readonly number[];
  readonly classes: readonly { readonly className: string; readonly minutes: readonly number[] }[];
}

/**
 * Minutes of presence by hour or by day, hours in which nothing was seen included.
 * @param dayOf names the day that an instant belongs to, where days are asked for
 */
export function activityColumns(
  rows: readonly HourActivity[],
  { fromMs, toMs, dayOf }: { fromMs: number; toMs: number; dayOf?: (ms: number) => string },
): ActivityColumns {
  const startsMs: number[] = [];
  const column = new Map<string, number>();
  const keyOf = (ms: number): string => (dayOf ? dayOf(ms) : String(ms));
  for (let ms = Math.floor(fromMs / HOUR_MS) * HOUR_MS; ms < toMs; ms += HOUR_MS) {
    if (column.has(keyOf(ms))) continue;
    column.set(keyOf(ms), startsMs.length);
    startsMs.push(ms);
  }
  const names = [...new Set(rows.map(({ className }) => className))].sort();
  const classes = names.map((className) => {
    const minutes = startsMs.map(() => 0);
    for (const row of rows) {
      const index = column.get(keyOf(Date.parse(row.hour)));
      if (row.className !== className || index === undefined) continue;
      minutes[index] = minutes[index]! + row.presenceSeconds / 60;
    }
    return { className, minutes };
  });
  return { startsMs, classes };
}

/** Minutes of presence by hour of the day (0–23) in a time zone, a list a class. */
export function hoursOfDay(
  rows: readonly HourActivity[],
  timezone: string,
): { readonly className: string; readonly minutes: readonly number[] }[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    hour: '2-digit',
  });
  const names = [...new Set(rows.map(({ className }) => className))].sort();
  return names.map((className) => {
    const minutes = Array.from({ length: 24 }, () => 0);
    for (const row of rows) {
      if (row.className !== className) continue;
      const hour = Number(format.format(new Date(row.hour)));
      minutes[hour] = minutes[hour]! + row.presenceSeconds / 60;
    }
    return { className, minutes };
  });
}

/** Lists one on top of the other: each is the sum of itself and those before it. */
export function stacked(lists: readonly (readonly number[])[]): number[][] {
  let below: readonly number[] = [];
  return lists.map((list) => {
    const sums = list.map((value, index) => value + (below[index] ?? 0));
    below = sums;
    return sums;
  });
}
