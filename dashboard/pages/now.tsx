import type { Health } from '../api/answers';
import { useEvents, useLatestEvent } from '../api/events';
import { useAnswer, useCameras, useLive, useZone } from '../api/hooks';
import { type EventFilters, filtersOf, isDay, PERIODS, settingsOf } from '../logic/event-filters';
import { formatRoute } from '../logic/route';
import { EventList } from '../parts/event-list';
import { Figures } from '../parts/figures';
import { FilterBar } from '../parts/filter-bar';
import { Empty, ProblemNote } from '../parts/notes';
import { ClassName } from '../parts/snapshot';
import { momentOf, placeOf, When } from '../parts/when';

/** What the cameras see, as it happens; what waits; who is silent. */
export function NowPage({ settings }: { readonly settings: Readonly<Record<string, string>> }) {
  const filters = filtersOf(settings);
  const list = useEvents(filters);
  const cameras = useCameras();
  const change = (next: Partial<EventFilters>): void => {
    window.location.hash = formatRoute({
      page: 'now',
      settings: settingsOf({ ...filters, ...next }),
    });
  };
  const isEmpty = list.events.length === 0 && !list.isLoading && list.problem === null;
  return (
    <div className="now">
      <header className="page-head">
        <h1>Now</h1>
        <Figures cameras={cameras.data} />
      </header>
      <div className="now-columns">
        <section aria-labelledby="events-title" className="now-events">
          <div className="section-head">
            <h2 id="events-title">Events</h2>
            <FilterBar
              filters={filters}
              cameras={cameras.data ?? []}
              events={list.events}
              onChange={change}
            />
          </div>
          {list.problem && <ProblemNote problem={list.problem} />}
          {list.isLoading && <p className="quiet loading">Loading…</p>}
          {isEmpty && <Quiet filters={filters} onChange={change} />}
          {list.events.length > 0 && <EventList key={JSON.stringify(filters)} list={list} />}
        </section>
        <aside className="now-aside" aria-label="Cameras">
          <Silent />
        </aside>
      </div>
    </div>
  );
}

/** A quiet fleet says so, and when it was not. */
function Quiet({
  filters,
  onChange,
}: {
  readonly filters: EventFilters;
  readonly onChange: (next: Partial<EventFilters>) => void;
}) {
  const latest = useLatestEvent(filters.camera || null, true);
  const zone = useZone(latest?.camera ?? null);
  const period = isDay(filters.period)
    ? `on ${filters.period}`
    : `in the ${PERIODS[filters.period as keyof typeof PERIODS].label.toLowerCase()}`;
  const isNarrowed = filters.site !== '' || filters.className !== '' || filters.zone !== 'frame';
  return (
    <Empty title={`All quiet: no events ${period}.`}>
      {latest && (
        <>
          <p>
            The last {isNarrowed ? 'of all ' : ''}was <ClassName name={latest.className} /> at{' '}
            {latest.camera}, {momentOf(latest.startedAt, zone)} ({placeOf(zone)}).
          </p>
          <p className="actions">
            <a
              className="button is-main"
              href={formatRoute({
                page: 'playback',
                path: latest.camera.split('/'),
                settings: { at: latest.startedAt },
              })}
            >
              Play it
            </a>
            <button
              type="button"
              className="button"
              onClick={() =>
                onChange({ period: latest.startedAt.slice(0, 10), site: '', className: '' })
              }
            >
              Show that day
            </button>
          </p>
        </>
      )}
      {latest === null && (
        <p>
          Nothing was seen in a year of footage. Land a recording, or{' '}
          <a href={formatRoute({ page: 'try' })}>try a video</a>.
        </p>
      )}
    </Empty>
  );
}

/** Cameras from which nothing came for longer than their settings allow. */
function Silent() {
  const { counts } = useLive();
  // The key changes with the counts, so that the list is asked for again.
  const health = useAnswer<Health>('health');
  const { reload } = health;
  const silent = health.data?.silentCameras ?? [];
  const isBehind =
    counts !== null && health.data !== null && counts.silentCameras !== silent.length;
  return (
    <section className="silent" aria-labelledby="silent-title">
      <h2 id="silent-title">Silent cameras</h2>
      {health.data && silent.length === 0 && (
        <p className="quiet">Every watched camera is heard.</p>
      )}
      <ul>
        {silent.map(({ camera, since }) => (
          <li key={camera}>
            <a href={formatRoute({ page: 'camera', path: camera.split('/') })}>{camera}</a>
            <span className="quiet">
              {' '}
              since <SilentSince camera={camera} since={since} />
            </span>
          </li>
        ))}
      </ul>
      {isBehind && (
        <button type="button" className="button" onClick={reload}>
          The list has changed: show it
        </button>
      )}
    </section>
  );
}

function SilentSince({ camera, since }: { readonly camera: string; readonly since: string }) {
  return <When at={since} timezone={useZone(camera)} />;
}
