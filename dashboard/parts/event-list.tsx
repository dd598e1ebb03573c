import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { EventList as Events } from '../client/events';
import { counted } from '../logic/words';
import { EventRow } from './event-row';
import { useArrivals, useHeldPlace, useLeftPlace } from './list-place';
import { ProblemNote } from './notes';

/** A row is as high as its picture; on narrow screens as its four lines beside a small one. */
const ROW_PX = 100;
const NARROW_ROW_PX = 102;
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
  useLeftPlace(list, {
    frame,
    rowPx,
    onFocus: (index) => {
      wanted.current = index;
      focusWanted();
    },
  });
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
          {shown.map(({ index, start }) => (
            <li
              key={events[index]!.id}
              aria-setsize={hasMore ? -1 : events.length}
              aria-posinset={index + 1}
              style={{ height: rowPx, transform: `translateY(${start - offsetPx}px)` }}
            >
              <EventRow
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
