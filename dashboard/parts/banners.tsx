import { useEffect, useState } from 'react';
import { type ApiProblem, listeners } from '../client/api';
import { useLive } from '../client/hooks';
import { skewSentence } from '../logic/clock-skew';
import { durationOf } from '../logic/words';

/** What concerns the whole page: the api is away or just back, a clock is off. */
export function Banners({ problem }: { readonly problem: ApiProblem | null }) {
  const { downSinceMs, generation } = useLive();
  const [skew, setSkew] = useState<string | null>(null);
  const [backAt, setBackAt] = useState(0);
  useEffect(() => {
    listeners.onServerTime = (aheadMs) => setSkew(skewSentence(aheadMs));
  }, []);
  useEffect(() => {
    if (generation === 0) return;
    setBackAt(generation);
    const timer = window.setTimeout(() => setBackAt(0), 8000);
    return () => window.clearTimeout(timer);
  }, [generation]);
  const isDown = downSinceMs !== null;
  return (
    <div className="banners" role="status">
      {problem && <p className="banner is-bad">{problem.message}</p>}
      {isDown && (
        <p className="banner is-bad">
          The api does not answer <AwayFor sinceMs={downSinceMs} />. What is on the page is from
          before. It connects again by itself and misses nothing.
        </p>
      )}
      {!isDown && backAt > 0 && (
        <p className="banner is-good">The api is back. The page is up to date again.</p>
      )}
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
