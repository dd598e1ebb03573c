import { useCallback, useEffect } from 'react';
import type { DeadLetters, Health, Rejection, Rejections } from '../client/answers';
import { HERE } from '../client/events';
import { useAnswer, useLive } from '../client/hooks';
import { formatRoute } from '../logic/route';
import { DeadLetterList } from '../parts/dead-letters';
import { Answer, Empty, ErrorCode } from '../parts/notes';
import { QueueTable } from '../parts/queue-table';
import { type Column, Table } from '../parts/table';
import { When } from '../parts/when';

const AGES_EVERY_MS = 15_000;

/** What waits, what failed and why, and what answers. */
export function HealthPage() {
  const health = useAnswer<Health>('health');
  const letters = useAnswer<DeadLetters>('dead-letters', { limit: 100 });
  const rejections = useAnswer<Rejections>('rejections', { limit: 100 });
  const { counts } = useLive();
  const { reload: reloadHealth } = health;
  const { reload: reloadLetters } = letters;
  const { reload: reloadRejections } = rejections;
  const reload = useCallback(() => {
    for (const one of [reloadHealth, reloadLetters, reloadRejections]) one();
  }, [reloadHealth, reloadLetters, reloadRejections]);
  useEffect(() => {
    if (counts) reload();
  }, [counts, reload]);
  // Ages grow while no count changes.
  useEffect(() => {
    const timer = window.setInterval(reloadHealth, AGES_EVERY_MS);
    return () => window.clearInterval(timer);
  }, [reloadHealth]);
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
              <QueueTable queues={found.queues} />
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
                {(data) => (
                  <DeadLetterList letters={data} queues={found.queues} onRedriven={reload} />
                )}
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

const REJECTIONS: readonly Column<Rejection>[] = [
  { head: 'When', cell: ({ at }) => <When at={at} timezone={HERE} /> },
  { head: 'File', cell: ({ key }) => <code>{key}</code> },
  { head: 'Code', cell: ({ code }) => <ErrorCode code={code} /> },
  { head: 'Why', cell: ({ reason }) => reason },
];

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
      <Table
        label="Quarantine"
        columns={REJECTIONS}
        rows={rejections}
        keyOf={({ key, at }) => `${key} ${at}`}
      />
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
        <dd>{model.variant ?? choiceSentence(model.choice)}</dd>
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

/** Where the functions run on processors of which the api knows nothing: how they choose. */
function choiceSentence(choice: Health['model']['choice']): string {
  const proven = choice.map(
    ({ variant, cpuFeatures }) => `${variant} on ${cpuFeatures.join(', ')}`,
  );
  return [...proven, 'else the fastest, timed at each start'].join('; ');
}
