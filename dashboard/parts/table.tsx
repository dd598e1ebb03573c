import type { ReactNode } from 'react';
import { Scroller } from './scroller';

export interface Column<Row> {
  /** Of a `tool` it is read out only. */
  readonly head: string;
  /** `name`: what the row is about. @default text */
  readonly kind?: 'name' | 'number' | 'text' | 'tool';
  readonly cell: (row: Row) => ReactNode;
}

/** Rows of the same shape. @param className of the table; `is-cards`: on a phone each row is a card */
export function Table<Row>({
  label,
  columns,
  rows,
  keyOf,
  className = 'is-cards',
}: {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly className?: string;
}) {
  return (
    <Scroller label={label}>
      <table className={`table ${className}`}>
        <thead>
          <tr>
            {columns.map(({ head, kind }) => (
              <th key={head} scope="col" className={kind === 'number' ? 'number' : undefined}>
                {kind === 'tool' ? <span className="unseen">{head}</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <Cell key={column.head} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

function Cell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  const { head, kind, cell } = column;
  if (kind === 'name') return <th scope="row">{cell(row)}</th>;
  return (
    <td className={kind === 'number' ? 'number' : undefined} data-label={head}>
      {cell(row)}
    </td>
  );
}
