import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Place } from '../client/entries';
import type { EventList } from '../client/events';
import type { ListedEvent } from '../logic/listed-event';

/** What the reader looks at stays where it is while events arrive above it. @param seen a row in sight */
export function useHeldPlace(
  events: readonly ListedEvent[],
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

/** Notes where the list is left, and goes there again when its reader is back. */
export function useLeftPlace(
  { events, kept }: EventList,
  {
    frame,
    rowPx,
    onFocus,
  }: {
    readonly frame: RefObject<HTMLElement | null>;
    readonly rowPx: number;
    readonly onFocus: (index: number) => void;
  },
): void {
  const latest = useRef({ events, kept, rowPx, onFocus });
  latest.current = { events, kept, rowPx, onFocus };
  useLayoutEffect(() => {
    const list = frame.current!;
    const { events, kept, rowPx, onFocus } = latest.current;
    const index = kept.place ? indexOfPlace(events, kept.place) : -1;
    if (kept.place && index >= 0) {
      const { topPx, hasFocus } = kept.place;
      if (topPx !== null) window.scrollBy(0, topOf(list) + index * rowPx - topPx);
      if (hasFocus) onFocus(index);
    }
    return () => {
      const { events, kept, rowPx } = latest.current;
      kept.place = placeIn(list, events, rowPx);
    };
  }, [frame]);
}

/** Of the row that has the focus, else of the first that is whole in sight. */
function placeIn(list: HTMLElement, events: readonly ListedEvent[], rowPx: number): Place | null {
  const focused = list.querySelector<HTMLElement>('[data-index]:focus');
  const index = focused
    ? Number(focused.dataset.index)
    : Math.max(0, Math.ceil(-topOf(list) / rowPx));
  const event = events[index];
  if (!event) return null;
  return {
    id: event.id,
    endedAt: event.endedAt,
    topPx: window.scrollY > 0 ? topOf(list) + index * rowPx : null,
    hasFocus: focused !== null,
  };
}

function topOf(element: HTMLElement): number {
  return element.getBoundingClientRect().top;
}

/** Of the event, or of the first that is no newer. */
function indexOfPlace(events: readonly ListedEvent[], { id, endedAt }: Place): number {
  const same = events.findIndex((event) => event.id === id);
  return same >= 0 ? same : events.findIndex((event) => event.endedAt <= endedAt);
}

/** Counts what ended later than all that was there when the first row was in sight last. */
export function useArrivals(events: readonly ListedEvent[], isAtStart: boolean): number {
  const newest = events[0]?.endedAt ?? '';
  const [seen, setSeen] = useState(newest);
  useEffect(() => {
    if (isAtStart) setSeen(newest);
  }, [isAtStart, newest]);
  const known = events.findIndex(({ endedAt }) => endedAt <= seen);
  return known < 0 ? events.length : known;
}
