import { useEffect } from 'react';
import type { Upload } from '../../core/upload';
import { HERE } from '../client/events';
import { useAnswer, useOffers } from '../client/hooks';
import { formatRoute } from '../logic/route';
import { bytes } from '../logic/words';
import { Empty, ErrorCode, ProblemNote } from '../parts/notes';
import { Progress } from '../parts/progress';
import { TriedVideo } from '../parts/tried-video';
import { VideoDrop } from '../parts/video-drop';
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
        <VideoDrop isByForm={isByForm} />
      )}
    </>
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
      {data.result && <TriedVideo id={id} result={data.result} />}
    </>
  );
}
