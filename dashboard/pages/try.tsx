import { type DragEvent, useEffect, useRef, useState } from 'react';
import { parseSegmentKey } from '../../core/segment-key';
import type { Upload, UploadResult } from '../../core/upload';
import type { UploadForm } from '../client/answers';
import { type ApiProblem, apiUrl, asProblem } from '../client/api';
import { HERE } from '../client/events';
import { useAnswer, useOffers } from '../client/hooks';
import { sendByForm, sendFile } from '../client/upload';
import { samplingIntervalOf } from '../logic/choose-boxes';
import { formatRoute } from '../logic/route';
import { fileProblem, UPLOAD_ENDINGS } from '../logic/upload-file';
import { bytes, counted, durationOf, percent, usd } from '../logic/words';
import { Icon } from '../parts/icon';
import { Empty, ErrorCode, ProblemNote } from '../parts/notes';
import { Scroller } from '../parts/scroller';
import { useShortcuts } from '../parts/shortcuts';
import { ClassName } from '../parts/snapshot';
import { toggleFullScreen, type VideoFault, VideoWithBoxes } from '../parts/video-with-boxes';
import { momentOf } from '../parts/when';

const POLL_MS = 700;

/** A file goes in; what Tierwatch sees in it, and what it would cost, comes out. */
export function TryPage({ id }: { readonly id: string | null }) {
  const isByForm = useOffers('upload-forms');
  const isOffered = useOffers('uploads') || isByForm;
  return (
    <>
      <header className="page-head">
        <h1>Try a video</h1>
        {id && (
          <a className="button" href={formatRoute({ page: 'try' })}>
            Another video
          </a>
        )}
      </header>
      {!isOffered ? (
        <Empty title="This Tierwatch takes no uploads.">
          <p>
            On a machine with the program: <code>npx tierwatch detect FILE</code>
          </p>
        </Empty>
      ) : id ? (
        <Tried key={id} id={id} />
      ) : (
        <Drop isByForm={isByForm} />
      )}
    </>
  );
}

function Drop({ isByForm }: { readonly isByForm: boolean }) {
  const [landed, setLanded] = useState<UploadForm | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const [sent, setSent] = useState<{ file: File; ratio: number } | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const sending = useRef<AbortController>(null);
  useEffect(() => () => sending.current?.abort(), []);

  const send = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setProblem(null);
    const wrong = fileProblem(file);
    setFault(wrong);
    if (wrong) return;
    const controller = new AbortController();
    sending.current = controller;
    setSent({ file, ratio: 0 });
    try {
      const { signal } = controller;
      const onProgress = (ratio: number): void => setSent({ file, ratio });
      if (isByForm) {
        setLanded(await sendByForm(file, { signal, onProgress }));
        setSent(null);
        return;
      }
      const upload = await sendFile(file, { signal, onProgress });
      window.location.hash = formatRoute({ page: 'try', path: [upload.id] });
    } catch (error) {
      if (!controller.signal.aborted) setProblem(asProblem(error));
      setSent(null);
    }
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void send(event.dataTransfer.files[0]);
  };

  if (landed) return <Landed form={landed} />;
  return (
    <div className="try">
      {sent ? (
        <div className="drop is-sending">
          <p>
            Sending {sent.file.name}, {bytes(sent.file.size)}
          </p>
          <Progress label="Sent" ratio={sent.ratio} />
          <button type="button" className="button" onClick={() => sending.current?.abort()}>
            Stop
          </button>
        </div>
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: a place to drop on; the button inside does the same
        <div
          className={`drop ${isOver ? 'is-over' : ''}`}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={onDrop}
        >
          <p className="drop-title">Drop a recording here</p>
          <p>
            <button type="button" className="button is-main" onClick={() => input.current?.click()}>
              Choose a file
            </button>
          </p>
          <p className="quiet">
            H.264 or H.265 in {UPLOAD_ENDINGS.map((one) => `.${one}`).join(', ')}; 2 GiB at most. It
            stays on this Tierwatch and is deleted after a day.
          </p>
          <input
            ref={input}
            type="file"
            className="unseen"
            tabIndex={-1}
            aria-label="Video"
            accept={UPLOAD_ENDINGS.map((one) => `.${one}`).join(',')}
            onChange={({ target }) => void send(target.files?.[0])}
          />
        </div>
      )}
      {fault && (
        <p className="note is-bad" role="alert">
          {fault}
        </p>
      )}
      {problem && <ProblemNote problem={problem} />}
    </div>
  );
}

/** A file that takes the ordinary road: its events come as those of any camera do. */
function Landed({ form: { camera, objectKey, expiresAt } }: { readonly form: UploadForm }) {
  const { startedAt } = parseSegmentKey(objectKey);
  return (
    <div className="drop is-sending" role="status">
      <p className="drop-title">It has landed.</p>
      <p className="quiet">
        It is analysed as footage of {camera}: that takes about as long as the recording at most. It
        is deleted on {momentOf(expiresAt, HERE)}.
      </p>
      <p className="actions">
        <a
          className="button is-main"
          href={formatRoute({
            page: 'playback',
            path: camera.split('/'),
            settings: { at: startedAt },
          })}
        >
          Play it with its boxes
        </a>
        <a className="button" href={formatRoute({ page: 'camera', path: camera.split('/') })}>
          What it costs
        </a>
      </p>
    </div>
  );
}

function Tried({ id }: { readonly id: string }) {
  const upload = useAnswer<Upload>(`uploads/${id}`);
  const { data, reload } = upload;
  const isUnderway = data?.status === 'waiting' || data?.status === 'working';
  useEffect(() => {
    if (!isUnderway) return;
    const timer = window.setInterval(reload, POLL_MS);
    return () => window.clearInterval(timer);
  }, [isUnderway, reload]);
  if (upload.problem && !data) return <ProblemNote problem={upload.problem} />;
  if (!data) return <p className="quiet loading">Loading…</p>;
  return (
    <>
      <p className="lead">
        {data.name}, {bytes(data.bytes)}. It is deleted on {momentOf(data.expiresAt, HERE)}.
      </p>
      {isUnderway && (
        <div className="drop is-sending" role="status">
          <p>
            {data.status === 'waiting' ? 'Waiting for its turn' : 'Looking for people and vehicles'}
          </p>
          <Progress label="Analysed" ratio={data.progressRatio} />
        </div>
      )}
      {data.error && (
        <div className="note is-bad" role="alert">
          <p>{data.error.message}</p>
          <p>
            <ErrorCode code={data.error.code} />
          </p>
        </div>
      )}
      {data.result && <Result id={id} result={data.result} />}
    </>
  );
}

function Result({ id, result }: { readonly id: string; readonly result: UploadResult }) {
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
    <div className="playback-columns">
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
        <h2>What such a camera would cost a month</h2>
        <TierEstimates result={result} />
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
    </div>
  );
}

function TierEstimates({ result }: { readonly result: UploadResult }) {
  const most = Math.max(...result.tiers.map(({ usdPerMonth }) => usdPerMonth ?? 0), 1e-9);
  return (
    <>
      <Scroller label="Tiers and what each would cost">
        <table className="table ranking">
          <thead>
            <tr>
              <th scope="col">Tier</th>
              <th scope="col">Looks every</th>
              <th scope="col" className="number">
                A month
              </th>
            </tr>
          </thead>
          <tbody>
            {result.tiers.map(({ tier, lane, sampleIntervalSeconds, usdPerMonth, basis }) => (
              <tr key={tier}>
                <th scope="row">
                  {tier} <span className="quiet">{lane} lane</span>
                  {usdPerMonth !== null && (
                    <span className="bar" aria-hidden="true">
                      <span style={{ width: `${(usdPerMonth / most) * 100}%` }} />
                    </span>
                  )}
                  <span className="why">{basis}</span>
                </th>
                <td>{sampleIntervalSeconds} s</td>
                <td className="number">
                  {usdPerMonth === null ? 'by its endpoint' : usd(usdPerMonth)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      <p className="quiet">Were every hour like this video. {result.assumptions}.</p>
    </>
  );
}

function Progress({ label, ratio }: { readonly label: string; readonly ratio: number }) {
  return (
    <p className="progress">
      <progress value={ratio} max={1} aria-label={label} />
      <span>{percent(ratio)}</span>
    </p>
  );
}

function faultSentence(fault: VideoFault, { codec }: UploadResult): string {
  if (fault === 'missing') return 'The video is gone: uploads are deleted after a day.';
  if (fault === 'unreachable') return 'The video did not come: the api does not answer.';
  return codec === 'hevc'
    ? 'This browser can’t play H.265. What was seen in it is listed beside.'
    : 'This browser can’t play this file. What was seen in it is listed beside.';
}
