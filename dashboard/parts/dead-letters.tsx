import { useState } from 'react';
import type { DeadLetters, QueueCounts } from '../client/answers';
import { type ApiProblem, ask, asProblem } from '../client/api';
import { HERE } from '../client/events';
import { counted } from '../logic/words';
import { Empty, ErrorCode, ProblemNote } from './notes';
import { type Column, Table } from './table';
import { When } from './when';

type Letter = DeadLetters['deadLetters'][number];

const COLUMNS: readonly Column<Letter>[] = [
  { head: 'When', cell: ({ deadAt }) => <When at={deadAt} timezone={HERE} /> },
  { head: 'For', cell: ({ queue }) => <span className="code">{queue}</span> },
  { head: 'Segment', cell: ({ segmentKey }) => <code>{segmentKey ?? '–'}</code> },
  { head: 'Why', cell: ({ cause }) => <Cause text={cause} /> },
];

interface Letters {
  readonly letters: DeadLetters;
  readonly queues: Readonly<Record<string, QueueCounts>> | null;
  readonly onRedriven: () => void;
}

/** What failed five times and why, and putting it back: by letter, or by queue where SQS can’t choose. */
export function DeadLetterList({ letters, queues, onRedriven }: Letters) {
  const { count, deadLetters, redriveBy } = letters;
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const redrive = async (body: { ids?: readonly string[]; queue?: string }): Promise<void> => {
    setProblem(null);
    try {
      const { redriven } = await ask<{ redriven: number }>('dead-letters/redrive', { body });
      const where = redriveBy === 'queue' ? 'on the way back to the queue' : 'back in the queue';
      setSaid(`${counted(redriven, 'message')} ${where}.`);
      onRedriven();
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  const filled = Object.entries(queues ?? {}).filter(([, { dead }]) => dead > 0);
  return (
    <>
      <p role="status" className="quiet">
        {said}
      </p>
      {problem && <ProblemNote problem={problem} />}
      {count === 0 ? (
        <Empty title="None: nothing failed five times." />
      ) : (
        <>
          <p className="actions">
            {redriveBy === 'letter' && (
              <button type="button" className="button" onClick={() => void redrive({})}>
                Put all {count} back
              </button>
            )}
            {redriveBy === 'queue' &&
              filled.map(([queue, { dead }]) => (
                <button
                  key={queue}
                  type="button"
                  className="button"
                  onClick={() => void redrive({ queue })}
                >
                  Put all {dead} of {queue} back
                </button>
              ))}
          </p>
          <LetterTable
            letters={deadLetters}
            onChosen={redriveBy === 'letter' ? (id) => void redrive({ ids: [id] }) : null}
          />
          {count > deadLetters.length && (
            <p className="quiet">
              A look at {deadLetters.length} of {count.toLocaleString('en')}.
            </p>
          )}
        </>
      )}
    </>
  );
}

function LetterTable({
  letters,
  onChosen,
}: {
  readonly letters: readonly Letter[];
  readonly onChosen: ((id: string) => void) | null;
}) {
  const redrive: Column<Letter> = {
    head: 'Redrive',
    kind: 'tool',
    cell: ({ id, segmentKey }) => (
      <button type="button" className="button" onClick={() => onChosen?.(id)}>
        Put back<span className="unseen"> {segmentKey ?? id}</span>
      </button>
    ),
  };
  return (
    <Table
      label="Dead letters"
      columns={onChosen ? [...COLUMNS, redrive] : COLUMNS}
      rows={letters}
      keyOf={({ id }) => id}
    />
  );
}

/** A cause with its code, where it begins or ends with one in brackets. */
function Cause({ text }: { readonly text: string }) {
  const [, before = '', code, after = ''] = /^(.*?)\[([a-z0-9-]+)\](.*)$/s.exec(text) ?? [];
  if (!code) return text;
  return (
    <>
      {before}
      <ErrorCode code={code} />
      {after}
    </>
  );
}
