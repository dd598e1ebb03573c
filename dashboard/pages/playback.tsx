import { useEffect, useMemo, useRef, useState } from 'react';
import type { SegmentFrames, Timeline } from '../client/answers';
import { nowMs } from '../client/api';
import { useLatestEvent } from '../client/events';
import { useAnswer, useLive } from '../client/hooks';
import { useKnownZone } from '../client/zones';
import { eventBeside, eventsAt } from '../logic/day-of-footage';
import { cameraOf, formatRoute, parseRoute } from '../logic/route';
import { dateOf, daySpan, type Span } from '../logic/time-scale';
import { CameraChooser } from '../parts/camera-chooser';
import { ClipTool } from '../parts/clip-tool';
import { DayChoice } from '../parts/day-choice';
import { DayTimeline, WINDOWS_MS } from '../parts/day-timeline';
import { EventsOfDay } from '../parts/events-of-day';
import { Choice } from '../parts/filter-bar';
import { Empty, ProblemNote } from '../parts/notes';
import { Screen } from '../parts/screen';
import { ShortcutsDialog, useShortcuts } from '../parts/shortcuts';
import { TimelineTools } from '../parts/timeline-tools';
import { Transport } from '../parts/transport';
import { playbackKeys } from './playback-keys';
import { SPEEDS, usePlayer } from './use-player';

const REFRESH_MS = 30_000;

interface PlaybackProps {
  readonly camera: string | null;
  readonly settings: Readonly<Record<string, string>>;
}

/** A camera’s footage with what was seen in it. */
export function PlaybackPage({ camera, settings }: PlaybackProps) {
  const askedMs = Date.parse(settings.at ?? '');
  const hasMoment = !Number.isNaN(askedMs);
  const found = useLatestEvent(camera, camera !== null && !hasMoment);
  // Who watches is not carried off to what arrives meanwhile.
  const first = useRef(found);
  first.current ??= found;
  const latest = first.current;
  if (camera === null) return <CameraChooser page="playback" title="Playback: which camera?" />;
  if (hasMoment) return <Day camera={camera} startMs={askedMs} request={settings} />;
  if (latest === undefined) return <p className="quiet loading">Looking for footage…</p>;
  const startMs = latest ? Date.parse(latest.startedAt) : nowMs();
  return <Day camera={camera} startMs={startMs} request={settings} />;
}

interface Moment {
  readonly camera: string;
  readonly startMs: number;
  /** Another one each time that somebody asks for a moment, be it the same. */
  readonly request: object;
}

function Day({ camera, startMs, request }: Moment) {
  const timezone = useKnownZone(camera);
  // Which day it is depends on it: who has begun to watch is not moved when it comes.
  if (timezone === null) return <p className="quiet loading">Looking for footage…</p>;
  return <DayAt camera={camera} startMs={startMs} request={request} timezone={timezone} />;
}

function DayAt({ camera, startMs, request, timezone }: Moment & { readonly timezone: string }) {
  const [date, setDate] = useState<string | null>(null);
  // Another link to this page names another moment, which may be of another day.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => setDate(null), [request]);
  const startDate = dateOf(startMs, timezone);
  const shownDate = date ?? startDate;
  const day = useMemo(() => daySpan(shownDate, timezone), [shownDate, timezone]);
  const timeline = useAnswer<Timeline>('timeline', {
    camera,
    from: new Date(day.fromMs).toISOString(),
    to: new Date(day.toMs).toISOString(),
  });
  useFreshness(camera, day, timeline.reload);
  const first = timeline.data?.segments.find(({ hasFootage }) => hasFootage);
  const isOtherDay = shownDate !== startDate;
  const from = isOtherDay ? (first ? Date.parse(first.startedAt) : day.fromMs) : startMs;
  return (
    <Reel
      camera={camera}
      timezone={timezone}
      date={shownDate}
      day={day}
      startMs={from}
      request={request}
      timeline={timeline}
      onDate={setDate}
    />
  );
}

/** A day that goes on is read again as its camera’s events arrive, and every half minute. */
function useFreshness(camera: string, day: Span, reload: () => void): void {
  const heard = useLive().events.findLast((event) => event.camera === camera);
  useEffect(() => {
    if (heard) reload();
  }, [heard, reload]);
  useEffect(() => {
    if (nowMs() > day.toMs) return;
    const timer = window.setInterval(reload, REFRESH_MS);
    return () => window.clearInterval(timer);
  }, [day.toMs, reload]);
}

interface ReelProps extends Moment {
  readonly timezone: string;
  readonly date: string;
  readonly day: Span;
  readonly timeline: ReturnType<typeof useAnswer<Timeline>>;
  readonly onDate: (date: string) => void;
}

function Reel(props: ReelProps) {
  const { camera, timezone, date, day, startMs, request, timeline, onDate } = props;
  const segments = timeline.data?.segments ?? null;
  const [zone, setZone] = useState('frame');
  const events = useMemo(
    () => (timeline.data?.events ?? []).filter((event) => event.zone === zone),
    [timeline.data, zone],
  );
  const zones = useMemo(
    () => [...new Set(['frame', ...(timeline.data?.events ?? []).map((event) => event.zone)])],
    [timeline.data],
  );
  const player = usePlayer(segments, { startMs, day, request });
  const { atMs, segment, speed, fault } = player;
  // What was there when the day was read may be gone by now.
  const { reload } = timeline;
  useEffect(() => {
    if (fault === 'missing' || fault === 'unreachable') reload();
  }, [fault, reload]);
  const [hasBoxes, setHasBoxes] = useState(true);
  const [windowMs, setWindowMs] = useState(WINDOWS_MS[1]!);
  const [clip, setClip] = useState<Span | null>(null);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [said, setSaid] = useState('');
  const frames = useAnswer<SegmentFrames>(segment ? 'segments/frames' : null, {
    segmentKey: segment?.segmentKey,
  });
  useAddress(camera, atMs, player.isPlaying || player.isRewinding);

  const beside = (direction: 'next' | 'previous'): void => {
    const found = eventBeside(events, atMs, direction);
    if (found) player.seek(Date.parse(found.startedAt));
    else setSaid(`There is no ${direction} event on this day.`);
  };
  const faster = (step: 1 | -1): void => {
    const index = SPEEDS.indexOf(speed as (typeof SPEEDS)[number]);
    player.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, index + step))]!);
  };
  const zoom = (step: 1 | -1): void => {
    const index = WINDOWS_MS.indexOf(windowMs);
    setWindowMs(WINDOWS_MS[Math.min(WINDOWS_MS.length - 1, Math.max(0, index + step))]!);
  };
  const copyLink = async (): Promise<void> => {
    const link = `${window.location.href.split('#')[0]}${addressOf(camera, atMs)}`;
    try {
      await navigator.clipboard.writeText(link);
      setSaid('The link to this moment is in the clipboard.');
    } catch {
      setSaid(`The link to this moment: ${link}`);
    }
  };
  const mark = (end: 'from' | 'to'): void => {
    const now = clip ?? { fromMs: atMs, toMs: atMs + 10_000 };
    setClip(
      end === 'from'
        ? { fromMs: atMs, toMs: Math.max(now.toMs, atMs + 1000) }
        : { fromMs: Math.min(now.fromMs, atMs - 1000), toMs: atMs },
    );
  };
  const keys = playbackKeys({
    player,
    onBeside: beside,
    onBoxes: () => setHasBoxes(!hasBoxes),
    onFaster: faster,
    onZoom: zoom,
    onMark: mark,
    onCopyLink: () => void copyLink(),
    onHelp: () => setHelpOpen(true),
  });
  useShortcuts(keys);

  const [site, name] = camera.split('/');
  return (
    <>
      <header className="page-head">
        <h1>
          <span className="quiet">{site}/</span>
          {name}
        </h1>
        <DayChoice camera={camera} date={date} onDate={onDate} />
      </header>
      {timeline.problem && <ProblemNote problem={timeline.problem} onRetry={timeline.reload} />}
      <div className="playback-columns">
        <section className="playback-main" aria-label="Footage">
          <Screen
            player={player}
            frames={frames.data?.frames ?? []}
            framesProblem={frames.problem}
            hasBoxes={hasBoxes}
            camera={camera}
            timezone={timezone}
            events={timeline.data?.events ?? []}
            isLoading={timeline.isLoading}
          />
          <Transport
            player={player}
            timezone={timezone}
            hasBoxes={hasBoxes}
            onBoxes={setHasBoxes}
            onBeside={beside}
          />
          <DayTimeline
            day={day}
            timezone={timezone}
            segments={segments ?? []}
            events={events}
            atMs={atMs}
            windowMs={windowMs}
            clip={clip}
            onSeek={player.seek}
          />
          <TimelineTools
            windowMs={windowMs}
            onWindow={setWindowMs}
            onCopyLink={() => void copyLink()}
            onHelp={() => setHelpOpen(true)}
          />
          <ClipTool
            camera={camera}
            timezone={timezone}
            clip={clip}
            onMark={mark}
            onClear={() => setClip(null)}
          />
          <p className="said" role="status">
            {said}
          </p>
        </section>
        <aside className="playback-aside" aria-label="Events of the day">
          <div className="section-head">
            <h2>Events</h2>
            {zones.length > 1 && (
              <Choice
                label="Zone"
                value={zone}
                options={zones.map((one) => [one, one === 'frame' ? 'Whole picture' : one])}
                onChange={setZone}
              />
            )}
          </div>
          {timeline.data && events.length === 0 && (
            <Empty title="Nothing was seen on this day.">
              {segments?.length === 0 && <p>No footage of it was analysed.</p>}
            </Empty>
          )}
          <EventsOfDay
            events={events}
            current={eventsAt(events, atMs)}
            timezone={timezone}
            onOpen={(event) => player.seek(Date.parse(event.startedAt))}
          />
        </aside>
      </div>
      {isHelpOpen && <ShortcutsDialog shortcuts={keys} onClose={() => setHelpOpen(false)} />}
    </>
  );
}

function addressOf(camera: string, atMs: number): string {
  return formatRoute({
    page: 'playback',
    path: camera.split('/'),
    settings: { at: new Date(Math.round(atMs)).toISOString() },
  });
}

/** The address is a link to this moment whenever nothing moves. */
function useAddress(camera: string, atMs: number, isMoving: boolean): void {
  useEffect(() => {
    if (isMoving) return;
    const { hash } = window.location;
    const route = parseRoute(hash);
    // Somebody has gone elsewhere, and the page has not heard of it yet.
    if (route.page !== 'playback' || cameraOf(route) !== camera) return;
    const timer = window.setTimeout(() => {
      if (window.location.hash !== hash) return;
      window.history.replaceState(window.history.state, '', addressOf(camera, atMs));
    }, 400);
    return () => window.clearTimeout(timer);
  }, [camera, atMs, isMoving]);
}
