import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import {
  nextPlayable,
  previousPlayable,
  segmentAt,
  spanOf,
  type TimelineSegment,
} from '../logic/day-of-footage';
import type { Span } from '../logic/time-scale';
import type { VideoFault } from '../parts/video-with-boxes';

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8] as const;
const REWIND_EVERY_MS = 120;
/** The last picture of a recording lies this far before its end (s). */
const LAST_PICTURE_SECONDS = 0.05;

export interface Player {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly segment: TimelineSegment | null;
  readonly atMs: number;
  readonly isPlaying: boolean;
  readonly isRewinding: boolean;
  readonly speed: number;
  readonly fault: VideoFault | null;
  readonly seek: (ms: number) => void;
  readonly toggle: () => void;
  readonly rewind: () => void;
  readonly setSpeed: (speed: number) => void;
  readonly retry: () => void;
  /** For the video element. */
  readonly on: {
    readonly picture: (seconds: number) => void;
    readonly ready: () => void;
    readonly ended: () => void;
    readonly playing: (isPlaying: boolean) => void;
    readonly fault: (fault: VideoFault) => void;
  };
}

/** Where a recording stands or starts to play. */
interface Place {
  readonly seconds: number;
  readonly isPlaying: boolean;
}

/** Plays a day’s recordings one after the other, forwards and backwards. */
export function usePlayer(
  segments: readonly TimelineSegment[] | null,
  {
    startMs,
    day,
    request,
  }: { readonly startMs: number; readonly day: Span; readonly request: object },
): Player {
  const video = useRef<HTMLVideoElement>(null);
  const [atMs, setAtMs] = useState(startMs);
  const [key, setKey] = useState<string | null>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [isRewinding, setRewinding] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [fault, setFault] = useState<VideoFault | null>(null);
  /** Of a recording that loads. */
  const pending = useRef<Place | null>(null);
  const all = segments ?? [];
  const segment = all.find((one) => one.objectKey === key) ?? null;
  const startOf = (one: TimelineSegment): number => spanOf(one).fromMs;

  const go = (ms: number, goesOn: boolean): void => {
    const found = segmentAt(all, ms);
    const next = found ? { seconds: (ms - startOf(found)) / 1000, isPlaying: goesOn } : null;
    setAtMs(ms);
    if (next && found?.objectKey === key && found.hasFootage && video.current && !fault) {
      // One that still loads is moved once it has: to what was asked for last.
      if (isLoading(video.current)) pending.current = next;
      else moveTo(video.current, next);
      return;
    }
    setFault(null);
    pending.current = next;
    setKey(found?.objectKey ?? null);
    if (!found?.hasFootage) setPlaying(false);
  };

  const seek = (ms: number): void => {
    go(Math.min(day.toMs - 1, Math.max(day.fromMs, ms)), isPlaying && !isRewinding);
  };

  // What there is to play comes later than the moment that was asked for.
  const isThere = segments !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a request and day
  useEffect(() => {
    if (isThere) go(startMs, false);
  }, [isThere, startMs, day.fromMs, request]);

  useEffect(() => {
    if (video.current) video.current.playbackRate = speed;
  }, [speed]);

  useRewind(isRewinding, {
    video,
    speed,
    onStart: () => {
      const before = segment && previousPlayable(all, startOf(segment));
      if (before) go(spanOf(before).toMs - LAST_PICTURE_SECONDS * 1000, false);
      else setRewinding(false);
    },
  });

  const segmentStartMs = segment ? startOf(segment) : null;
  const picture = useCallback(
    (seconds: number) => {
      // While another recording loads, or another moment, pictures of the one before may still come.
      const isOld = pending.current !== null || video.current?.seeking === true;
      if (segmentStartMs !== null && !isOld) setAtMs(segmentStartMs + seconds * 1000);
    },
    [segmentStartMs],
  );

  const ready = (): void => {
    const element = video.current;
    const next = pending.current;
    if (!element) return;
    element.playbackRate = speed;
    pending.current = null;
    if (next) moveTo(element, next);
  };

  const ended = (): void => {
    const next = segment && nextPlayable(all, startOf(segment));
    if (next) go(startOf(next), true);
    else setPlaying(false);
  };

  const toggle = (): void => {
    setRewinding(false);
    const element = video.current;
    if (!element || !segment?.hasFootage) {
      const next = nextPlayable(all, atMs);
      if (next) go(startOf(next), true);
      return;
    }
    if (pending.current && isLoading(element)) {
      pending.current = { ...pending.current, isPlaying: !pending.current.isPlaying };
      return;
    }
    if (element.paused) void element.play().catch(() => {});
    else element.pause();
  };

  const rewind = (): void => {
    video.current?.pause();
    setRewinding(!isRewinding && segment?.hasFootage === true);
  };

  return {
    video,
    segment,
    atMs,
    isPlaying,
    isRewinding,
    speed,
    fault,
    seek: (ms) => {
      setRewinding(false);
      seek(ms);
    },
    toggle,
    rewind,
    setSpeed,
    retry: () => {
      pending.current = segment && {
        seconds: (atMs - startOf(segment)) / 1000,
        isPlaying: false,
      };
      setFault(null);
      video.current?.load();
    },
    on: { picture, ready, ended, playing: setPlaying, fault: setFault },
  };
}

function isLoading(element: HTMLVideoElement): boolean {
  return element.readyState < HTMLMediaElement.HAVE_METADATA;
}

function moveTo(element: HTMLVideoElement, { seconds, isPlaying }: Place): void {
  element.currentTime = Math.min(seconds, element.duration - LAST_PICTURE_SECONDS);
  if (isPlaying) void element.play().catch(() => {});
  else element.pause();
}

/** Browsers play forwards only: backwards is one seek after the other, as fast as they are carried out. */
function useRewind(
  isRewinding: boolean,
  {
    video,
    speed,
    onStart,
  }: {
    readonly video: RefObject<HTMLVideoElement | null>;
    readonly speed: number;
    /** The start of the recording was reached. */
    readonly onStart: () => void;
  },
): void {
  const latest = useRef(onStart);
  latest.current = onStart;
  useEffect(() => {
    if (!isRewinding) return;
    let lastMs = performance.now();
    const timer = window.setInterval(() => {
      const element = video.current;
      if (!element || element.seeking || element.readyState < 1) return;
      const nowMs = performance.now();
      const back = ((nowMs - lastMs) / 1000) * speed;
      lastMs = nowMs;
      if (element.currentTime <= LAST_PICTURE_SECONDS) latest.current();
      else element.currentTime = Math.max(0, element.currentTime - back);
    }, REWIND_EVERY_MS);
    return () => window.clearInterval(timer);
  }, [isRewinding, video, speed]);
}
