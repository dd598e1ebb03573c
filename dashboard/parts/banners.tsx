import { useEffect, useRef, useState } from 'react';
import { type ApiProblem, listeners } from '../client/api';
import { useLive } from '../client/hooks';
import { skewSentence } from '../logic/clock-skew';
import { durationOf } from '../logic/words';

const SAID_MS = 8000;

/** What concerns the whole page: the api is away or just back, a clock is off. */
export function Banners({ problem }: { readonly problem: ApiProblem | null }) {
  const { downSinceMs } = useLive();
  const isDown = downSinceMs !== null;
  const [skew, setSkew] = useState<string | null>(null);
  const wasDown = useRef(false);
  const [isBack, setBack] = useState(false);
  useEffect(() => {
    listeners.onServerTime = (aheadMs) => setSkew(skewSentence(aheadMs));
  }, []);
  useEffect(() => {
    setBack(!isDown && wasDown.current);
    wasDown.current = isDown;
    if (isDown) return;
    const timer = window.setTimeout(() => setBack(false), SAID_MS);
    return () => window.clearTimeout(timer);
  }, [isDown]);
  return (
    <div className="banners" role="status">
      {problem && <p className="banner is-bad">{problem.message}</p>}
      {isDown && (
        <p className="banner is-bad">
          The api does not answer <AwayFor sinceMs={downSinceMs} />. What is on the page is from
          before. It connects again by itself and misses nothing.
        </p>
      )}
      {isBack && <p className="banner is-good">The api is back. The page is up to date again.</p>}
      {skew && <p className="banner is-warning">{skew}</p>}
    </div>
  );
}

/** Counts without being read out each second. */
function AwayFor({ sinceMs }: { readonly sinceMs: number }) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNowMs(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  const seconds = Math.max(0, (nowMs - sinceMs) / 1000);
  return <span aria-hidden="true">since {durationOf(seconds)}</span>;
}
