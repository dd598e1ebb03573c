import type { Camera, QueueCounts } from '../client/answers';
import { useLive } from '../client/hooks';
import { formatRoute } from '../logic/route';
import { durationOf } from '../logic/words';

/** The functions whose queues hold segments on their way; the others' hold rows, and what is to expire. */
const ROAD = ['route', 'detect-cpu', 'detect-gpu'];

/** What waits and what is wrong, in numbers. */
export function Figures({ cameras }: { readonly cameras: readonly Camera[] | null }) {
  const { counts, lagSeconds } = useLive();
  const queues = ROAD.flatMap((name) => counts?.queues?.[name] ?? []);
  const sum = (of: keyof QueueCounts): number => queues.reduce((all, queue) => all + queue[of], 0);
  const health = formatRoute({ page: 'health' });
  const known = counts !== null;
  const hasQueues = counts?.queues != null;
  return (
    <dl className="figures">
      <Figure name="Waiting" value={hasQueues ? sum('waiting') : null} href={health} />
      <Figure name="In work" value={hasQueues ? sum('inFlight') : null} href={health} />
      <Figure
        name="Behind"
        value={lagSeconds === null ? null : durationOf(lagSeconds)}
        href={health}
        note="from the end of the segment that was finished last until it was"
      />
      <Figure
        name="Quarantined"
        value={known ? counts.quarantined : null}
        href={health}
        tone="warning"
      />
      <Figure
        name="Dead letters"
        value={known ? counts.deadLetters : null}
        href={health}
        tone="bad"
      />
      <Figure
        name="Silent"
        value={known ? counts.silentCameras : null}
        of={cameras?.length}
        href={formatRoute({ page: 'camera' })}
        tone="warning"
      />
    </dl>
  );
}

function Figure({
  name,
  value,
  of,
  href,
  tone,
  note,
}: {
  readonly name: string;
  readonly value: number | string | null;
  readonly of?: number | undefined;
  readonly href: string;
  readonly tone?: 'warning' | 'bad';
  readonly note?: string;
}) {
  const shown = value === null ? '–' : value.toLocaleString('en');
  const isNews = typeof value === 'number' && value > 0;
  return (
    <div className={`figure ${isNews ? `is-${tone ?? 'plain'}` : ''}`} title={note}>
      <dt>
        {name}
        {note && <span className="unseen">, {note}</span>}
      </dt>
      <dd>
        <a href={href}>
          {shown}
          {of !== undefined && <span className="figure-of"> of {of.toLocaleString('en')}</span>}
        </a>
      </dd>
    </div>
  );
}
