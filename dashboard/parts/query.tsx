import type { ReactNode } from 'react';
import type { AnalyticsRows } from '../client/answers';
import { apiUrl } from '../client/api';
import { useAnswer } from '../client/hooks';
import { Answer, Empty } from './notes';

export interface QueryProps {
  readonly query: Readonly<Record<'site' | 'camera' | 'since' | 'until', string>>;
}

/** One query: a title, a plot, the numbers, and the numbers as a file. */
export function Query<Row>({
  name,
  title,
  query,
  tools,
  isWide = false,
  children,
}: QueryProps & {
  readonly name: string;
  readonly title: string;
  readonly tools?: ReactNode;
  readonly isWide?: boolean;
  readonly children: (rows: readonly Row[]) => ReactNode;
}) {
  const answer = useAnswer<AnalyticsRows<Row>>(`analytics/${name}`, query);
  const id = `query-${name}`;
  return (
    <section className={`query ${isWide ? 'is-wide' : ''}`} aria-labelledby={id}>
      <div className="section-head">
        <h2 id={id}>{title}</h2>
        {tools}
        <a
          className="button"
          href={apiUrl(`analytics/${name}`, { ...query, format: 'csv' })}
          download={`${name}.csv`}
        >
          CSV<span className="unseen"> of {title}</span>
        </a>
      </div>
      <Answer of={answer}>
        {({ rows }) =>
          rows.length === 0 ? <Empty title="Nothing in this period." /> : children(rows)
        }
      </Answer>
    </section>
  );
}
