import { memo, useEffect, useState } from 'react';
import { useZone } from '../client/zones';
import type { ListedEvent } from '../logic/listed-event';
import { formatRoute } from '../logic/route';
import { durationOf, percent } from '../logic/words';
import { ClassName, Snapshot } from './snapshot';
import { clockOf, dayOf, placeOf } from './when';

/** What is drawn for a shorter time is not looked at. */
const FLIES_PAST_MS = 100;

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

/** An event in a list: a link to its moment. */
export const EventRow = memo(function EventRow({
  event,
  previous,
  index,
  motion,
}: {
  readonly event: ListedEvent;
  readonly previous: ListedEvent | null;
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
