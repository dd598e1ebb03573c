import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { DetectionEvent } from '../../core/segment-result';
import { type EventFilters, isWanted, queryOf, spanOfPeriod } from '../logic/event-filters';
import { mergedEvents } from '../logic/live-state';
import type { EventPage } from './answers';
import { type ApiProblem, ask, asProblem, nowMs } from './api';
import { useLive } from './hooks';

/** Soon there at first; then fewer, longer pages, for each has the whole list laid out anew. */
const PAGE_EVENTS = { first: 200, later: 500 } as const;
const WINDOW_MS = 31 * 86_400_000;
const WINDOWS = 12;

export interface EventList {
  /** What ended last comes first. */
  readonly events: readonly DetectionEvent[];
  readonly isLoading: boolean;
  /** There are older ones. */
  readonly hasMore: boolean;
  readonly problem: ApiProblem | null;
  readonly loadMore: () => void;
}

interface Stored {
  readonly key: string;
  readonly events: readonly DetectionEvent[];
  readonly cursor: string | null;
}

/** The time zone of this computer. */
export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Events by filters, page by page, with those that arrive meanwhile. */
export function useEvents(filters: EventFilters): EventList {
  const { events: live, generation } = useLive();
  const key = JSON.stringify(filters);
  const span = useMemo(
    () => spanOfPeriod(filters.period, { nowMs: nowMs(), timezone: HERE }),
    [filters.period],
  );
  const [stored, setStored] = useState<Stored | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const isAsking = useRef(false);

  const read = useCallback(
    async (after: Stored | null, signal?: AbortSignal) => {
      isAsking.current = true;
      try {
        const page = await ask<EventPage>('events', {
          query: {
            ...queryOf(JSON.parse(key) as EventFilters, span),
            order: 'newest',
            limit: after ? PAGE_EVENTS.later : PAGE_EVENTS.first,
            cursor: after?.cursor ?? undefined,
          },
          ...(signal ? { signal } : {}),
        });
        setProblem(null);
        setStored({
          key,
          events: [...(after?.events ?? []), ...page.events],
          cursor: page.nextCursor,
        });
      } catch (error) {
        if (!signal?.aborted) setProblem(asProblem(error));
      } finally {
        isAsking.current = false;
      }
    },
    [key, span],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the api is back
  useEffect(() => {
    const leaving = new AbortController();
    void read(null, leaving.signal);
    return () => leaving.abort();
  }, [read, generation]);

  const current = stored?.key === key ? stored : null;
  const events = useMemo(() => {
    const wanted = JSON.parse(key) as EventFilters;
    const arrived = live.filter((event) => isWanted(event, wanted, span));
    const known = current?.events ?? [];
    // The api has them in order: a long list that nothing has come to stays as it is.
    return arrived.length === 0 ? known : mergedEvents(known, arrived);
  }, [current, live, key, span]);
  const loadMore = useCallback(() => {
    if (current?.cursor && !isAsking.current) void read(current);
  }, [current, read]);
  return {
    events,
    isLoading: current === null && problem === null,
    hasMore: current?.cursor != null,
    problem: current === null ? problem : null,
    loadMore,
  };
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

/** As {@link latestEvent}; undefined: not known yet. */
export function useLatestEvent(camera: string | null, isNeeded: boolean) {
  const [found, setFound] = useState<DetectionEvent | null>();
  const { generation } = useLive();
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the api is back
  useEffect(() => {
    if (!isNeeded) return;
    const leaving = new AbortController();
    latestEvent(camera === null ? {} : { camera }, leaving.signal).then(setFound, () => {});
    return () => leaving.abort();
  }, [camera, isNeeded, generation]);
  return found;
}
