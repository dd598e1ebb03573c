import { useEffect, useState } from 'react';
import type { TierChange } from '../client/answers';
import { type ApiProblem, ask, asProblem } from '../client/api';
import { counted, usd } from '../logic/words';
import { ProblemNote } from './notes';
import { Lines } from './scroller';

/** What the fleet file would say, and what that changes. */
export function TierPlan({
  camera,
  tier,
  onClose,
}: {
  readonly camera: string;
  readonly tier: string;
  readonly onClose: () => void;
}) {
  const [change, setChange] = useState<TierChange | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    const leaving = new AbortController();
    ask<TierChange>('fleet/tier-change', { body: { camera, tier }, signal: leaving.signal }).then(
      setChange,
      (error) => !leaving.signal.aborted && setProblem(asProblem(error)),
    );
    return () => leaving.abort();
  }, [camera, tier]);
  const copy = async (what: string, text: string): Promise<void> => {
    await navigator.clipboard.writeText(text).then(
      () => setSaid(`The ${what} is in the clipboard.`),
      () => setSaid('This browser gives no access to the clipboard: mark the lines and copy them.'),
    );
  };
  return (
    <section className="plan" aria-labelledby="plan-title">
      <div className="section-head">
        <h2 id="plan-title">
          {camera} in tier {tier}
        </h2>
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
      {problem && <ProblemNote problem={problem} />}
      {change && (
        <>
          <ul className="plan-changes" role="status">
            {change.changes.map(({ cameras, what, usdPerMonth }) => (
              <li key={cameras.join()}>
                {what.join('; ')} ({counted(cameras.length, 'camera')})
                {usdPerMonth !== null && (
                  <strong>
                    {' '}
                    {usdPerMonth > 0 ? '+' : ''}
                    {usd(usdPerMonth)} a month
                  </strong>
                )}
              </li>
            ))}
          </ul>
          {change.command && (
            <>
              <p>
                In the repository this changes the camera’s line of the fleet file and nothing else:
              </p>
              <Lines label="Command">{change.command}</Lines>
              <p>
                It comes to this difference of the camera’s entry as it is published, where there
                are no comments:
              </p>
            </>
          )}
          <Difference text={change.diff} file={change.file} />
          <p className="actions">
            {change.command ? (
              <button
                type="button"
                className="button is-main"
                onClick={() => void copy('command', change.command ?? '')}
              >
                Copy the command
              </button>
            ) : (
              <button
                type="button"
                className="button is-main"
                onClick={() => void copy('difference', change.diff)}
              >
                Copy the difference
              </button>
            )}
            <span className="quiet" role="status">
              {said}
            </span>
          </p>
          <p className="quiet">{change.basis}</p>
        </>
      )}
    </section>
  );
}

function Difference({ text, file }: { readonly text: string; readonly file: string }) {
  return (
    <Lines label={`Difference of ${file}`}>
      {text.split('\n').map((line, index) => (
        // Lines have no identity but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <span key={index} className={lineKind(line)}>
          {line}
          {'\n'}
        </span>
      ))}
    </Lines>
  );
}

function lineKind(line: string): string {
  if (/^(\+\+\+|---|@@)/.test(line)) return 'is-head';
  if (line.startsWith('+')) return 'is-added';
  return line.startsWith('-') ? 'is-removed' : '';
}
