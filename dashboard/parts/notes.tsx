import type { ReactNode } from 'react';
import type { ApiProblem } from '../client/api';
import { formatRoute } from '../logic/route';

/** What went wrong with one part of the page, with its page in the list of errors. */
export function ProblemNote({
  problem,
  onRetry,
}: {
  readonly problem: ApiProblem;
  readonly onRetry?: () => void;
}) {
  return (
    <div className="note is-bad" role="alert">
      <p>{problem.message}</p>
      <p className="note-more">
        {problem.code !== 'unreachable' && <ErrorCode code={problem.code} />}
        {problem.requestId && (
          <>
            {' '}
            In the log: <code>{problem.requestId}</code>
          </>
        )}
        {onRetry && (
          <button type="button" className="button" onClick={onRetry}>
            Ask again
          </button>
        )}
      </p>
    </div>
  );
}

/** An error’s code, as a link to what it means. */
export function ErrorCode({ code }: { readonly code: string }) {
  return (
    <a className="code" href={formatRoute({ page: 'errors', path: [code] })}>
      {code}
    </a>
  );
}

/** Nothing to show, and what that means. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** What a part shows while it is asked for, refused or there. */
export function Answer<Data>({
  of,
  children,
}: {
  readonly of: {
    readonly data: Data | null;
    readonly problem: ApiProblem | null;
    readonly reload: () => void;
  };
  readonly children: (data: Data) => ReactNode;
}) {
  const { data, problem, reload } = of;
  if (data !== null) return children(data);
  if (problem) return <ProblemNote problem={problem} onRetry={reload} />;
  return <p className="quiet loading">Loading…</p>;
}
