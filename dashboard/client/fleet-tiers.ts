import { useEffect, useState } from 'react';
import type { CameraTiers, TiersPage } from './answers';
import { type ApiProblem, ask, asProblem, nowMs } from './api';
import { useLatestEvent } from './events';
import { useLive } from './hooks';

const WEEK_MS = 7 * 86_400_000;
const PAGE_CAMERAS = 100;

/** Cameras page by page, by the week that ends with what was seen last. */
export function useTiers(site: string) {
  const { generation } = useLive();
  const latest = useLatestEvent(null, true);
  const [page, setPage] = useState<TiersPage | null>(null);
  const [cameras, setCameras] = useState<readonly CameraTiers[]>([]);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [cursor, setCursor] = useState<string>();
  const latestMs = latest ? Date.parse(latest.endedAt) + 3_600_000 : Number.POSITIVE_INFINITY;
  const isReady = latest !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins again with another site
  useEffect(() => {
    setCameras([]);
    setCursor(undefined);
  }, [site, generation]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the api is back
  useEffect(() => {
    if (!isReady) return;
    const leaving = new AbortController();
    const untilMs = Math.min(nowMs(), latestMs);
    const query = {
      site,
      limit: PAGE_CAMERAS,
      cursor,
      since: page && cursor ? page.since : new Date(untilMs - WEEK_MS).toISOString(),
      until: page && cursor ? page.until : new Date(untilMs).toISOString(),
    };
    ask<TiersPage>('fleet/tiers', { query, signal: leaving.signal }).then(
      (found) => {
        setPage(found);
        setProblem(null);
        setCameras((old) => (cursor ? [...old, ...found.cameras] : found.cameras));
      },
      (error) => !leaving.signal.aborted && setProblem(asProblem(error)),
    );
    return () => leaving.abort();
  }, [site, cursor, generation, isReady, latestMs]);
  return {
    cameras,
    problem,
    isLoading: page === null && problem === null,
    assumptions: page?.assumptions ?? '',
    hasMore: page?.nextCursor != null,
    loadMore: () => setCursor(page?.nextCursor ?? undefined),
  };
}
