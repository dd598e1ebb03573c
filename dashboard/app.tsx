import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Session } from './client/answers';
import { type ApiProblem, ask, asProblem, beginSession, listeners } from './client/api';
import { currentEntry, EntryContext, onAddress } from './client/entries';
import { liveConnection, OffersContext } from './client/hooks';
import { cameraOf, type Page, parseRoute, type Route } from './logic/route';
import { CameraPage } from './pages/camera';
import { FleetPage } from './pages/fleet';
import { HealthPage } from './pages/health';
import { NowPage } from './pages/now';
import { PlaybackPage } from './pages/playback';
import { TryPage } from './pages/try';
import { Banners } from './parts/banners';
import { FaultBoundary } from './parts/fault-boundary';
import { Masthead, PAGE_NAMES } from './parts/masthead';
import { SignInDialog } from './parts/sign-in-dialog';

const AnalyticsPage = lazy(() => import('./pages/analytics'));
const ErrorsPage = lazy(() => import('./pages/errors'));
const RETRY_MS = 2000;

/** The page: its masthead, what is wrong with the connection, and one of its pages. */
export function App() {
  const { route, entry } = useAddress();
  const [session, setSession] = useState<Session | null>(null);
  const [isSignedOut, setSignedOut] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    listeners.onSignedOut = () => {
      liveConnection().stop();
      setSignedOut(true);
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks again
  useEffect(() => {
    let timer: number | undefined;
    ask<Session>('session').then(
      (found) => {
        setSession(found);
        setProblem(null);
        liveConnection().start(found);
      },
      (error) => {
        const why = asProblem(error);
        if (why.status === 401) return;
        setProblem(why);
        timer = window.setTimeout(() => setAttempt((one) => one + 1), RETRY_MS);
      },
    );
    return () => window.clearTimeout(timer);
  }, [attempt]);

  const main = useRef<HTMLElement>(null);
  const address = [route.page, ...route.path].join('/');
  const firstAddress = useRef(address);
  useEffect(() => {
    document.title = [cameraOf(route), PAGE_NAMES[route.page], 'Tierwatch']
      .filter(Boolean)
      .join(' · ');
    if (firstAddress.current === address) return;
    firstAddress.current = '';
    // Unless the page has gone on from where it was left.
    if (main.current?.contains(document.activeElement)) return;
    main.current?.focus({ preventScroll: true });
  }, [address, route]);

  return (
    <OffersContext value={session?.offers ?? []}>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <Masthead page={route.page} hasSession={session !== null} />
      <Banners problem={session === null ? problem : null} />
      <main id="main" ref={main} tabIndex={-1} className={`page page-${route.page}`}>
        {session && (
          <EntryContext value={entry}>
            <ToTop key={`top ${address}`} />
            <Suspense fallback={<p className="quiet">Loading…</p>}>
              <FaultBoundary key={address}>
                <Shown route={route} />
              </FaultBoundary>
            </Suspense>
          </EntryContext>
        )}
      </main>
      {isSignedOut && (
        <SignInDialog
          hasFailed={route.page === 'errors' && route.path[0] === 'sign-in'}
          onSignedIn={() => {
            beginSession();
            setSignedOut(false);
            setAttempt((one) => one + 1);
          }}
        />
      )}
    </OffersContext>
  );
}

function Shown({ route }: { readonly route: Route }) {
  const pages: Record<Page, () => React.ReactNode> = {
    now: () => <NowPage settings={route.settings} />,
    camera: () => <CameraPage key={cameraOf(route)} camera={cameraOf(route)} />,
    playback: () => (
      <PlaybackPage key={cameraOf(route)} camera={cameraOf(route)} settings={route.settings} />
    ),
    fleet: () => <FleetPage settings={route.settings} />,
    analytics: () => <AnalyticsPage settings={route.settings} />,
    try: () => <TryPage id={route.path[0] ?? null} />,
    health: () => <HealthPage />,
    errors: () => <ErrorsPage code={route.path[0] ?? null} />,
  };
  return pages[route.page]();
}

/** Before what follows is drawn, which may scroll to what was asked for or to where it was left. */
function ToTop() {
  useLayoutEffect(() => {
    window.scrollTo(0, 0);
  }, []);
  return null;
}

function readAddress() {
  return { route: parseRoute(window.location.hash), entry: currentEntry() };
}

function useAddress() {
  const [address, setAddress] = useState(readAddress);
  useEffect(() => {
    // Pages scroll to where they were left by themselves, once they have what was there.
    window.history.scrollRestoration = 'manual';
    return onAddress(() => setAddress(readAddress()));
  }, []);
  return address;
}
