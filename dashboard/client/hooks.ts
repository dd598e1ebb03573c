import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import type { LiveState } from '../logic/live-state';
import type { Camera, CameraPage, Offer, ResolvedCamera } from './answers';
import { type ApiProblem, type Asked, apiUrl, ask, asProblem } from './api';
import { Live } from './live';

const live = new Live();

/** The one connection of the page. */
export function liveConnection(): Live {
  return live;
}

export function useLive(): LiveState {
  return useSyncExternalStore(live.subscribe, live.current);
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
 * What the api answers to a path; asked again when the api is back. What was answered before stays while the same
 * is asked again, and when that fails.
 * @param path null: nothing is asked
 */
export function useAnswer<Data>(path: string | null, query: Asked['query'] = {}): Answered<Data> {
  const url = path === null ? null : apiUrl(path, query);
  const { generation } = useLive();
  const [tick, setTick] = useState(0);
  const [answer, setAnswer] = useState<{
    url: string;
    data: Data | null;
    problem: ApiProblem | null;
  }>();
  // `generation` and `tick` ask again without changing what is asked.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (url === null) return;
    const leaving = new AbortController();
    ask<Data>(url.replace('/api/', ''), { signal: leaving.signal }).then(
      (data) => setAnswer({ url, data, problem: null }),
      (error) => {
        if (leaving.signal.aborted) return;
        setAnswer((old) => ({
          url,
          data: old?.url === url ? old.data : null,
          problem: asProblem(error),
        }));
      },
    );
    return () => leaving.abort();
  }, [url, generation, tick]);
  const isCurrent = answer !== undefined && answer.url === url;
  return {
    data: isCurrent ? answer.data : null,
    problem: isCurrent ? answer.problem : null,
    isLoading: url !== null && !isCurrent,
    reload: useCallback(() => setTick((one) => one + 1), []),
  };
}

/** Every camera that may be seen, by name. */
export function useCameras(): Answered<readonly Camera[]> {
  const { generation } = useLive();
  const [tick, setTick] = useState(0);
  const [data, setData] = useState<readonly Camera[] | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the api is back
  useEffect(() => {
    const leaving = new AbortController();
    allCameras(leaving.signal).then(
      (cameras) => {
        setData(cameras);
        setProblem(null);
      },
      (error) => {
        if (!leaving.signal.aborted) setProblem(asProblem(error));
      },
    );
    return () => leaving.abort();
  }, [generation, tick]);
  const reload = useCallback(() => setTick((one) => one + 1), []);
  return { data, problem, isLoading: data === null && problem === null, reload };
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

/** Time zones of sites, by their name, as far as they were asked for. */
const zones = new Map<string, string | Promise<string>>();
const zoneListeners = new Set<() => void>();

/** The time zone of a camera's site; UTC until it is known. @param camera `site/camera` */
export function useZone(camera: string | null): string {
  const site = camera?.split('/')[0] ?? '';
  const zone = useSyncExternalStore(
    (listener) => {
      zoneListeners.add(listener);
      return () => zoneListeners.delete(listener);
    },
    () => zones.get(site),
  );
  useEffect(() => {
    if (camera === null || zones.has(site)) return;
    const asked = ask<ResolvedCamera>(`cameras/${camera}`).then(
      ({ settings }) => settings.timezone,
      () => '',
    );
    zones.set(site, asked);
    void asked.then((timezone) => {
      // What failed is asked again with the next camera of the site.
      if (timezone === '') zones.delete(site);
      else zones.set(site, timezone);
      for (const listener of zoneListeners) listener();
    });
  }, [camera, site]);
  return typeof zone === 'string' ? zone : 'UTC';
}
