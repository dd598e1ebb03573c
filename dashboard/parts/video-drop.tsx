import { type DragEvent, useEffect, useRef, useState } from 'react';
import { parseSegmentKey } from '../../core/segment-key';
import type { UploadForm } from '../client/answers';
import { type ApiProblem, asProblem } from '../client/api';
import { go } from '../client/entries';
import { HERE } from '../client/events';
import { sendByForm, sendFile } from '../client/upload';
import { formatRoute } from '../logic/route';
import { fileProblem, UPLOAD_ENDINGS } from '../logic/upload-file';
import { bytes } from '../logic/words';
import { ProblemNote } from './notes';
import { Progress } from './progress';
import { momentOf } from './when';

/** A place to drop a file on, and how far it has been sent. */
export function VideoDrop({ isByForm }: { readonly isByForm: boolean }) {
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
      go({ page: 'try', path: [upload.id] });
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
          <p className="drop-title is-by-mouse">Drop a recording here</p>
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
