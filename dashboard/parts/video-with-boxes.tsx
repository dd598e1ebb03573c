import { type RefObject, useEffect, useLayoutEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import type { SampledFrame } from '../../core/segment-result';
import { boxesAt, type ShownBox } from '../logic/choose-boxes';
import { percent } from '../logic/words';
import { hueOf } from './snapshot';

/** Why a video does not play: the browser can't, or the file did not come. */
export type VideoFault = 'unsupported' | 'missing' | 'unreachable';

export interface VideoWithBoxesProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly src: string;
  readonly frames: readonly SampledFrame[];
  readonly intervalSeconds: number;
  readonly hasBoxes: boolean;
  readonly label: string;
  /** Of the picture that is shown, from the start of the video (s). */
  readonly onPicture?: (seconds: number) => void;
  readonly onReady?: () => void;
  readonly onEnded?: () => void;
  readonly onPlaying?: (isPlaying: boolean) => void;
  readonly onFault: (fault: VideoFault) => void;
}

/** A video with the boxes of each picture that the browser puts on the screen, in time with it. */
export function VideoWithBoxes(props: VideoWithBoxesProps) {
  const { video, src, frames, intervalSeconds, hasBoxes, onPicture } = props;
  const [aspect, setAspect] = useState(16 / 9);
  const seconds = usePictureTime(video, onPicture);
  const boxes = hasBoxes ? boxesAt(frames, seconds, intervalSeconds) : [];

  const onMetadata = (element: HTMLVideoElement): void => {
    // One that has just made room for another recording tells of itself all the same.
    if (element !== video.current) return;
    const { videoWidth, videoHeight } = element;
    // Sound without a picture: the browser knows the container and not the codec.
    if (videoWidth === 0) {
      props.onFault('unsupported');
      return;
    }
    setAspect(videoWidth / videoHeight);
    props.onReady?.();
  };
  // A recording that the browser has at hand is known before the page has taken its element in.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each recording
  useLayoutEffect(() => {
    const element = video.current;
    if (element && element.readyState >= HTMLMediaElement.HAVE_METADATA) onMetadata(element);
  }, [src]);

  return (
    <div className="picture-frame">
      <div
        className="picture"
        style={{ aspectRatio: String(aspect), '--aspect': aspect } as React.CSSProperties}
      >
        <video
          ref={video}
          src={src}
          aria-label={props.label}
          preload="auto"
          muted
          playsInline
          onLoadedMetadata={({ currentTarget }) => onMetadata(currentTarget)}
          onEnded={props.onEnded}
          onPlay={() => props.onPlaying?.(true)}
          onPause={() => props.onPlaying?.(false)}
          onError={() =>
            void faultOf(src, video.current).then((fault) => fault && props.onFault(fault))
          }
        />
        <div className="boxes" aria-hidden="true" data-seconds={seconds.toFixed(3)}>
          {boxes.map((box, index) => (
            // Boxes have no identity of their own.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <BoxOver key={index} {...box} />
          ))}
        </div>
      </div>
    </div>
  );
}

/** Shows a video and its boxes on the whole screen, or no longer. */
export function toggleFullScreen(video: HTMLVideoElement | null): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else
    void video
      ?.closest('.picture-frame')
      ?.requestFullscreen()
      .catch(() => {});
}

function BoxOver({ className, confidence, box: [x1, y1, x2, y2], isBetween }: ShownBox) {
  const part = (ratio: number): string => `${(ratio * 100).toFixed(3)}%`;
  return (
    <div
      className={`box hue-${hueOf(className)} ${isBetween ? 'is-between' : ''} ${y1 < 0.08 ? 'is-high' : ''}`}
      data-class={className}
      data-box={[x1, y1, x2, y2].map((value) => value.toFixed(4)).join(' ')}
      style={{ left: part(x1), top: part(y1), width: part(x2 - x1), height: part(y2 - y1) }}
    >
      <span className="box-label">
        {className} {percent(confidence)}
      </span>
    </div>
  );
}

/** Seconds of the picture on the screen: told by the browser with each one, else by its clock. */
function usePictureTime(
  video: RefObject<HTMLVideoElement | null>,
  onPicture: ((seconds: number) => void) | undefined,
): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    let handle = 0;
    const note = (mediaTime: number): void => {
      setSeconds(mediaTime);
      onPicture?.(mediaTime);
    };
    // What was shown before anybody listened is told by nobody.
    if (element.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) note(element.currentTime);
    if ('requestVideoFrameCallback' in element) {
      const onFrame: VideoFrameRequestCallback = (_, { mediaTime }) => {
        // Of a picture from before a seek the browser may tell after it, and nothing of the one that came meanwhile.
        const isStill = element.paused && !element.seeking;
        const shownSeconds = isStill ? element.currentTime : mediaTime;
        // With this picture and not after it, however busy the machine is.
        flushSync(() => setSeconds(shownSeconds));
        onPicture?.(shownSeconds);
        handle = element.requestVideoFrameCallback(onFrame);
      };
      handle = element.requestVideoFrameCallback(onFrame);
      // A seek to the picture that is already shown brings no other.
      const onSeeked = (): void => {
        if (element.paused) note(element.currentTime);
      };
      element.addEventListener('seeked', onSeeked);
      return () => {
        element.removeEventListener('seeked', onSeeked);
        element.cancelVideoFrameCallback(handle);
      };
    }
    const onTick = (): void => {
      note((element as HTMLVideoElement).currentTime);
      handle = requestAnimationFrame(onTick);
    };
    handle = requestAnimationFrame(onTick);
    return () => cancelAnimationFrame(handle);
  }, [video, onPicture]);
  return seconds;
}

/** A browser says only that it failed: a byte of the file tells whether it was there. */
async function faultOf(src: string, video: HTMLVideoElement | null): Promise<VideoFault | null> {
  const code = video?.error?.code;
  if (code === undefined || code === MediaError.MEDIA_ERR_ABORTED) return null;
  try {
    const { ok, status } = await fetch(src, { headers: { range: 'bytes=0-0' } });
    if (ok) return 'unsupported';
    return [404, 410].includes(status) ? 'missing' : 'unreachable';
  } catch {
    return 'unreachable';
  }
}
