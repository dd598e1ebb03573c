import { useEffect, useState } from 'react';
import { spanOf, type TimelineSegment } from '../logic/day-of-footage';
import type { Span } from '../logic/time-scale';
import { apiUrl, asProblem, fileUrl, problemOf, unreachable } from './api';
import { useOffers } from './hooks';

export const MAX_CLIP_SECONDS = 600;

/** A piece of a camera’s footage as MP4, cut at keyframes. @throws {ApiProblem} */
export async function cutClip(
  camera: string,
  { fromMs, toMs }: Span,
  signal?: AbortSignal,
): Promise<Blob> {
  const url = apiUrl('clips', {
    camera,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
  });
  const response = await fetch(url, signal ? { signal } : {}).catch((cause) => {
    if (signal?.aborted) throw cause;
    throw unreachable();
  });
  if (!response.ok) throw await problemOf(response);
  return response.blob();
}

export interface PlayableSource {
  /** Null: not there yet, or not to be had. */
  readonly src: string | null;
  readonly fault: 'missing' | 'unreachable' | 'unsupported' | null;
}

/**
 * What a video element takes for a recording: its file, read in pieces as it plays; of a container that browsers
 * don’t read (MPEG-TS, Matroska) the same packets in an MP4, fetched whole.
 */
export function usePlayableSource(camera: string, segment: TimelineSegment | null): PlayableSource {
  const canCut = useOffers('clips');
  const key = segment?.hasFootage ? segment.objectKey : null;
  const isPlain = key === null || key.endsWith('.mp4') || !canCut;
  const [cut, setCut] = useState<PlayableSource & { readonly key: string }>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a recording
  useEffect(() => {
    if (isPlain || !segment) return;
    const leaving = new AbortController();
    let src: string | null = null;
    cutClip(camera, spanOf(segment), leaving.signal).then(
      (blob) => {
        src = URL.createObjectURL(blob);
        setCut({ key, src, fault: null });
      },
      (error) => {
        if (!leaving.signal.aborted) setCut({ key, src: null, fault: faultOf(asProblem(error)) });
      },
    );
    return () => {
      leaving.abort();
      if (src) URL.revokeObjectURL(src);
      setCut(undefined);
    };
  }, [camera, key, isPlain]);
  if (isPlain) return { src: key === null ? null : fileUrl('footage', key), fault: null };
  return cut?.key === key ? cut : { src: null, fault: null };
}

function faultOf({ status }: { readonly status: number }): PlayableSource['fault'] {
  if (status === 404) return 'missing';
  return status === 400 || status === 422 ? 'unsupported' : 'unreachable';
}
