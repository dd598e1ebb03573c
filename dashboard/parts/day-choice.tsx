import { formatRoute } from '../logic/route';
import { addDays } from '../logic/time-scale';
import { DateField } from './date-field';

/** A day of a camera, the one before and the one after. */
export function DayChoice({
  camera,
  date,
  onDate,
}: {
  readonly camera: string;
  /** `2026-11-20` at the camera’s site. */
  readonly date: string;
  readonly onDate: (date: string) => void;
}) {
  return (
    <div className="day-choice">
      <button type="button" className="button" onClick={() => onDate(addDays(date, -1))}>
        <span aria-hidden="true">‹</span>
        <span className="unseen">The day before</span>
      </button>
      <DateField label="Day" value={date} onDay={onDate} />
      <button type="button" className="button" onClick={() => onDate(addDays(date, 1))}>
        <span aria-hidden="true">›</span>
        <span className="unseen">The day after</span>
      </button>
      <a className="button" href={formatRoute({ page: 'camera', path: camera.split('/') })}>
        Settings
      </a>
    </div>
  );
}
