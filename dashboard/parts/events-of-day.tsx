import { useEffect, useRef } from 'react';
import type { DetectionEvent } from '../../core/segment-result';
import { durationOf } from '../logic/words';
import { ClassName, Snapshot } from './snapshot';
import { clockOf } from './when';

/** The events of a day as buttons; those that hold at the moment are marked. */
export function EventsOfDay({
  events,
  current,
  timezone,
  onOpen,
}: {
  readonly events: readonly DetectionEvent[];
  readonly current: readonly DetectionEvent[];
  readonly timezone: string;
  readonly onOpen: (event: DetectionEvent) => void;
}) {
  const list = useRef<HTMLOListElement>(null);
  const firstId = current[0]?.id;
  useEffect(() => {
    if (firstId === undefined || !list.current) return;
    const row = list.current.querySelector<HTMLElement>('[aria-current="true"]');
    // Scrolls the list alone: the page stays where it is.
    if (row) list.current.scrollTo({ top: row.offsetTop - list.current.clientHeight / 2 });
  }, [firstId]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and then a keyboard must reach it
    <ol className="day-events" ref={list} tabIndex={0} aria-label="Events by time">
      {events.map((event) => {
        const seconds = (Date.parse(event.endedAt) - Date.parse(event.startedAt)) / 1000;
        return (
          <li key={event.id}>
            <button
              type="button"
              aria-current={current.some(({ id }) => id === event.id)}
              onClick={() => onOpen(event)}
            >
              <Snapshot snapshotKey={event.snapshotKey} alt="" />
              <span className="event-what">
                <span>{clockOf(event.startedAt, timezone)}</span>
                <ClassName name={event.className} />
                <span className="quiet">
                  {durationOf(seconds)}
                  {event.peakCount > 1 && `, ${event.peakCount} at once`}
                  {event.isStationary && ', standing still'}
                </span>
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
