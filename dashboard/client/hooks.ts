import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { LiveState } from '../logic/live-state';
import type { Camera, CameraPage, Offer } from './answers';
import { type ApiProblem, type Asked, apiUrl, ask, asProblem } from './api';
import { Live } from './live';

const RETRY_MS = 5000;
const live = new Live();

/** The one connection of the page. */
export function liveConnection(): Live {
  return live;
}

export function useLive(): LiveState {
  return useSyncExternalStore(live.subscribe, live.current);
}

/** Grows when everything on the page is to be asked for again. */
export function useGeneration(): number {
  return useSyncExternalStore(live.subscribe, () => live.current().generation);
}

/** What this deployment offers, by name. */
export const OffersContext = createContext<readonly Offer[]>([]);
export function useOffers(offer: Offer): boolean {
  return useContext(OffersContext).includes(offer);
}

export interface Answered<Data> {
  readonly data: Data | null;
  readonly problem: ApiProblem | null;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/**
 * What the api answers; asked again when the api is back. What was answered before stays while the same is asked
 * again, and when that fails.
 * @param key what is asked for; null: nothing
 */
export function useAsked<Data>(
  key: string | null,
  askFor: (signal: AbortSignal) => Promise<Data>,
): Answered<Data> {
  const generation = useGeneration();
  const [tick, setTick] = useState(0);
  const [answer, setAnswer] = useState<{
    key: string;
    data: Data | null;
    problem: ApiProblem | null;
  }>();
  const state = useRef<'idle' | 'asking' | 'again'>('idle');
  // `generation` and `tick` ask again without changing what is asked.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (key === null) return;
    const leaving = new AbortController();
    state.current = 'asking';
    const settle = (data: Data | null, problem: ApiProblem | null): void => {
      if (leaving.signal.aborted) return;
      const isAgain = state.current === 'again';
      state.current = 'idle';
      setAnswer((old) => ({ key, data: data ?? (old?.key === key ? old.data : null), problem }));
      if (isAgain) setTick((one) => one + 1);
    };
    askFor(leaving.signal).then(
      (data) => settle(data, null),
      (error) => settle(null, asProblem(error)),
    );
    return () => {
      leaving.abort();
      state.current = 'idle';
    };
  }, [key, generation, tick]);
  // Who asks more often than a busy api answers has each answer, and not none.
  const reload = useCallback(() => {
    if (state.current === 'idle') setTick((one) => one + 1);
    else state.current = 'again';
  }, []);
  const current = answer?.key === key ? answer : undefined;
  return {
    data: current?.data ?? null,
    problem: current?.problem ?? null,
    isLoading: key !== null && current === undefined,
    reload,
  };
}

/** As {@link useAsked}, of a path. @param path null: nothing is asked */
export function useAnswer<Data>(path: string | null, query: Asked['query'] = {}): Answered<Data> {
  return useAsked(path === null ? null : apiUrl(path, query), (signal) =>
    ask<Data>(path!, { query, signal }),
  );
}

/** Asks again and again for what nobody would think of asking for again. */
export function useRetry({ problem, reload }: Pick<Answered<unknown>, 'problem' | 'reload'>): void {
  useEffect(() => {
    if (!problem) return;
    const timer = window.setTimeout(reload, RETRY_MS);
    return () => window.clearTimeout(timer);
  }, [problem, reload]);
}

/** Every camera that may be seen, by name. */
export function useCameras(): Answered<readonly Camera[]> {
  return useAsked('cameras', allCameras);
}

async function allCameras(signal: AbortSignal): Promise<Camera[]> {
  const found: Camera[] = [];
  let cursor: string | undefined;
  do {
    const page: CameraPage = await ask<CameraPage>('cameras', {
      query: { limit: 500, cursor },
      signal,
    });
    found.push(...page.cameras);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}
