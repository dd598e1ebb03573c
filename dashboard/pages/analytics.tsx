import { useMemo } from 'react';
import { nowMs } from '../client/api';
import { HERE, useLatestEvent } from '../client/events';
import { formatRoute } from '../logic/route';
import { addDays, dateOf, daySpan } from '../logic/time-scale';
import { durationOf, percent, usd, workOf } from '../logic/words';
import { ActivityByHour } from '../parts/activity-by-hour';
import { Query, type QueryProps } from '../parts/query';
import { Ranking } from '../parts/ranking';
import { type Scope, ScopeBar } from '../parts/scope-bar';

const DEFAULT_DAYS = 7;

/** The named queries as plots and numbers. */
export default function AnalyticsPage({
  settings,
}: {
  readonly settings: Readonly<Record<string, string>>;
}) {
  const isChosen = settings.from !== undefined && settings.to !== undefined;
  const latest = useLatestEvent(null, !isChosen);
  const to = settings.to ?? (latest ? dateOf(Date.parse(latest.endedAt), HERE) : today());
  const scope: Scope = {
    site: settings.site ?? '',
    camera: settings.camera ?? '',
    to,
    from: settings.from ?? addDays(to, 1 - DEFAULT_DAYS),
  };
  const isReady = isChosen || latest !== undefined;
  return (
    <>
      <header className="page-head">
        <h1>Analytics</h1>
        <ScopeBar scope={scope} />
      </header>
      {isReady ? <Queries scope={scope} /> : <p className="quiet loading">Loading…</p>}
    </>
  );
}

function Queries({ scope }: { readonly scope: Scope }) {
  const { site, camera, from, to } = scope;
  const query = useMemo(
    () => ({
      site: camera === '' ? site : '',
      camera,
      since: new Date(daySpan(from, HERE).fromMs).toISOString(),
      until: new Date(daySpan(to, HERE).toMs).toISOString(),
    }),
    [site, camera, from, to],
  );
  return (
    <div className="queries">
      <ActivityByHour query={query} />
      <CostByTier query={query} />
      <BusiestCameras query={query} />
      <LagP95 query={query} />
      <QuietShare query={query} />
    </div>
  );
}

interface TierCostRow {
  readonly tier: string;
  readonly segments: number;
  readonly footageSeconds: number;
  readonly cpuSeconds: number;
  readonly workUsd: number;
  readonly usdPerCameraMonth: number | null;
}

function CostByTier({ query }: QueryProps) {
  return (
    <Query<TierCostRow> name="cost-by-tier" title="Work and its dollars, by tier" query={query}>
      {(rows) => (
        <Ranking
          head={['Tier', 'Footage', 'CPU', 'Work', 'Work a camera-month']}
          rows={rows.map((row) => ({
            name: row.tier,
            share: row.usdPerCameraMonth ?? 0,
            cells: [
              durationOf(row.footageSeconds),
              workOf(row.cpuSeconds),
              usd(row.workUsd),
              row.usdPerCameraMonth === null ? '–' : usd(row.usdPerCameraMonth),
            ],
          }))}
        />
      )}
    </Query>
  );
}

function BusiestCameras({ query }: QueryProps) {
  return (
    <Query<{ camera: string; segments: number; movingSeconds: number }>
      name="busiest-cameras"
      title="Busiest cameras"
      query={query}
    >
      {(rows) => (
        <Ranking
          head={['Camera', 'Segments', 'Something moves']}
          rows={rows.map(({ camera, segments, movingSeconds }) => ({
            name: camera,
            href: formatRoute({ page: 'camera', path: camera.split('/') }),
            share: movingSeconds,
            cells: [segments.toLocaleString('en'), durationOf(movingSeconds)],
          }))}
        />
      )}
    </Query>
  );
}

function LagP95({ query }: QueryProps) {
  return (
    <Query<{ tier: string; segments: number; p95Seconds: number }>
      name="lag-p95"
      title="From the end of a segment to its rows"
      query={query}
    >
      {(rows) => (
        <Ranking
          head={['Tier', 'Segments', '95 % within']}
          rows={rows.map(({ tier, segments, p95Seconds }) => ({
            name: tier,
            share: p95Seconds,
            cells: [segments.toLocaleString('en'), durationOf(p95Seconds)],
          }))}
        />
      )}
    </Query>
  );
}

function QuietShare({ query }: QueryProps) {
  return (
    <Query<{ tier: string; segments: number; quietSegments: number; quietRatio: number }>
      name="quiet-share"
      title="Quiet segments"
      query={query}
    >
      {(rows) => (
        <Ranking
          head={['Tier', 'Segments', 'Quiet', 'Share']}
          most={1}
          rows={rows.map(({ tier, segments, quietSegments, quietRatio }) => ({
            name: tier,
            share: quietRatio,
            cells: [
              segments.toLocaleString('en'),
              quietSegments.toLocaleString('en'),
              percent(quietRatio),
            ],
          }))}
        />
      )}
    </Query>
  );
}

function today(): string {
  return dateOf(nowMs(), HERE);
}
