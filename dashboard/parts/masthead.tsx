import { useEffect, useRef, useState } from 'react';
import { apiUrl, ask } from '../client/api';
import { useLive, useOffers } from '../client/hooks';
import type { Connection } from '../logic/live-state';
import { formatRoute, type Page } from '../logic/route';

export const PAGE_NAMES: Readonly<Record<Page, string>> = {
  now: 'Now',
  camera: 'Cameras',
  playback: 'Playback',
  fleet: 'Fleet',
  analytics: 'Analytics',
  try: 'Try a video',
  health: 'Health',
  errors: 'Errors',
};
const MENU = ['now', 'camera', 'playback', 'fleet', 'analytics', 'try', 'health'] as const;

const CONNECTIONS: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  polling: 'Every 5 s',
  down: 'No connection',
};
/** What lies at the menu’s right end fades. */
const FADE_PX = 36;
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

/** The product’s name, the pages, and how the page is connected. */
export function Masthead({
  page,
  hasSession,
}: {
  readonly page: Page;
  readonly hasSession: boolean;
}) {
  const { connection } = useLive();
  const shown = hasSession ? connection : 'connecting';
  const menu = useRef<HTMLElement>(null);
  const current = useRef<HTMLAnchorElement>(null);
  // Scrolls the menu of a narrow screen alone: the page stays where it is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a page
  useEffect(() => {
    if (!menu.current || !current.current) return;
    const [frame, link] = [menu.current, current.current].map((one) => one.getBoundingClientRect());
    const beyondPx =
      Math.max(0, link!.right + FADE_PX - frame!.right) + Math.min(0, link!.left - frame!.left);
    menu.current.scrollLeft += beyondPx;
  }, [page]);
  return (
    <header className="masthead">
      <a className="wordmark" href={formatRoute({ page: 'now' })}>
        <svg viewBox="0 0 18 18" aria-hidden="true">
          <path d="M2 14h4v2H2zM7 9h4v7H7zM12 2h4v14h-4z" />
        </svg>
        Tierwatch
      </a>
      <nav aria-label="Pages" ref={menu}>
        <ul>
          {MENU.map((one) => (
            <li key={one}>
              <a
                href={formatRoute({ page: one })}
                aria-current={one === page ? 'page' : undefined}
                ref={one === page ? current : undefined}
              >
                {PAGE_NAMES[one]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <p className={`connection is-${shown}`} role="status">
        <span className="dot" aria-hidden="true" />
        {CONNECTIONS[shown]}
      </p>
      <ThemeChoice />
      <SignOut />
    </header>
  );
}

/** Where the page was signed in. */
function SignOut() {
  const isOffered = useOffers('sign-out');
  const hasForm = useOffers('sign-in-form');
  if (!isOffered) return null;
  const signOut = (): void => {
    // Whatever the answer: the page begins anew, and asks who it is where it is signed out.
    void ask('session', { method: 'DELETE' }).finally(() => {
      if (hasForm) window.location.assign(apiUrl('sign-in/end'));
      else window.location.reload();
    });
  };
  return (
    <button type="button" className="button sign-out" onClick={signOut}>
      Sign out
    </button>
  );
}

function ThemeChoice() {
  const [theme, setTheme] = useState<Theme>(storedTheme);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem('theme', theme);
    } catch {
      // A browser that keeps nothing: the choice holds until the page is closed.
    }
    window.dispatchEvent(new Event('themechange'));
  }, [theme]);
  return (
    <label className="theme">
      <span className="unseen">Colours</span>
      <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
        <option value="auto">Colours: system</option>
        <option value="light">Colours: light</option>
        <option value="dark">Colours: dark</option>
      </select>
    </label>
  );
}

function storedTheme(): Theme {
  try {
    return THEMES.find((one) => one === localStorage.getItem('theme')) ?? 'auto';
  } catch {
    return 'auto';
  }
}
