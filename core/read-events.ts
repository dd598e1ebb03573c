import {
  type EventItem,
  type EventSettings,
  findEvent,
  partIdsOf,
  type StitchedEvent,
  stitchEvents,
} from './events';
import { LONGEST_MANOEUVRE_MS, stayRuleOf } from './stationary';

/**
 * A camera's current items that overlap [from, to), by start, as events see them. Items without presences
 * may be left out, but the first and the one that ends last.
 */
export interface EventItems {
  itemsOfCamera(
    camera: string,
    period: { readonly from?: string; readonly to?: string },
  ): AsyncIterable<EventItem>;
}

export interface EventPeriod {
  readonly from: string;
  readonly to: string;
}

/** Past any retention: there is nothing further to read. */
const FURTHEST_MS = 20 * 366 * 86_400_000;

/**
 * A camera's events that overlap [from, to), whole: the same, with the same ids, as if all of the camera's
 * rows had been stitched. Rows are read around the period, further and further, until every event of it
 * lies well inside what was read.
 * @returns by start
 */
export async function readEvents(
  store: EventItems,
  camera: string,
  { settings, from, to }: EventPeriod & { readonly settings: EventSettings },
): Promise<StitchedEvent[]> {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const marginMs = marginOf(settings);
  for (let reachMs = 2 * marginMs; ; reachMs *= 4) {
    const read = { from: isoOf(fromMs - reachMs), to: isoOf(toMs + reachMs) };
    const items = await Array.fromAsync(store.itemsOfCamera(camera, read));
    const events = stitchEvents(items, settings, { from, to });
    const isWhole = events.every(
      ({ startedAt, endedAt }) =>
        Date.parse(startedAt) >= fromMs - reachMs + marginMs &&
        Date.parse(endedAt) <= toMs + reachMs - marginMs,
    );
    if (isWhole || reachMs > FURTHEST_MS)
      return closeOld(events, store, { camera, after: read.to });
  }
}

/**
 * The event that an id names, or the one that it became part of when rows that came later joined it to others
 * (contracts 5). Reads the camera's rows until it meets the one that the id comes from.
 */
export async function readEvent(
  store: EventItems,
  camera: string,
  { settings, id }: { readonly settings: EventSettings; readonly id: string },
): Promise<StitchedEvent | null> {
  for await (const item of store.itemsOfCamera(camera, {})) {
    if (!partIdsOf(item).includes(id)) continue;
    const period = { from: item.startedAt, to: item.endedAt };
    return findEvent(await readEvents(store, camera, { settings, ...period }), id);
  }
  return null;
}

/**
 * Nothing further away than this from an event's ends can change it: a thing that is parked from the next time
 * that it is seen on, and whatever was seen to leave or come there.
 */
function marginOf(settings: EventSettings): number {
  const { stationaryAfterMinutes, analysis } = settings;
  const { longestGapMs, quietGapMs } = stayRuleOf(settings);
  const minimums = Object.values(analysis.classFilters).map(({ minSeconds = 0 }) => minSeconds);
  const stayMs = stationaryAfterMinutes * 60_000 + longestGapMs;
  return stayMs + LONGEST_MANOEUVRE_MS + 2 * quietGapMs + Math.max(0, ...minimums) * 1000;
}

/** What is last in the rows that were read may still grow only where no later rows exist. */
async function closeOld(
  events: StitchedEvent[],
  store: EventItems,
  { camera, after }: { readonly camera: string; readonly after: string },
): Promise<StitchedEvent[]> {
  if (!events.some(({ isOpen }) => isOpen)) return events;
  for await (const _ of store.itemsOfCamera(camera, { from: after })) {
    return events.map((event) => ({ ...event, isOpen: false }));
  }
  return events;
}

/** What stores order by: years of four digits, beyond which texts are no longer in the order of time. */
const [EARLIEST_MS, LATEST_MS] = [
  Date.parse('0000-01-01T00:00:00.000Z'),
  Date.parse('9999-12-31T23:59:59.999Z'),
];

/** The instant, or the nearest that a store can be asked for. */
export function isoOf(ms: number): string {
  return new Date(Math.min(LATEST_MS, Math.max(EARLIEST_MS, ms))).toISOString();
}
