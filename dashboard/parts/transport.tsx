import { type Player, SPEEDS } from '../pages/use-player';
import { Choice } from './filter-bar';
import { Icon } from './icon';
import { toggleFullScreen } from './video-with-boxes';
import { clockOf, dayOf, placeOf } from './when';

/** Play, rewind, go from event to event; where it is, how fast. */
export function Transport({
  player,
  timezone,
  hasBoxes,
  onBoxes,
  onBeside,
}: {
  readonly player: Player;
  readonly timezone: string;
  readonly hasBoxes: boolean;
  readonly onBoxes: (hasBoxes: boolean) => void;
  readonly onBeside: (direction: 'next' | 'previous') => void;
}) {
  const { atMs, speed } = player;
  return (
    <fieldset className="transport" aria-label="Playing">
      <button type="button" className="button" onClick={() => onBeside('previous')}>
        <Icon name="previous" />
        <span className="wide">Previous</span>
        <span className="unseen"> event</span>
      </button>
      <button
        type="button"
        className="button"
        aria-pressed={player.isRewinding}
        onClick={player.rewind}
      >
        <Icon name="rewind" />
        <span className="wide">Rewind</span>
      </button>
      <button type="button" className="button is-main play" onClick={player.toggle}>
        <Icon name={player.isPlaying ? 'pause' : 'play'} />
        {player.isPlaying ? 'Pause' : 'Play'}
      </button>
      <button type="button" className="button" onClick={() => onBeside('next')}>
        <Icon name="next" />
        <span className="wide">Next</span>
        <span className="unseen"> event</span>
      </button>
      <p className="clock">
        <time dateTime={new Date(atMs).toISOString()}>{clockOf(atMs, timezone)}</time>
        <span className="quiet">
          {dayOf(atMs, timezone)}, {placeOf(timezone)}
        </span>
      </p>
      <Choice
        label="Speed"
        value={String(speed)}
        options={SPEEDS.map((one) => [String(one), `${one}×`])}
        onChange={(value) => player.setSpeed(Number(value))}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={hasBoxes}
          onChange={(event) => onBoxes(event.target.checked)}
        />
        Boxes
      </label>
      <button
        type="button"
        className="button"
        onClick={() => toggleFullScreen(player.video.current)}
      >
        <Icon name="full" />
        <span className="unseen">Full screen</span>
      </button>
    </fieldset>
  );
}
