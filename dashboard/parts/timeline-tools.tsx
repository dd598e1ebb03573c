import { WINDOWS_MS } from './day-timeline';
import { Choice } from './filter-bar';

/** How much of the day the timeline shows, what its marks mean, a link to this moment, the keys. */
export function TimelineTools({
  windowMs,
  onWindow,
  onCopyLink,
  onHelp,
}: {
  readonly windowMs: number;
  readonly onWindow: (ms: number) => void;
  readonly onCopyLink: () => void;
  readonly onHelp: () => void;
}) {
  return (
    <div className="timeline-tools">
      <Choice
        label="Timeline"
        isLabelShown
        value={String(windowMs)}
        options={WINDOWS_MS.map((ms) => [String(ms), windowName(ms)])}
        onChange={(value) => onWindow(Number(value))}
      />
      <Legend />
      <button type="button" className="button" onClick={onCopyLink}>
        Copy link to this moment
      </button>
      <button type="button" className="button" onClick={onHelp}>
        Keys
      </button>
    </div>
  );
}

function Legend() {
  return (
    <ul className="legend">
      <li>
        <span className="legend-key is-footage" aria-hidden="true" /> footage
      </li>
      <li>
        <span className="legend-key is-expired" aria-hidden="true" /> expired
      </li>
    </ul>
  );
}

function windowName(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 60) return `${minutes} min`;
  return minutes > 24 * 60 ? 'Whole day' : `${minutes / 60} h`;
}
