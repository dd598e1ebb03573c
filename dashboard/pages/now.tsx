import { useEffect } from 'react';
import type { DetectionEvent } from '../../core/segment-result';
import type { Camera } from '../client/answers';
import { go } from '../client/entries';
import { HERE, useEvents, useLatestEvent } from '../client/events';
import { useCameras, useLive } from '../client/hooks';
import { useZone } from '../client/zones';
import { type EventFilters, filtersOf, isDay, PERIODS, settingsOf } from '../logic/event-filters';
import { formatRoute, parseRoute } from '../logic/route';
import { dateOf } from '../logic/time-scale';
import { counted } from '../logic/words';
import { EventList } from '../parts/event-list';
import { Figures } from '../parts/figures';
import { FilterBar } from '../parts/filter-bar';
import { Empty, ProblemNote } from '../parts/notes';
import { ClassName } from '../parts/snapshot';
import { momentOf, placeOf, When } from '../parts/when';

const REFRESH_MS = 30_000;
/** Shown beside the events; all are on the page of cameras. */
const MOST_SILENT = 20;
const MOST_HEARD = 8;

/** What the cameras see, as it happens; what waits; who is silent. */
export function NowPage({ settings }: { readonly settings: Readonly<Record<string, string>> }) {
  const filters = filtersOf(settings);
  const list = useEvents(filters);
  const cameras = useCameras();
  const change = (next: Partial<EventFilters>): void => {
    // What the address says: a choice made a moment ago may not be drawn yet.
    const chosen = filtersOf(parseRoute(window.location.hash).settings);
    go({ page: 'now', settings: settingsOf({ ...chosen, ...next }) });
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
          {list.problem && list.events.length === 0 && (
            <ProblemNote problem={list.problem} onRetry={list.retry} />
          )}
          {list.isLoading && <p className="quiet loading">Loading…</p>}
          {isEmpty && <Quiet filters={filters} />}
          {list.events.length > 0 && <EventList key={list.id} list={list} />}
        </section>
        <aside className="now-aside" aria-label="Cameras">
          <Watch cameras={cameras.data} onChange={cameras.reload} />
        </aside>
      </div>
    </div>
  );
}

/** A quiet fleet says so, and when it was not. */
function Quiet({ filters }: { readonly filters: EventFilters }) {
  const latest = useLatestEvent(filters.camera || null, true);
  const zone = useZone(latest?.camera ?? null);
  const period = isDay(filters.period)
    ? `on ${filters.period}`
    : `in the ${PERIODS[filters.period as keyof typeof PERIODS].label.toLowerCase()}`;
  const isNarrowed = filters.site !== '' || filters.className !== '' || filters.zone !== 'frame';
  return (
    <>
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
      {latest && <Before filters={filters} latest={latest} />}
    </>
  );
}

/** The day on which something was seen last, in place of nothing. */
function Before({
  filters,
  latest,
}: {
  readonly filters: EventFilters;
  readonly latest: DetectionEvent;
}) {
  const period = dateOf(Date.parse(latest.endedAt), HERE);
  const list = useEvents({ ...filters, period });
  if (list.events.length === 0) return null;
  return (
    <div className="before">
      <h3>On that day</h3>
      <EventList key={list.id} list={list} />
    </div>
  );
}

/** Cameras, the silent ones first, then those that were heard last. */
function Watch({
  cameras,
  onChange,
}: {
  readonly cameras: readonly Camera[] | null;
  readonly onChange: () => void;
}) {
  const { counts } = useLive();
  const silentCount = counts?.silentCameras;
  useEffect(() => {
    const timer = window.setInterval(onChange, REFRESH_MS);
    if (silentCount !== undefined) onChange();
    return () => window.clearInterval(timer);
  }, [silentCount, onChange]);
  if (cameras === null) return null;
  const silent = cameras.filter(({ silentSince }) => silentSince !== null);
  const heard = cameras
    .filter(({ silentSince, lastLandedAt }) => silentSince === null && lastLandedAt !== null)
    .sort((a, b) => (a.lastLandedAt! > b.lastLandedAt! ? -1 : 1));
  const shown = [...silent.slice(0, MOST_SILENT), ...heard.slice(0, MOST_HEARD)];
  return (
    <section className="watch" aria-labelledby="watch-title">
      <h2 id="watch-title">Cameras</h2>
      <p className={silent.length > 0 ? 'is-warning' : 'quiet'}>
        {silent.length > 0
          ? `${counted(silent.length, 'camera is', 'cameras are')} silent.`
          : 'Every watched camera is heard.'}
      </p>
      <ul>
        {shown.map((camera) => (
          <WatchRow key={camera.camera} camera={camera} />
        ))}
      </ul>
      <a href={formatRoute({ page: 'camera' })}>All {counted(cameras.length, 'camera')}</a>
    </section>
  );
}

function WatchRow({ camera: { camera, silentSince, lastLandedAt } }: { readonly camera: Camera }) {
  const timezone = useZone(camera);
  return (
    <li>
      <a href={formatRoute({ page: 'camera', path: camera.split('/') })}>
        <span className="watch-name">{camera}</span>
        <span className={silentSince ? 'is-warning' : 'quiet'}>
          {silentSince ? 'silent since ' : 'heard '}
          <When at={silentSince ?? lastLandedAt!} timezone={timezone} />
        </span>
      </a>
    </li>
  );
}
