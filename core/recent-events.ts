import type { EventItem, EventSettings, StitchedEvent } from './events';
import { type EventItems, isoOf, readEvents } from './read-events';

/**
 * Current items of all cameras that have presences, start before `to` and end after `from`: what ends
 * latest first.
 */
export type RecentItems = (
  period: { readonly from: string; readonly to: string },
  filter: RecentFilter,
) => AsyncIterable<Pick<EventItem, 'camera' | 'startedAt' | 'endedAt'>>;

/** Which items count: those with a presence of the class and one in the zone, of the camera or sites. */
export interface RecentFilter {
  readonly camera?: string | undefined;
  /** Null: every site. */
  readonly sites: readonly string[] | null;
  readonly className?: string | undefined;
  readonly zone?: string | undefined;
}

export interface RecentEventsRequest {
  readonly from: string;
  readonly to: string;
  /** Place of the last event of the page before. */
  readonly after: { readonly at: string; readonly id: string } | null;
  readonly limit: number;
  readonly filter: RecentFilter;
}

export interface RecentEventsDeps {
  readonly eventItems: EventItems;
  readonly recentItems: RecentItems;
  readonly settingsOf: (camera: string) => Promise<EventSettings | null>;
}

/** A camera's events are read from this much before the item that led to them, at first (ms). */
const LOOK_BACK_MS = 600_000;
/** Each time that a camera comes up again it is read this much further back. */
const FURTHER = 4;

/**
 * The events of all cameras that overlap a period, what ended latest first, then by id. Items are walked from
 * the latest end back: an event that was not met by then ended no later than the item in hand.
 * @returns one more than `limit` where there are more
 */
export async function readRecentEvents(
  { from, to, after, limit, filter }: RecentEventsRequest,
  { eventItems, recentItems, settingsOf }: RecentEventsDeps,
): Promise<StitchedEvent[]> {
  const found = new Map<string, StitchedEvent>();
  const reads = new Map<string, { readonly from: string; readonly backMs: number }>();
  const before = after !== null && after.at < to ? justAfter(after.at) : to;
  for await (const item of recentItems({ from, to: before }, filter)) {
    if (countLater(found.values(), item.endedAt) > limit) break;
    const { camera, startedAt, endedAt } = item;
    const known = reads.get(camera);
    if (known && startedAt >= known.from) continue;
    const settings = await settingsOf(camera);
    if (!settings) continue;
    const backMs = known ? known.backMs * FURTHER : LOOK_BACK_MS;
    const start = isoOf(Date.parse(startedAt) - backMs);
    const end = known && known.from > endedAt ? known.from : endedAt;
    reads.set(camera, { from: start, backMs });
    for (const event of await readEvents(eventItems, camera, { settings, from: start, to: end })) {
      const isIn = event.startedAt < to && event.endedAt > from;
      if (isIn && isWanted(event, filter) && isBehind(event, after)) found.set(event.id, event);
    }
  }
  return [...found.values()].sort(latestFirst).slice(0, limit + 1);
}

function isWanted(event: StitchedEvent, { className, zone }: RecentFilter): boolean {
  return (
    (className === undefined || event.className === className) &&
    (zone === undefined || event.zone === zone)
  );
}

function countLater(events: Iterable<StitchedEvent>, endedAt: string): number {
  let count = 0;
  for (const event of events) if (event.endedAt > endedAt) count++;
  return count;
}

function latestFirst(a: StitchedEvent, b: StitchedEvent): number {
  if (a.endedAt !== b.endedAt) return a.endedAt > b.endedAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

function isBehind({ endedAt, id }: StitchedEvent, after: RecentEventsRequest['after']): boolean {
  if (after === null || endedAt < after.at) return true;
  return endedAt === after.at && id > after.id;
}

function justAfter(at: string): string {
  return isoOf(Date.parse(at) + 1);
}
