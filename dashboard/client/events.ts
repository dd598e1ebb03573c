import { useContext, useEffect, useMemo } from 'react';
import type { DetectionEvent } from '../../core/segment-result';
import { type EventFilters, isWanted, queryOf, spanOfPeriod } from '../logic/event-filters';
import { type ListedEvent, listedEvent } from '../logic/listed-event';
import { mergedEvents } from '../logic/live-state';
import type { EventPage } from './answers';
import { type ApiProblem, ask, nowMs } from './api';
import { EntryContext, type KeptList, keepPagesOf } from './entries';
import { useAsked, useLive, useRetry } from './hooks';
import { usePages } from './pages';

/** Soon there at first; then fewer, longer pages, for each has the whole list laid out anew. */
const PAGE_EVENTS = { first: 200, later: 500 } as const;
const WINDOW_MS = 31 * 86_400_000;
const WINDOWS = 12;

export interface ListedPage {
  readonly events: readonly ListedEvent[];
  readonly nextCursor: string | null;
}

export interface EventList {
  /** Of its filters and entry. */
  readonly id: string;
  /** What ended last comes first. */
  readonly events: readonly ListedEvent[];
  readonly isLoading: boolean;
  /** There are older ones. */
  readonly hasMore: boolean;
  /** Of what was asked for last. */
  readonly problem: ApiProblem | null;
  readonly loadMore: () => void;
  /** After a problem. */
  readonly retry: () => void;
  /** Where its reader’s place is kept. */
  readonly kept: KeptList<ListedPage>;
}

/** The time zone of this computer. */
export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Events by filters, page by page, with those that arrive meanwhile; who comes back to them finds them as they were. */
export function useEvents(filters: EventFilters): EventList {
  const { events: live } = useLive();
  const entry = useContext(EntryContext);
  useEffect(() => keepPagesOf(entry), [entry]);
  const key = JSON.stringify(filters);
  const kept = entry.listOf(key);
  const span = useMemo(
    () => spanOfPeriod(filters.period, { nowMs: entry.openedMs, timezone: HERE }),
    [filters.period, entry],
  );
  const askPage = async (after: ListedPage | null, signal: AbortSignal): Promise<ListedPage> => {
    const { events, nextCursor } = await ask<EventPage>('events', {
      query: {
        ...queryOf(filters, span),
        order: 'newest',
        limit: after ? PAGE_EVENTS.later : PAGE_EVENTS.first,
        cursor: after?.nextCursor ?? undefined,
      },
      signal,
    });
    return { events: events.map(listedEvent), nextCursor };
  };
  const id = `${entry.id} ${key}`;
  const { pages, ...list } = usePages<ListedPage>(id, askPage, kept);
  const known = useMemo(() => pages.flatMap((page) => page.events), [pages]);
  const events = useMemo(() => {
    const wanted = JSON.parse(key) as EventFilters;
    const arrived = live.filter((event) => isWanted(event, wanted, span));
    // The api has them in order: a long list that nothing has come to stays as it is.
    return arrived.length === 0 ? known : mergedEvents(known, arrived);
  }, [known, live, key, span]);
  return { id, events, kept, ...list };
}

/** The event that ended last, however long ago within a year; null: there is none. */
export async function latestEvent(
  query: { readonly camera?: string; readonly site?: string },
  signal: AbortSignal,
): Promise<DetectionEvent | null> {
  for (let window = 0; window < WINDOWS; window++) {
    const untilMs = nowMs() - window * WINDOW_MS;
    const { events } = await ask<EventPage>('events', {
      query: {
        ...query,
        order: 'newest',
        limit: 1,
        since: new Date(untilMs - WINDOW_MS).toISOString(),
        until: new Date(untilMs).toISOString(),
      },
      signal,
    });
    if (events[0]) return events[0];
  }
  return null;
}

/** As {@link latestEvent}; undefined: not known yet. Asked for again until it is, or something else is wanted. */
export function useLatestEvent(camera: string | null, isNeeded: boolean) {
  const latest = useAsked(isNeeded ? `latest ${camera}` : null, async (signal) => ({
    event: await latestEvent(camera === null ? {} : { camera }, signal),
  }));
  useRetry(latest);
  return latest.data?.event;
}
