import { Scroller } from './scroller';

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
  const [first, ...others] = head;
  return (
    <Scroller label={`${first}: ${others.join(', ')}`}>
      <table className="table ranking is-cards">
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {others.map((one) => (
              <th key={one} scope="col" className="number">
                {one}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, href, share, cells }) => (
            <tr key={name}>
              <th scope="row">
                {href ? <a href={href}>{name}</a> : name}
                <span className="bar" aria-hidden="true">
                  <span style={{ width: `${(share / most) * 100}%` }} />
                </span>
              </th>
              {cells.map((cell, index) => (
                <td key={others[index]} className="number" data-label={others[index]}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}
