import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { DetectionEvent } from '../../core/segment-result';
import { footageSpans, type TimelineSegment } from '../logic/day-of-footage';
import { msAt, ratioOf, type Span, spanAround, ticksOf } from '../logic/time-scale';
import { hueOf } from './snapshot';
import { clockOf } from './when';

const MINUTE_MS = 60_000;
/** Lengths of the lower strip. */
export const WINDOWS_MS = [2, 10, 60, 6 * 60, 25 * 60].map((minutes) => minutes * MINUTE_MS);
const LANE_PX = 14;
const RULER_PX = 20;
const LEAST_MARK_PX = 3;
const LABEL_PX = 84;
const LETTER_PX = 8;

export interface DayTimelineProps {
  readonly day: Span;
  readonly timezone: string;
  readonly segments: readonly TimelineSegment[];
  readonly events: readonly DetectionEvent[];
  readonly atMs: number;
  readonly windowMs: number;
  readonly clip: Span | null;
  readonly onSeek: (ms: number) => void;
}

/** A day of footage and events: the whole of it, and below that the part around the playhead. */
export function DayTimeline(props: DayTimelineProps) {
  const { day, timezone, segments, events, atMs, windowMs, onSeek } = props;
  const frame = useRef<HTMLDivElement>(null);
  const widthPx = useWidth(frame);
  const spans = useMemo(() => footageSpans(segments), [segments]);
  const classes = useMemo(() => [...new Set(events.map((one) => one.className))].sort(), [events]);
  const window = useHeldWindow(atMs, windowMs, day);
  const hasFootage = spans.some(
    ({ kind, fromMs, toMs }) => kind === 'footage' && fromMs <= atMs && atMs < toMs,
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    const jump: Record<string, number> = {
      PageUp: atMs - MINUTE_MS,
      PageDown: atMs + MINUTE_MS,
      Home: spans[0]?.fromMs ?? day.fromMs,
      End: (spans.at(-1)?.toMs ?? day.toMs) - 1000,
    };
    const to = jump[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onSeek(Math.min(day.toMs - 1, Math.max(day.fromMs, to)));
  };
  const strip = { widthPx, spans, events, classes, timezone, atMs, onSeek, clip: props.clip };
  return (
    <div
      ref={frame}
      className="timeline"
      role="slider"
      tabIndex={0}
      aria-label="Moment of the day"
      aria-valuemin={0}
      aria-valuemax={Math.round((day.toMs - day.fromMs) / 1000)}
      aria-valuenow={Math.round((atMs - day.fromMs) / 1000)}
      aria-valuetext={`${clockOf(atMs, timezone)}, ${hasFootage ? 'footage' : 'no footage'}`}
      onKeyDown={onKeyDown}
    >
      <Strip
        {...strip}
        span={day}
        lanes="joined"
        window={windowMs < 24 * 60 * MINUTE_MS ? window : null}
      />
      {windowMs < 24 * 60 * MINUTE_MS && (
        <Strip {...strip} span={window} lanes="apart" window={null} />
      )}
    </div>
  );
}

interface StripProps {
  readonly widthPx: number;
  readonly span: Span;
  readonly spans: ReturnType<typeof footageSpans>;
  readonly events: readonly DetectionEvent[];
  readonly classes: readonly string[];
  readonly timezone: string;
  readonly atMs: number;
  readonly clip: Span | null;
  /** Of the strip below. */
  readonly window: Span | null;
  readonly lanes: 'joined' | 'apart';
  readonly onSeek: (ms: number) => void;
}

function Strip(props: StripProps) {
  const { widthPx, span, spans, events, classes, timezone, atMs, clip, window, lanes } = props;
  const isDragging = useRef(false);
  const x = (ms: number): number => Math.min(1, Math.max(0, ratioOf(ms, span))) * widthPx;
  const isIn = ({ fromMs, toMs }: Span): boolean => fromMs < span.toMs && toMs > span.fromMs;
  const laneCount = lanes === 'joined' ? 1 : Math.max(1, classes.length);
  const marksPx = laneCount * LANE_PX + 6;
  const heightPx = RULER_PX + marksPx + 10;
  const ticks = ticksOf(span, timezone, Math.max(2, Math.floor(widthPx / LABEL_PX)));
  const seek = (event: PointerEvent<SVGSVGElement>): void => {
    const { left } = event.currentTarget.getBoundingClientRect();
    const ratio = Math.min(0.999999, Math.max(0, (event.clientX - left) / widthPx));
    props.onSeek(msAt(ratio, span));
  };
  return (
    <svg
      className={`strip is-${lanes}`}
      width={widthPx}
      height={heightPx}
      aria-hidden="true"
      onPointerDown={(event) => {
        isDragging.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
        seek(event);
      }}
      onPointerMove={(event) => isDragging.current && seek(event)}
      onPointerUp={() => {
        isDragging.current = false;
      }}
      onPointerCancel={() => {
        isDragging.current = false;
      }}
    >
      {ticks.map(({ ms, label }) => (
        <g key={ms} transform={`translate(${x(ms)} 0)`}>
          <line className="tick" y1={RULER_PX - 4} y2={heightPx} />
          {widthPx - x(ms) >= label.length * LETTER_PX && (
            <text className="tick-label" x={4} y={12}>
              {label}
            </text>
          )}
        </g>
      ))}
      {window && (
        <rect
          className="window"
          x={x(window.fromMs)}
          width={Math.max(2, x(window.toMs) - x(window.fromMs))}
          y={RULER_PX}
          height={heightPx - RULER_PX}
        />
      )}
      {spans.filter(isIn).map((one) => (
        <rect
          key={`${one.kind} ${one.fromMs}`}
          className={`span is-${one.kind}`}
          x={x(one.fromMs)}
          width={Math.max(1, x(one.toMs) - x(one.fromMs))}
          y={heightPx - 8}
          height={5}
        />
      ))}
      {events.map((event) => {
        const piece = { fromMs: Date.parse(event.startedAt), toMs: Date.parse(event.endedAt) };
        if (!isIn(piece)) return null;
        const lane = lanes === 'joined' ? 0 : classes.indexOf(event.className);
        return (
          <rect
            key={event.id}
            className={`mark hue-${hueOf(event.className)} ${event.isStationary ? 'is-still' : ''}`}
            x={x(piece.fromMs)}
            width={Math.max(LEAST_MARK_PX, x(piece.toMs) - x(piece.fromMs))}
            y={RULER_PX + 3 + lane * LANE_PX}
            height={LANE_PX - 4}
            rx={1.5}
          />
        );
      })}
      {lanes === 'apart' &&
        classes.map((name, lane) => (
          <text key={name} className="lane-label" x={4} y={RULER_PX + lane * LANE_PX + 11}>
            {name}
          </text>
        ))}
      {clip && isIn(clip) && (
        <rect
          className="clip"
          x={x(clip.fromMs)}
          width={Math.max(2, x(clip.toMs) - x(clip.fromMs))}
          y={RULER_PX}
          height={heightPx - RULER_PX}
        />
      )}
      {isIn({ fromMs: atMs, toMs: atMs + 1 }) && (
        <g className="playhead" transform={`translate(${x(atMs)} 0)`}>
          <path d={`M-5 ${RULER_PX - 6}h10l-5 7z`} />
          <line y1={RULER_PX - 6} y2={heightPx} />
        </g>
      )}
    </svg>
  );
}

/** The part around the playhead stands still until the playhead leaves its middle. */
function useHeldWindow(atMs: number, lengthMs: number, day: Span): Span {
  const held = useRef<Span | null>(null);
  const last = held.current;
  const isKept =
    last !== null &&
    Math.abs(last.toMs - last.fromMs - Math.min(lengthMs, day.toMs - day.fromMs)) < 1 &&
    last.fromMs >= day.fromMs &&
    last.toMs <= day.toMs &&
    ratioOf(atMs, last) >= 0.08 &&
    ratioOf(atMs, last) <= 0.92;
  if (!isKept) held.current = spanAround(atMs, lengthMs, day);
  return held.current!;
}

/** Width of an element as it is now, px. */
export function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [widthPx, setWidthPx] = useState(600);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry!.contentRect.width);
      if (width > 0) setWidthPx(width);
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return widthPx;
}
