import { useEffect, useState } from 'react';
import type { DeadLetters, Health, QueueCounts, Rejections } from '../client/answers';
import { type ApiProblem, ask, asProblem } from '../client/api';
import { HERE } from '../client/events';
import { useAnswer, useLive } from '../client/hooks';
import { formatRoute } from '../logic/route';
import { counted } from '../logic/words';
import { Answer, Empty, ErrorCode, ProblemNote } from '../parts/notes';
import { Scroller } from '../parts/scroller';
import { When } from '../parts/when';

/** What waits, what failed and why, and what answers. */
export function HealthPage() {
  const health = useAnswer<Health>('health');
  const letters = useAnswer<DeadLetters>('dead-letters', { limit: 100 });
  const rejections = useAnswer<Rejections>('rejections', { limit: 100 });
  const { counts } = useLive();
  const reloads = [health.reload, letters.reload, rejections.reload];
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again as the counts change
  useEffect(() => {
    if (counts) for (const reload of reloads) reload();
  }, [counts]);
  return (
    <>
      <header className="page-head">
        <h1>Health</h1>
      </header>
      <Answer of={health}>
        {(found) => (
          <div className="health-columns">
            <section aria-labelledby="queues-title">
              <h2 id="queues-title">Queues</h2>
              <Queues queues={counts?.queues ?? found.queues} />
            </section>
            <section aria-labelledby="silent-title">
              <h2 id="silent-title">Silent cameras</h2>
              {found.silentCameras.length === 0 && <Empty title="Every watched camera is heard." />}
              <ul className="plain">
                {found.silentCameras.map(({ camera, since }) => (
                  <li key={camera}>
                    <a href={formatRoute({ page: 'camera', path: camera.split('/') })}>{camera}</a>{' '}
                    <span className="quiet">
                      since <When at={since} timezone={HERE} />
                    </span>
                  </li>
                ))}
              </ul>
            </section>
            <section aria-labelledby="letters-title" className="is-wide">
              <h2 id="letters-title">Dead letters</h2>
              <Answer of={letters}>
                {(data) => <Letters letters={data} onRedriven={letters.reload} />}
              </Answer>
            </section>
            <section aria-labelledby="rejections-title" className="is-wide">
              <h2 id="rejections-title">Quarantine</h2>
              <Answer of={rejections}>{(data) => <Rejected rejections={data} />}</Answer>
            </section>
            <section aria-labelledby="versions-title" className="is-wide">
              <h2 id="versions-title">In use</h2>
              <InUse health={found} />
            </section>
          </div>
        )}
      </Answer>
    </>
  );
}

function Queues({ queues }: { readonly queues: Readonly<Record<string, QueueCounts>> | null }) {
  if (queues === null) {
    return (
      <p className="quiet">
        Shown to those who may see every site, on one machine; in the cloud the alarms of the
        environment watch them.
      </p>
    );
  }
  return (
    <Scroller label="Queues">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Queue</th>
            <th scope="col" className="number">
              Waiting
            </th>
            <th scope="col" className="number">
              In work
            </th>
            <th scope="col" className="number">
              Dead
            </th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(queues).map(([name, { waiting, inFlight, dead }]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="number">{waiting.toLocaleString('en')}</td>
              <td className="number">{inFlight.toLocaleString('en')}</td>
              <td className={`number ${dead > 0 ? 'is-bad' : ''}`}>{dead.toLocaleString('en')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

function Letters({
  letters: { count, deadLetters, canRedrive },
  onRedriven,
}: {
  readonly letters: DeadLetters;
  readonly onRedriven: () => void;
}) {
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const redrive = async (ids?: readonly string[]): Promise<void> => {
    setProblem(null);
    try {
      const { redriven } = await ask<{ redriven: number }>('dead-letters/redrive', {
        body: ids ? { ids } : {},
      });
      setSaid(`${counted(redriven, 'message')} back in the queue.`);
      onRedriven();
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  return (
    <>
      <p role="status" className="quiet">
        {said}
      </p>
      {problem && <ProblemNote problem={problem} />}
      {count === 0 ? (
        <Empty title="None: nothing failed five times." />
      ) : (
        <>
          {canRedrive && (
            <button type="button" className="button" onClick={() => void redrive()}>
              Put all {count} back
            </button>
          )}
          <Scroller label="Dead letters">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">For</th>
                  <th scope="col">Segment</th>
                  <th scope="col">Why</th>
                  {canRedrive && (
                    <th scope="col">
                      <span className="unseen">Redrive</span>
                    </th>
                  )}
                </tr>
              </thead>
              <tbody>
                {deadLetters.map(({ id, queue, segmentKey, cause, deadAt }) => (
                  <tr key={id}>
                    <td>
                      <When at={deadAt} timezone={HERE} />
                    </td>
                    <td>{queue}</td>
                    <td>
                      <code>{segmentKey ?? '–'}</code>
                    </td>
                    <td>
                      <Cause text={cause} />
                    </td>
                    {canRedrive && (
                      <td>
                        <button type="button" className="button" onClick={() => void redrive([id])}>
                          Put back<span className="unseen"> {segmentKey ?? id}</span>
                        </button>
                      </td>
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroller>
        </>
      )}
    </>
  );
}

/** A cause with its code, where it begins or ends with one in brackets. */
function Cause({ text }: { readonly text: string }) {
  const [, before = '', code, after = ''] = /^(.*?)\[([a-z0-9-]+)\](.*)$/s.exec(text) ?? [];
  if (!code) return text;
  return (
    <>
      {before}
      <ErrorCode code={code} />
      {after}
    </>
  );
}

function Rejected({ rejections: { count, rejections } }: { readonly rejections: Rejections }) {
  if (count === 0) return <Empty title="Nothing is quarantined." />;
  const codes = [...Map.groupBy(rejections, ({ code }) => code)];
  return (
    <>
      <ul className="codes" aria-label="By code">
        {codes.map(([code, ones]) => (
          <li key={code}>
            <ErrorCode code={code} /> {ones.length}
          </li>
        ))}
      </ul>
      <Scroller label="Quarantine">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">File</th>
              <th scope="col">Code</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {rejections.map(({ key, code, reason, at }) => (
              <tr key={`${key} ${at}`}>
                <td>
                  <When at={at} timezone={HERE} />
                </td>
                <td>
                  <code>{key}</code>
                </td>
                <td>
                  <ErrorCode code={code} />
                </td>
                <td>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      {count > rejections.length && (
        <p className="quiet">
          The latest {rejections.length} of {count.toLocaleString('en')}.
        </p>
      )}
    </>
  );
}

function InUse({ health: { model, versions } }: { readonly health: Health }) {
  return (
    <dl className="facts">
      <div>
        <dt>Model</dt>
        <dd>
          {model.name} {model.version}
          {model.grade === 'demo' && <span className="tag">demo grade</span>}
        </dd>
      </div>
      <div>
        <dt>Variant</dt>
        <dd>{model.variant ?? 'timed at each start'}</dd>
      </div>
      <div>
        <dt>Its sha256</dt>
        <dd>
          <code>{model.sha256}</code>
        </dd>
      </div>
      <div>
        <dt>Tierwatch</dt>
        <dd>{versions.tierwatch}</dd>
      </div>
      <div>
        <dt>Node</dt>
        <dd>{versions.node}</dd>
      </div>
      <div>
        <dt>Store’s schema</dt>
        <dd>{versions.schema}</dd>
      </div>
    </dl>
  );
}
