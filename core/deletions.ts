import type { DeletedRecording, Recording } from './ports';

/** What went of one day's footage (UTC, by its start) in one run of retention, as few pieces. */
export interface DeletedDay {
  /** yyyy-mm-dd */
  readonly day: string;
  /** By reason: from, to (ms into the day; what begins before midnight may end after it), apart and in order. */
  readonly spans: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

/** Keys tell milliseconds, containers round: nothing shorter than this gap was ever kept between two. */
const TOUCHING_MS = 500;

/** Recordings as days and spans: a day's 1,440 minutes in a row are one span. */
export function deletedDays(gone: readonly DeletedRecording[]): DeletedDay[] {
  return [...Map.groupBy(gone, dayOf)].map(([day, recordings]) => ({
    day,
    spans: Object.fromEntries(
      [...Map.groupBy(recordings, ({ reason }) => reason)].map(([reason, some]) => [
        reason,
        merged(some.map((one) => within(day, one))),
      ]),
    ),
  }));
}

/** Why a recording of that day went; null: not of what is noted there. */
export function reasonIn({ day, spans }: DeletedDay, recording: Recording): string | null {
  if (dayOf(recording) !== day) return null;
  const [fromMs, toMs] = within(day, recording);
  for (const [reason, pieces] of Object.entries(spans)) {
    const last = lastFrom(pieces, fromMs);
    if (last && toMs <= last[1]) return reason;
  }
  return null;
}

/** UTC day of a recording's start, yyyy-mm-dd. */
export function dayOf({ startedAt }: Recording): string {
  return startedAt.slice(0, 10);
}

function within(day: string, { startedAt, endedAt }: Recording): readonly [number, number] {
  const midnightMs = Date.parse(day);
  return [Date.parse(startedAt) - midnightMs, Date.parse(endedAt) - midnightMs];
}

function merged(spans: readonly (readonly [number, number])[]): [number, number][] {
  const pieces: [number, number][] = [];
  for (const [fromMs, toMs] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = pieces.at(-1);
    if (last && fromMs - last[1] < TOUCHING_MS) last[1] = Math.max(last[1], toMs);
    else pieces.push([fromMs, toMs]);
  }
  return pieces;
}

/** The last piece that starts at an instant or before it. */
function lastFrom(
  pieces: readonly (readonly [number, number])[],
  ms: number,
): readonly [number, number] | undefined {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle]![0] <= ms) low = middle + 1;
    else high = middle;
  }
  return pieces[low - 1];
}
