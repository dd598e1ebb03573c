import { Bar } from './bar';
import { type Column, Table } from './table';

interface RankingRow {
  readonly name: string;
  readonly href?: string;
  /** What its bar shows. */
  readonly share: number;
  readonly cells: readonly string[];
}

/** Rows with a bar each, and their numbers. */
export function Ranking({
  head,
  rows,
  most = Math.max(...rows.map(({ share }) => share), 1e-12),
}: {
  readonly head: readonly string[];
  readonly rows: readonly RankingRow[];
  readonly most?: number;
}) {
  const [first = '', ...others] = head;
  const columns: Column<RankingRow>[] = [
    {
      head: first,
      kind: 'name',
      cell: ({ name, href, share }) => (
        <>
          {href ? <a href={href}>{name}</a> : name}
          <Bar ratio={share / most} />
        </>
      ),
    },
    ...others.map(
      (one, index): Column<RankingRow> => ({
        head: one,
        kind: 'number',
        cell: ({ cells }) => cells[index],
      }),
    ),
  ];
  return (
    <Table
      label={`${first}: ${others.join(', ')}`}
      className="ranking is-cards"
      columns={columns}
      rows={rows}
      keyOf={({ name }) => name}
    />
  );
}
