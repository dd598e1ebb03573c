import type { CostLine } from '../../core/price-book';
import { usd } from '../logic/words';
import { Bar } from './bar';

/** Dollars a camera-month by line, each as long as its share. */
export function CostLines({
  lines,
  totalUsdPerMonth,
}: {
  readonly lines: readonly CostLine[];
  readonly totalUsdPerMonth: number;
}) {
  const most = Math.max(...lines.map(({ usdPerMonth }) => usdPerMonth), 1e-9);
  return (
    <table className="table cost">
      <caption className="unseen">Cost a month by line</caption>
      <thead>
        <tr>
          <th scope="col">Line</th>
          <th scope="col">What is paid</th>
          <th scope="col" className="number">
            A month
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ name, usdPerMonth, basis, isVerified }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <Bar ratio={usdPerMonth / most} />
              <span className="quiet">
                {basis}
                {!isVerified && ' (a price in it is unverified)'}
              </span>
            </td>
            <td className="number">{usd(usdPerMonth)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={2}>
            A camera-month
          </th>
          <td className="number">{usd(totalUsdPerMonth)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
