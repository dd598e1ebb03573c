import { useMemo } from 'react';
import type { EventPage } from './answers';
import { nowMs } from './api';
import { useLatestEvent } from './events';
import { type Answered, useAnswer } from './hooks';

const WEEK_MS = 7 * 86_400_000;

export interface LatestWeek {
  readonly since: string;
  readonly until: string;
  /** It is known when something was seen last. */
  readonly isKnown: boolean;
}

/** The week that ends with what was seen last: footage may be older than this week. @param camera null: any */
export function useLatestWeek(camera: string | null): LatestWeek {
  const latest = useLatestEvent(camera, true);
  return useMemo(() => {
    const untilMs = latest ? Math.min(nowMs(), Date.parse(latest.endedAt) + 3_600_000) : nowMs();
    return {
      since: new Date(untilMs - WEEK_MS).toISOString(),
      until: new Date(untilMs).toISOString(),
      isKnown: latest !== undefined,
    };
  }, [latest]);
}

/** The events of that week that ended last, of whole pictures. */
export function useEventsOfWeek(
  { since, until, isKnown }: LatestWeek,
  { camera, limit }: { readonly camera?: string; readonly limit: number },
): Answered<EventPage> {
  return useAnswer<EventPage>(isKnown ? 'events' : null, {
    ...{ camera, since, until, limit },
    zone: 'frame',
    order: 'newest',
  });
}
