import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { DetectionEvent } from '../../core/segment-result';
import type { EventList as Events } from '../client/events';
import { useZone } from '../client/zones';
import { formatRoute } from '../logic/route';
import { counted, durationOf, percent } from '../logic/words';
import { ProblemNote } from './notes';
import { ClassName, Snapshot } from './snapshot';
import { clockOf, dayOf, placeOf } from './when';

/** A row is as high as its picture; narrow screens have small pictures. */
const ROW_PX = 100;
const NARROW_ROW_PX = 86;
/** What is drawn for a shorter time is not looked at. */
const FLIES_PAST_MS = 100;
/** Older events are asked for before the last of these is reached. */
const AHEAD_ROWS = 100;

/** Events under one another; only those in sight are in the page, however many there are. */
export function EventList({ list }: { readonly list: Events }) {
  const { events, hasMore, loadMore, problem, retry } = list;
  const frame = useRef<HTMLDivElement>(null);
  const [offsetPx, setOffsetPx] = useState(0);
  useLayoutEffect(() => setOffsetPx(frame.current?.offsetTop ?? 0), []);
  const rowPx = useNarrow() ? NARROW_ROW_PX : ROW_PX;
  const rows = useWindowVirtualizer({
    count: events.length,
    estimateSize: useCallback(() => rowPx, [rowPx]),
    // Another function with every frame would have the whole list measured with every frame.
    getItemKey: useCallback((index: number) => events[index]?.id ?? index, [events]),
    overscan: 6,
    scrollMargin: offsetPx,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured again when their height changes
  useEffect(() => rows.measure(), [rows, rowPx]);
  // A list that has just become shorter is measured only after it was drawn.
  const shown = rows.getVirtualItems().filter(({ index }) => index < events.length);
  const lastShown = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastShown > events.length - AHEAD_ROWS) loadMore();
  }, [hasMore, lastShown, events.length, loadMore]);

  useHeldPlace(events, { index: shown[Math.floor(shown.length / 2)]?.index ?? 0, rowPx, offsetPx });
  const arrived = useArrivals(events, (rows.range?.startIndex ?? 0) === 0);
  /** Row that a key went to and that may not be drawn yet. */
  const wanted = useRef<number | null>(null);
  const focusWanted = (): void => {
    if (wanted.current === null) return;
    const row = frame.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`);
    if (!row) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  };
  useLayoutEffect(focusWanted);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const index = Number((event.target as HTMLElement).dataset.index);
    if (step === undefined || Number.isNaN(index)) return;
    event.preventDefault();
    wanted.current = Math.min(events.length - 1, Math.max(0, index + step));
    rows.scrollToIndex(wanted.current);
    focusWanted();
  };

  return (
    <>
      <p className="unseen" role="status">
        {arrived > 0 ? `${counted(arrived, 'new event')} above` : ''}
      </p>
      {arrived > 0 && (
        <button
          type="button"
          className="button is-main arrivals"
          onClick={() => window.scrollTo({ top: 0 })}
        >
          {counted(arrived, 'new event')}
        </button>
      )}
      <div ref={frame} className="event-rows" style={{ height: rows.getTotalSize() }}>
        <ol onKeyDown={onKeyDown} aria-label="Events, what ended last first">
          {shown.map(({ index, key, start }) => (
            <li
              key={key}
              aria-setsize={hasMore ? -1 : events.length}
              aria-posinset={index + 1}
              style={{ height: rowPx, transform: `translateY(${start - offsetPx}px)` }}
            >
              <Row
                event={events[index]!}
                previous={events[index - 1] ?? null}
                index={index}
                motion={rows}
              />
            </li>
          ))}
        </ol>
      </div>
      {problem ? (
        <ProblemNote problem={problem} onRetry={retry} />
      ) : (
        <p className="quiet list-end">
          {hasMore
            ? 'Older ones load as you scroll.'
            : `${counted(events.length, 'event')} in all.`}
        </p>
      )}
    </>
  );
}

/** What the reader looks at stays where it is while events arrive above it. @param seen a row in sight */
function useHeldPlace(
  events: readonly DetectionEvent[],
  seen: { readonly index: number; readonly rowPx: number; readonly offsetPx: number },
): void {
  const { index, rowPx, offsetPx } = seen;
  const held = useRef<{ readonly id: string; readonly index: number } | null>(null);
  const drawn = useRef(events);
  useLayoutEffect(() => {
    let at = index;
    if (drawn.current !== events && held.current && window.scrollY > offsetPx) {
      const { id, index: before } = held.current;
      const isSame = events[before]?.id === id;
      const now = isSame ? before : events.findIndex((event) => event.id === id);
      if (now >= 0 && now !== before) {
        window.scrollBy(0, (now - before) * rowPx);
        at = now;
      }
    }
    drawn.current = events;
    const event = events[at];
    held.current = event ? { id: event.id, index: at } : null;
  }, [events, index, rowPx, offsetPx]);
}

/** Counts what ended later than all that was there when the first row was in sight last. */
function useArrivals(events: readonly DetectionEvent[], isAtStart: boolean): number {
  const newest = events[0]?.endedAt ?? '';
  const [seen, setSeen] = useState(newest);
  useEffect(() => {
    if (isAtStart) setSeen(newest);
  }, [isAtStart, newest]);
  const known = events.findIndex(({ endedAt }) => endedAt <= seen);
  return known < 0 ? events.length : known;
}

function useNarrow(): boolean {
  const query = useMemo(() => window.matchMedia('(max-width: 720px)'), []);
  const [isNarrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const onChange = (): void => setNarrow(query.matches);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, [query]);
  return isNarrow;
}

/** Whether a row is looked at: rows that fly past ask for no pictures. */
function useInSight(motion: { readonly isScrolling: boolean }): boolean {
  const [isInSight, setInSight] = useState(!motion.isScrolling);
  useEffect(() => {
    if (isInSight) return;
    const timer = window.setTimeout(() => setInSight(true), FLIES_PAST_MS);
    return () => window.clearTimeout(timer);
  }, [isInSight]);
  return isInSight;
}

const Row = memo(function Row({
  event,
  previous,
  index,
  motion,
}: {
  readonly event: DetectionEvent;
  readonly previous: DetectionEvent | null;
  readonly index: number;
  readonly motion: { readonly isScrolling: boolean };
}) {
  const hasPicture = useInSight(motion);
  const { camera, className, zone, startedAt, endedAt, peakCount, bestConfidence } = event;
  const timezone = useZone(camera);
  const day = dayOf(startedAt, timezone);
  const isNewDay = previous === null || dayOf(previous.startedAt, timezone) !== day;
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  const [site, name] = camera.split('/');
  return (
    <a
      className="event-row"
      data-index={index}
      href={formatRoute({
        page: 'playback',
        path: camera.split('/'),
        settings: { at: startedAt },
      })}
    >
      <span className="event-when">
        <time dateTime={startedAt} title={timezone}>
          {clockOf(startedAt, timezone)}
        </time>
        <span className="event-day">{isNewDay ? day : placeOf(timezone)}</span>
      </span>
      {hasPicture ? (
        <Snapshot snapshotKey={event.snapshotKey} alt="" />
      ) : (
        <span className="snapshot" />
      )}
      <span className="event-what">
        <span className="event-class">
          <ClassName name={className} />
          {zone !== 'frame' && <span className="tag">{zone}</span>}
          {event.isStationary && <span className="tag">standing still</span>}
          {event.isOpen && <span className="tag is-open">may go on</span>}
        </span>
        <span className="event-camera">
          <span className="quiet">{site}/</span>
          {name}
        </span>
      </span>
      <span className="event-facts">
        <span>
          {durationOf(seconds)}
          <span className="quiet">until {clockOf(endedAt, timezone)}</span>
        </span>
        <span>
          {peakCount}
          <span className="quiet">at once</span>
        </span>
        <span>
          {percent(bestConfidence)}
          <span className="quiet">sure</span>
        </span>
      </span>
    </a>
  );
});
