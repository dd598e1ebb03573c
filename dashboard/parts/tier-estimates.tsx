import type { UploadResult } from '../../core/upload';
import { usd } from '../logic/words';
import { Scroller } from './scroller';

/** What each tier would cost a month for such footage. */
export function TierEstimates({ result }: { readonly result: UploadResult }) {
  const most = Math.max(...result.tiers.map(({ usdPerMonth }) => usdPerMonth ?? 0), 1e-9);
  return (
    <>
      <Scroller label="Tiers and what each would cost">
        <table className="table ranking is-cards">
          <thead>
            <tr>
              <th scope="col">Tier</th>
              <th scope="col">Looks every</th>
              <th scope="col" className="number">
                A month
              </th>
            </tr>
          </thead>
          <tbody>
            {result.tiers.map(({ tier, lane, sampleIntervalSeconds, usdPerMonth, basis }) => (
              <tr key={tier}>
                <th scope="row">
                  {tier} <span className="quiet">{lane} lane</span>
                  {usdPerMonth !== null && (
                    <span className="bar" aria-hidden="true">
                      <span style={{ width: `${(usdPerMonth / most) * 100}%` }} />
                    </span>
                  )}
                  <span className="why">{basis}</span>
                </th>
                <td data-label="Looks every">{sampleIntervalSeconds} s</td>
                <td className="number" data-label="A month">
                  {usdPerMonth === null ? 'by its endpoint' : usd(usdPerMonth)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      <p className="quiet">Were every hour like this video. {result.assumptions}.</p>
    </>
  );
}
