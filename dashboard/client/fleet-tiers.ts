import { useMemo } from 'react';
import type { TiersPage } from './answers';
import { ask, nowMs } from './api';
import { useLatestEvent } from './events';
import { usePages } from './pages';

const WEEK_MS = 7 * 86_400_000;
const PAGE_CAMERAS = 100;

/** Cameras page by page, by the week that ends with what was seen last. */
export function useTiers(site: string) {
  const latest = useLatestEvent(null, true);
  const { pages, ...list } = usePages<TiersPage>(
    latest === undefined ? null : site,
    (after, signal) => {
      const latestMs = latest ? Date.parse(latest.endedAt) + 3_600_000 : Number.POSITIVE_INFINITY;
      const untilMs = Math.min(nowMs(), latestMs);
      const query = {
        site,
        limit: PAGE_CAMERAS,
        cursor: after?.nextCursor ?? undefined,
        since: after?.since ?? new Date(untilMs - WEEK_MS).toISOString(),
        until: after?.until ?? new Date(untilMs).toISOString(),
      };
      return ask('fleet/tiers', { query, signal });
    },
  );
  const cameras = useMemo(() => pages.flatMap((page) => page.cameras), [pages]);
  return {
    ...list,
    cameras,
    isLoading: latest === undefined || list.isLoading,
    assumptions: pages.at(-1)?.assumptions ?? '',
  };
}
