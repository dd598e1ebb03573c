import type { DetectionEvent, SampledFrame } from '../../core/segment-result';
import type { ResolvedCamera } from '../client/answers';
import type { ApiProblem } from '../client/api';
import { usePlayableSource } from '../client/clips';
import { useAnswer } from '../client/hooks';
import { samplingIntervalOf } from '../logic/choose-boxes';
import { spanOf, type TimelineSegment } from '../logic/day-of-footage';
import { settingLines } from '../logic/setting-lines';
import { whyGone } from '../logic/why-gone';
import type { Player } from '../pages/use-player';
import { ClassName, Snapshot } from './snapshot';
import { VideoWithBoxes } from './video-with-boxes';
import { clockOf, dayOf, momentOf } from './when';

const DEFAULT_INTERVAL_SECONDS = 5;

interface ScreenProps {
  readonly player: Player;
  readonly frames: readonly SampledFrame[];
  readonly framesProblem: ApiProblem | null;
  readonly hasBoxes: boolean;
  readonly camera: string;
  readonly timezone: string;
  /** Of the day, every zone. */
  readonly events: readonly DetectionEvent[];
  readonly isLoading: boolean;
}

/** The footage of a moment, or why there is none to play. */
export function Screen(props: ScreenProps) {
  const { player, frames, timezone, camera } = props;
  const { segment, atMs } = player;
  const source = usePlayableSource(camera, segment);
  const fault = player.fault ?? source.fault;
  if (props.isLoading) return <div className="picture is-blank">Loading…</div>;
  if (segment === null) {
    return (
      <div className="picture is-blank">
        <p>
          No footage at {clockOf(atMs, timezone)}. Play goes on with the next recording; the green
          line of the timeline shows where there is one.
        </p>
      </div>
    );
  }
  if (!segment.hasFootage || fault === 'missing') {
    return (
      <Instead {...props} segment={segment}>
        <Expired {...props} segment={segment} />
      </Instead>
    );
  }
  if (fault === 'unsupported') {
    return (
      <Instead {...props} segment={segment}>
        <p>
          This browser can’t play this recording. Most likely it is H.265 (HEVC), which many
          browsers don’t decode. Cut a clip below and play it with a program on this computer.
        </p>
      </Instead>
    );
  }
  if (fault === 'unreachable') {
    return (
      <div className="picture is-blank" role="alert">
        <p>The recording did not come: the api does not answer, or it refused.</p>
        <button type="button" className="button" onClick={player.retry}>
          Try again
        </button>
      </div>
    );
  }
  if (source.src === null) return <div className="picture is-blank">Fetching the recording…</div>;
  return (
    <>
      <VideoWithBoxes
        video={player.video}
        src={source.src}
        frames={frames}
        intervalSeconds={samplingIntervalOf(frames) ?? DEFAULT_INTERVAL_SECONDS}
        hasBoxes={props.hasBoxes}
        label={`Footage of ${camera} from ${momentOf(segment.startedAt, timezone)}`}
        onPicture={player.on.picture}
        onReady={player.on.ready}
        onEnded={player.on.ended}
        onPlaying={player.on.playing}
        onFault={player.on.fault}
      />
      {props.framesProblem && (
        <p className="note is-warning">No boxes: {props.framesProblem.message}</p>
      )}
      {segment.status === 'partial' && (
        <p className="note is-warning">
          This recording is damaged; it was analysed as far as it goes.
        </p>
      )}
    </>
  );
}

/** Snapshots in place of footage that can’t be seen. */
function Instead({
  segment,
  events,
  timezone,
  children,
}: ScreenProps & { readonly segment: TimelineSegment; readonly children: React.ReactNode }) {
  const { fromMs, toMs } = spanOf(segment);
  const seen = events.filter(
    ({ snapshotKey, zone, startedAt, endedAt }) =>
      snapshotKey !== null &&
      zone === 'frame' &&
      Date.parse(startedAt) < toMs &&
      Date.parse(endedAt) >= fromMs,
  );
  return (
    <div className="picture is-blank instead">
      <div role="status">{children}</div>
      {seen.length > 0 && (
        <ul>
          {seen.map((event) => (
            <li key={event.id}>
              <Snapshot
                snapshotKey={event.snapshotKey}
                alt={`${event.className} at ${clockOf(event.startedAt, timezone)}`}
              />
              <ClassName name={event.className} /> {clockOf(event.startedAt, timezone)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** When and why footage was deleted; where nobody noted that, how long the camera’s settings keep it. */
function Expired({ segment, camera, timezone }: ScreenProps & { segment: TimelineSegment }) {
  const why = whyGone(segment, {
    clock: (at) => clockOf(at, timezone),
    moment: (at) => momentOf(at, timezone),
    day: (at) => dayOf(at, timezone),
  });
  const resolved = useAnswer<ResolvedCamera>(why === null ? `cameras/${camera}` : null);
  const stays = 'What was seen in it stays longer.';
  if (why !== null) {
    return (
      <p>
        {why} {stays}
      </p>
    );
  }
  const kept =
    resolved.data && settingLines(resolved.data.settings).find(({ key }) => key === 'retention');
  return (
    <p>
      The footage from {clockOf(segment.startedAt, timezone)} is gone. No note says when or why: no
      Tierwatch that keeps notes removed it. {kept && `This camera’s is kept: ${kept.value}. `}
      {stays}
    </p>
  );
}
