import { useCallback, useEffect, useRef, useState } from 'react';
import { type ApiProblem, asProblem } from './api';
import type { KeptList } from './entries';
import { useGeneration } from './hooks';

/** One of the pages that a long list comes in. */
interface Page {
  readonly nextCursor: string | null;
}

const NONE: readonly never[] = [];

export interface Pages<One> {
  /** Empty until the first is there. */
  readonly pages: readonly One[];
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  /** Of what was asked for last. */
  readonly problem: ApiProblem | null;
  readonly loadMore: () => void;
  /** After a problem. */
  readonly retry: () => void;
}

/**
 * A list that comes in pages, each asked for with the one before. When the api is back it is read again as far as the
 * reader had come; until that is there, and where it fails, what was there stays.
 * @param key what is asked for; null: nothing yet
 * @param kept what was left of the list, and will be: what is there is not asked for again
 */
export function usePages<One extends Page>(
  key: string | null,
  askPage: (after: One | null, signal: AbortSignal) => Promise<One>,
  kept?: KeptList<One>,
): Pages<One> {
  const generation = useGeneration();
  const [tick, setTick] = useState(0);
  const [found, setFound] = useState<{ key: string; pages: readonly One[] }>();
  const [problem, setProblem] = useState<{ key: string; why: ApiProblem }>();
  const current = found?.key === key ? found : kept?.read;
  /** What the effect and the callbacks go by, which are made before it is known. */
  const latest = useRef({ current, askPage, kept, generation });
  latest.current = { current, askPage, kept, generation };
  /** What is on its way: at most one thing, and nothing of another list. */
  const asking = useRef<AbortController | null>(null);

  const read = useCallback(
    async (pages: readonly One[], count: number) => {
      if (key === null) return;
      asking.current?.abort();
      const controller = new AbortController();
      asking.current = controller;
      try {
        const all = [...pages];
        do {
          all.push(await latest.current.askPage(all.at(-1) ?? null, controller.signal));
        } while (all.length < count && all.at(-1)?.nextCursor != null);
        if (controller.signal.aborted) return;
        latest.current.kept?.keep(all, latest.current.generation);
        setFound({ key, pages: all });
        setProblem(undefined);
      } catch (error) {
        if (!controller.signal.aborted) setProblem({ key, why: asProblem(error) });
      } finally {
        if (asking.current === controller) asking.current = null;
      }
    },
    [key],
  );
  // `generation` and `tick` ask again without changing what is asked.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const { current, kept } = latest.current;
    if (kept?.read?.generation !== generation)
      void read([], current?.pages.length ?? kept?.count ?? 1);
    return () => asking.current?.abort();
  }, [read, generation, tick]);

  const loadMore = useCallback(() => {
    const { pages } = latest.current.current ?? {};
    if (!pages || asking.current || pages.at(-1)?.nextCursor == null) return;
    void read(pages, pages.length + 1);
  }, [read]);
  const retry = useCallback(() => {
    setProblem(undefined);
    if (latest.current.current?.pages.at(-1)?.nextCursor != null) loadMore();
    else setTick((one) => one + 1);
  }, [loadMore]);
  return {
    pages: current?.pages ?? NONE,
    isLoading: key !== null && current === undefined && problem?.key !== key,
    hasMore: current?.pages.at(-1)?.nextCursor != null,
    problem: problem?.key === key ? problem.why : null,
    loadMore,
    retry,
  };
}
