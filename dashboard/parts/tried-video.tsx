import { useRef, useState } from 'react';
import type { UploadResult } from '../../core/upload';
import { apiUrl } from '../client/api';
import { samplingIntervalOf } from '../logic/choose-boxes';
import { counted, durationOf, percent } from '../logic/words';
import { Icon } from './icon';
import { Empty } from './notes';
import { useShortcuts } from './shortcuts';
import { ClassName } from './snapshot';
import { TierEstimates } from './tier-estimates';
import { toggleFullScreen, type VideoFault, VideoWithBoxes } from './video-with-boxes';

/** The uploaded video with its boxes, its events beside, and what its tiers would cost. */
export function TriedVideo({ id, result }: { readonly id: string; readonly result: UploadResult }) {
  const video = useRef<HTMLVideoElement>(null);
  const [hasBoxes, setHasBoxes] = useState(true);
  const [fault, setFault] = useState<VideoFault | null>(null);
  const [seconds, setSeconds] = useState(0);
  const [isPlaying, setPlaying] = useState(false);
  const events = result.events.filter(({ zone }) => zone === 'frame');
  const toggle = (): void => {
    const element = video.current;
    if (element?.paused) void element.play().catch(() => {});
    else element?.pause();
  };
  const seek = (to: number): void => {
    setSeconds(to);
    if (video.current) video.current.currentTime = to;
  };
  useShortcuts([
    { keys: [' ', 'k'], shown: 'Space', does: 'Play or pause', run: toggle },
    {
      keys: ['ArrowLeft'],
      shown: '←',
      does: 'Back 5 s',
      run: () => seek(Math.max(0, seconds - 5)),
    },
    { keys: ['ArrowRight'], shown: '→', does: 'On 5 s', run: () => seek(seconds + 5) },
    { keys: ['b'], shown: 'B', does: 'Boxes on or off', run: () => setHasBoxes(!hasBoxes) },
  ]);
  const secondsOf = (at: string): number => (Date.parse(at) - Date.parse(result.startedAt)) / 1000;
  return (
    <div className="playback-columns is-tried">
      <section className="playback-main" aria-label="The video">
        {fault ? (
          <div className="picture is-blank" role="status">
            <p>{faultSentence(fault, result)}</p>
          </div>
        ) : (
          <VideoWithBoxes
            video={video}
            src={apiUrl(`uploads/${id}/video`)}
            frames={result.frames}
            intervalSeconds={samplingIntervalOf(result.frames) ?? result.durationSeconds}
            hasBoxes={hasBoxes}
            label="The uploaded video"
            onPicture={setSeconds}
            onPlaying={setPlaying}
            onFault={setFault}
          />
        )}
        <div className="transport" hidden={fault !== null}>
          <button type="button" className="button is-main play" onClick={toggle}>
            <Icon name={isPlaying ? 'pause' : 'play'} />
            {isPlaying ? 'Pause' : 'Play'}
          </button>
          <input
            type="range"
            className="seek"
            aria-label="Moment of the video"
            aria-valuetext={`${durationOf(seconds)} of ${durationOf(result.durationSeconds)}`}
            min={0}
            max={result.durationSeconds}
            step={0.1}
            value={seconds}
            onChange={({ target }) => seek(Number(target.value))}
          />
          <span>
            {durationOf(seconds)}{' '}
            <span className="quiet">of {durationOf(result.durationSeconds)}</span>
          </span>
          <label className="check">
            <input
              type="checkbox"
              checked={hasBoxes}
              onChange={(event) => setHasBoxes(event.target.checked)}
            />
            Boxes
          </label>
          <button type="button" className="button" onClick={() => toggleFullScreen(video.current)}>
            <Icon name="full" />
            <span className="unseen">Full screen</span>
          </button>
        </div>
        <p className="quiet">
          {result.widthPx} × {result.heightPx}, {result.codec === 'hevc' ? 'H.265' : 'H.264'}; tier{' '}
          {result.tier}, model {result.model}. Boxes between two samples lie on the line from one to
          the next.
        </p>
        {result.isPartial && (
          <p className="note is-warning">
            The file is damaged and was analysed as far as it goes
            {result.partialReason && `: ${result.partialReason}`}.
          </p>
        )}
      </section>
      <aside className="playback-aside" aria-label="Events">
        <h2>Events</h2>
        {events.length === 0 && <Empty title="Nothing was seen in it." />}
        <ol className="day-events">
          {events.map((event) => (
            <li key={event.id}>
              <button type="button" onClick={() => seek(secondsOf(event.startedAt))}>
                <span className="event-what">
                  <span>
                    {durationOf(secondsOf(event.startedAt))} to{' '}
                    {durationOf(secondsOf(event.endedAt))}
                  </span>
                  <ClassName name={event.className} />
                  <span className="quiet">
                    {event.peakCount} at once, {percent(event.bestConfidence)} sure
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ol>
        <p className="quiet">
          {counted(result.work.framesSampled, 'frame')} sampled, {result.work.framesInferred} went
          through the model; {result.work.cpuSeconds.toFixed(1)} s of CPU.
        </p>
      </aside>
      <section className="playback-main" aria-labelledby="estimates-title">
        <h2 id="estimates-title">What such a camera would cost a month</h2>
        <TierEstimates result={result} />
      </section>
    </div>
  );
}

function faultSentence(fault: VideoFault, { codec }: UploadResult): string {
  if (fault === 'missing') return 'The video is gone: uploads are deleted after a day.';
  if (fault === 'unreachable') return 'The video did not come: the api does not answer.';
  return codec === 'hevc'
    ? 'This browser can’t play H.265. What was seen in it is listed beside.'
    : 'This browser can’t play this file. What was seen in it is listed beside.';
}
