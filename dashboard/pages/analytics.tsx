import { type ReactNode, useMemo, useState } from 'react';
import type { AnalyticsRows } from '../client/answers';
import { apiUrl, nowMs } from '../client/api';
import { HERE, useLatestEvent } from '../client/events';
import { useAnswer, useCameras } from '../client/hooks';
import { activityColumns, type HourActivity, stacked } from '../logic/activity-plot';
import { formatRoute } from '../logic/route';
import { addDays, dateOf, daySpan } from '../logic/time-scale';
import { durationOf, percent, usd } from '../logic/words';
import { Choice } from '../parts/filter-bar';
import { Answer, Empty } from '../parts/notes';
import { Plot } from '../parts/plot';
import { Scroller } from '../parts/scroller';
import { ClassName } from '../parts/snapshot';

const DEFAULT_DAYS = 7;

interface Scope {
  readonly site: string;
  readonly camera: string;
  readonly from: string;
  readonly to: string;
}

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

function ScopeBar({ scope }: { readonly scope: Scope }) {
  const cameras = useCameras();
  const names = (cameras.data ?? []).map(({ camera }) => camera);
  const sites = [...new Set(names.map((name) => name.split('/')[0]!))].sort();
  const change = (next: Partial<Scope>): void => {
    window.location.hash = formatRoute({ page: 'analytics', settings: { ...scope, ...next } });
  };
  const same = (text: string): readonly [string, string] => [text, text];
  return (
    <fieldset className="filters" aria-label="Period and place">
      <Choice
        label="Site"
        value={scope.site}
        options={[['', 'All sites'], ...sites.map(same)]}
        onChange={(site) => change({ site, camera: '' })}
      />
      <Choice
        label="Camera"
        value={scope.camera}
        options={[
          ['', 'All cameras'],
          ...names
            .filter((name) => scope.site === '' || name.startsWith(`${scope.site}/`))
            .map(same),
        ]}
        onChange={(camera) => change({ camera })}
      />
      <label className="choice">
        <span className="choice-label">From</span>
        <input
          type="date"
          value={scope.from}
          max={scope.to}
          onChange={({ target }) => target.value !== '' && change({ from: target.value })}
        />
      </label>
      <label className="choice">
        <span className="choice-label">to</span>
        <input
          type="date"
          value={scope.to}
          min={scope.from}
          onChange={({ target }) => target.value !== '' && change({ to: target.value })}
        />
      </label>
    </fieldset>
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

interface QueryProps {
  readonly query: Readonly<Record<'site' | 'camera' | 'since' | 'until', string>>;
}

/** One query: a title, a plot, the numbers, and the numbers as a file. */
function Query<Row>({
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

function ActivityByHour({ query }: QueryProps) {
  const [step, setStep] = useState<'hour' | 'day'>('hour');
  return (
    <Query<HourActivity>
      name="activity-by-hour"
      title="What was in the picture"
      query={query}
      isWide
      tools={
        <Choice
          label="By"
          value={step}
          options={[
            ['hour', 'By hour'],
            ['day', 'By day'],
          ]}
          onChange={(value) => setStep(value === 'day' ? 'day' : 'hour')}
        />
      }
    >
      {(rows) => <ActivityPlot rows={rows} query={query} step={step} />}
    </Query>
  );
}

function ActivityPlot({
  rows,
  query,
  step,
}: QueryProps & { readonly rows: readonly HourActivity[]; readonly step: 'hour' | 'day' }) {
  const columns = activityColumns(rows, {
    fromMs: Date.parse(query.since),
    toMs: Math.min(nowMs(), Date.parse(query.until)),
    ...(step === 'day' ? { dayOf: (ms: number) => dateOf(ms, HERE) } : {}),
  });
  const sums = stacked(columns.classes.map(({ minutes }) => minutes));
  const total = (minutes: readonly number[]): number => minutes.reduce((all, one) => all + one, 0);
  return (
    <>
      <Plot
        label={`Minutes of presence by ${step}: ${columns.classes.map(({ className, minutes }) => `${className} ${durationOf(total(minutes) * 60)}`).join(', ')}`}
        x={columns.startsMs.map((ms) => ms / 1000)}
        series={columns.classes.map(({ className }, index) => ({
          name: className,
          values: sums[index]!,
        }))}
        timezone={HERE}
        yLabelOf={(minutes) => `${Number(minutes.toFixed(2))} min`}
        heightPx={240}
      />
      <ul className="legend">
        {columns.classes.map(({ className, minutes }) => (
          <li key={className}>
            <ClassName name={className} /> {durationOf(total(minutes) * 60)}
          </li>
        ))}
      </ul>
    </>
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
              durationOf(row.cpuSeconds),
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

interface RankingRow {
  readonly name: string;
  readonly href?: string;
  /** What its bar shows. */
  readonly share: number;
  readonly cells: readonly string[];
}

/** Rows with a bar each, and their numbers. */
function Ranking({
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
      <table className="table ranking">
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
                <td key={others[index]} className="number">
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

function today(): string {
  return dateOf(nowMs(), HERE);
}
