import type { UploadResult } from '../../core/upload';
import { usd } from '../logic/words';
import { Bar } from './bar';
import { type Column, Table } from './table';

/** What each tier would cost a month for such footage. */
export function TierEstimates({ result }: { readonly result: UploadResult }) {
  const most = Math.max(...result.tiers.map(({ usdPerMonth }) => usdPerMonth ?? 0), 1e-9);
  return (
    <>
      <Table
        label="Tiers and what each would cost"
        className="ranking is-cards"
        columns={columnsUpTo(most)}
        rows={result.tiers}
        keyOf={({ tier }) => tier}
      />
      <p className="quiet">Were every hour like this video. {result.assumptions}.</p>
    </>
  );
}

function columnsUpTo(most: number): Column<UploadResult['tiers'][number]>[] {
  return [
    {
      head: 'Tier',
      kind: 'name',
      cell: ({ tier, lane, usdPerMonth, basis }) => (
        <>
          {tier} <span className="quiet">{lane} lane</span>
          {usdPerMonth !== null && <Bar ratio={usdPerMonth / most} />}
          <span className="why">{basis}</span>
        </>
      ),
    },
    { head: 'Looks every', cell: ({ sampleIntervalSeconds }) => `${sampleIntervalSeconds} s` },
    {
      head: 'A month',
      kind: 'number',
      cell: ({ usdPerMonth }) => (usdPerMonth === null ? 'by its endpoint' : usd(usdPerMonth)),
    },
  ];
}
