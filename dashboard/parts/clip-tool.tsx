import { useState } from 'react';
import { type ApiProblem, asProblem } from '../client/api';
import { cutClip, MAX_CLIP_SECONDS } from '../client/clips';
import { useOffers } from '../client/hooks';
import type { Span } from '../logic/time-scale';
import { bytes, durationOf } from '../logic/words';
import { ProblemNote } from './notes';
import { clockOf } from './when';

/** Downloads a piece of the footage as it was recorded. */
export function ClipTool({
  camera,
  timezone,
  clip,
  onMark,
  onClear,
}: {
  readonly camera: string;
  readonly timezone: string;
  readonly clip: Span | null;
  readonly onMark: (end: 'from' | 'to') => void;
  readonly onClear: () => void;
}) {
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const isOffered = useOffers('clips');
  if (!isOffered) return null;
  const seconds = clip ? (clip.toMs - clip.fromMs) / 1000 : 0;
  const isTooLong = seconds > MAX_CLIP_SECONDS;

  const download = async (): Promise<void> => {
    if (!clip) return;
    setProblem(null);
    setSaid('Cutting…');
    try {
      const blob = await cutClip(camera, clip);
      save(blob, `${camera.replace('/', '_')}_${new Date(clip.fromMs).toISOString()}.mp4`);
      setSaid(`The clip is downloaded, ${bytes(blob.size)}.`);
    } catch (error) {
      setSaid('');
      setProblem(asProblem(error));
    }
  };

  return (
    <fieldset className="clip-tool" aria-label="Clip">
      <span className="choice-label">Clip</span>
      <button type="button" className="button" onClick={() => onMark('from')}>
        Starts here
      </button>
      <button type="button" className="button" onClick={() => onMark('to')}>
        Ends here
      </button>
      {clip && (
        <>
          <span className="clip-span">
            {clockOf(clip.fromMs, timezone)}–{clockOf(clip.toMs, timezone)}
            <span className="quiet"> {durationOf(seconds)}</span>
          </span>
          <button
            type="button"
            className="button is-main"
            onClick={() => void download()}
            disabled={isTooLong}
          >
            Download
          </button>
          <button type="button" className="button" onClick={onClear}>
            Clear
          </button>
        </>
      )}
      <span className="quiet" role="status">
        {isTooLong ? 'A clip has 10 minutes at most.' : said}
      </span>
      <span className="quiet">Cut at a keyframe, so it may start a little earlier.</span>
      {problem && <ProblemNote problem={problem} />}
    </fieldset>
  );
}

/** Hands a file to the browser’s downloads. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name.replaceAll(':', '');
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
