import { useEffect, useState } from 'react';
import { LEAST_FOOTAGE_SECONDS } from '../../core/suggest-tier';
import type { CameraTiers, TierChange, TiersPage } from '../client/answers';
import { type ApiProblem, ask, asProblem, nowMs } from '../client/api';
import { useLatestEvent } from '../client/events';
import { useCameras, useLive, useOffers } from '../client/hooks';
import { formatRoute } from '../logic/route';
import { counted, percent, usd } from '../logic/words';
import { Choice } from '../parts/filter-bar';
import { Empty, ProblemNote } from '../parts/notes';
import { Lines, Scroller } from '../parts/scroller';

const WEEK_MS = 7 * 86_400_000;
const PAGE_CAMERAS = 100;

/** Which tier each camera has, what it costs, and the tier that its numbers suggest. */
export function FleetPage({ settings }: { readonly settings: Readonly<Record<string, string>> }) {
  const site = settings.site ?? '';
  const cameras = useCameras();
  const fleet = useTiers(site);
  const [planned, setPlanned] = useState<{ camera: string; tier: string } | null>(null);
  const canPlan = useOffers('tier-change');
  const sites = [
    ...new Set((cameras.data ?? []).map(({ camera }) => camera.split('/')[0]!)),
  ].sort();
  return (
    <>
      <header className="page-head">
        <h1>Fleet</h1>
        <Choice
          label="Site"
          value={site}
          options={[['', 'All sites'], ...sites.map((one) => [one, one] as const)]}
          onChange={(value) => {
            window.location.hash = formatRoute({ page: 'fleet', settings: { site: value } });
          }}
        />
      </header>
      <p className="lead">
        {fleet.cameras.length > 0 && suggestionSentence(fleet.cameras)} Nothing is changed from
        here: a tier is a line of the fleet file, and Pulumi publishes it.
      </p>
      {fleet.problem && <ProblemNote problem={fleet.problem} />}
      {fleet.isLoading && fleet.cameras.length === 0 && <p className="quiet loading">Loading…</p>}
      {!fleet.isLoading && !fleet.problem && fleet.cameras.length === 0 && (
        <Empty title="No cameras." />
      )}
      {fleet.cameras.length > 0 && (
        <div className="fleet-columns">
          <Scroller label="Cameras and tiers">
            <table className="table fleet">
              <caption className="unseen">Cameras with tier, activity and cost a month</caption>
              <thead>
                <tr>
                  <th scope="col">Camera</th>
                  <th scope="col">Tier</th>
                  <th scope="col">Something moves</th>
                  <th scope="col" className="number">
                    A month
                  </th>
                  <th scope="col">Suggested</th>
                  {canPlan && <th scope="col">Change to</th>}
                </tr>
              </thead>
              <tbody>
                {fleet.cameras.map((one) => (
                  <Row
                    key={one.camera}
                    camera={one}
                    canPlan={canPlan}
                    planned={planned?.camera === one.camera ? planned.tier : ''}
                    onPlan={(tier) => setPlanned(tier === '' ? null : { camera: one.camera, tier })}
                  />
                ))}
              </tbody>
            </table>
          </Scroller>
          {fleet.hasMore && (
            <button type="button" className="button" onClick={fleet.loadMore}>
              More cameras
            </button>
          )}
          <p className="quiet">{fleet.assumptions}.</p>
        </div>
      )}
      {planned && (
        <Plan
          key={`${planned.camera} ${planned.tier}`}
          {...planned}
          onClose={() => setPlanned(null)}
        />
      )}
    </>
  );
}

/** What the suggestions come to: without a day of footage there is none. */
function suggestionSentence(cameras: readonly CameraTiers[]): string {
  const judged = cameras.filter(({ activity }) => activity.footageSeconds >= LEAST_FOOTAGE_SECONDS);
  const moved = judged.filter(({ tier, suggestion }) => suggestion.tier !== tier).length;
  if (judged.length === 0)
    return 'No camera has a day of footage yet: too little to suggest a tier.';
  if (moved > 0) {
    return `${counted(moved, 'camera')} of ${cameras.length} would be better off in another tier.`;
  }
  return judged.length === cameras.length
    ? 'Every camera shown is in the tier that its numbers suggest.'
    : `${counted(judged.length, 'camera')} of ${cameras.length} with a day of footage: each is in the tier that its numbers suggest.`;
}

function Row({
  camera: { camera, tier, lane, activity, tiers, suggestion },
  canPlan,
  planned,
  onPlan,
}: {
  readonly camera: CameraTiers;
  readonly canPlan: boolean;
  readonly planned: string;
  readonly onPlan: (tier: string) => void;
}) {
  const own = tiers.find((one) => one.tier === tier);
  const [site, name] = camera.split('/');
  return (
    <tr>
      <th scope="row">
        <a href={formatRoute({ page: 'camera', path: [site!, name!] })}>
          <span className="quiet">{site}/</span>
          {name}
        </a>
      </th>
      <td>
        {tier}
        <span className="quiet"> {lane}</span>
      </td>
      <td>
        {activity.movingRatio === null ? (
          <span className="quiet">no footage</span>
        ) : (
          <span className="share">
            <span className="bar" aria-hidden="true">
              <span style={{ width: percent(activity.movingRatio).replace(' ', '') }} />
            </span>
            {percent(activity.movingRatio)}
          </span>
        )}
      </td>
      <td className="number">
        {own?.usdPerMonth == null ? '–' : usd(own.usdPerMonth)}
        {own && !own.isMeasured && <span className="quiet"> assumed</span>}
      </td>
      <td>
        <span className={suggestion.tier === tier ? 'quiet' : 'is-news'}>{suggestion.tier}</span>
        <span className="why">{suggestion.why}</span>
      </td>
      {canPlan && (
        <td>
          <Choice
            label={`Change ${camera} to tier`}
            value={planned}
            options={[
              ['', 'Show a change…'],
              ...tiers
                .filter((one) => one.tier !== tier)
                .map((one): readonly [string, string] => [
                  one.tier,
                  one.usdPerMonth === null ? one.tier : `${one.tier} ${usd(one.usdPerMonth)}`,
                ]),
            ]}
            onChange={onPlan}
          />
        </td>
      )}
    </tr>
  );
}

/** What the fleet file would say, and what that changes. */
function Plan({
  camera,
  tier,
  onClose,
}: {
  readonly camera: string;
  readonly tier: string;
  readonly onClose: () => void;
}) {
  const [change, setChange] = useState<TierChange | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    const leaving = new AbortController();
    ask<TierChange>('fleet/tier-change', { body: { camera, tier }, signal: leaving.signal }).then(
      setChange,
      (error) => !leaving.signal.aborted && setProblem(asProblem(error)),
    );
    return () => leaving.abort();
  }, [camera, tier]);
  const copy = async (text: string): Promise<void> => {
    await navigator.clipboard.writeText(text).then(
      () => setSaid('The difference is in the clipboard.'),
      () => setSaid('This browser gives no access to the clipboard: mark the lines and copy them.'),
    );
  };
  return (
    <section className="plan" aria-labelledby="plan-title">
      <div className="section-head">
        <h2 id="plan-title">
          {camera} in tier {tier}
        </h2>
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
      {problem && <ProblemNote problem={problem} />}
      {change && (
        <>
          <ul className="plan-changes" role="status">
            {change.changes.map(({ cameras, what, usdPerMonth }) => (
              <li key={cameras.join()}>
                {what.join('; ')} ({counted(cameras.length, 'camera')})
                {usdPerMonth !== null && (
                  <strong>
                    {' '}
                    {usdPerMonth > 0 ? '+' : ''}
                    {usd(usdPerMonth)} a month
                  </strong>
                )}
              </li>
            ))}
          </ul>
          <Difference text={change.diff} file={change.file} />
          <p className="actions">
            <button type="button" className="button is-main" onClick={() => void copy(change.diff)}>
              Copy the difference
            </button>
            <span className="quiet" role="status">
              {said}
            </span>
          </p>
          <p className="quiet">{change.basis}</p>
        </>
      )}
    </section>
  );
}

function Difference({ text, file }: { readonly text: string; readonly file: string }) {
  return (
    <Lines label={`Difference of ${file}`}>
      {text.split('\n').map((line, index) => (
        // Lines have no identity but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <span key={index} className={lineKind(line)}>
          {line}
          {'\n'}
        </span>
      ))}
    </Lines>
  );
}

function lineKind(line: string): string {
  if (/^(\+\+\+|---|@@)/.test(line)) return 'is-head';
  if (line.startsWith('+')) return 'is-added';
  return line.startsWith('-') ? 'is-removed' : '';
}

/** Cameras page by page, by the week that ends with what was seen last. */
function useTiers(site: string) {
  const { generation } = useLive();
  const latest = useLatestEvent(null, true);
  const [page, setPage] = useState<TiersPage | null>(null);
  const [cameras, setCameras] = useState<readonly CameraTiers[]>([]);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [cursor, setCursor] = useState<string>();
  const latestMs = latest ? Date.parse(latest.endedAt) + 3_600_000 : Number.POSITIVE_INFINITY;
  const isReady = latest !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins again with another site
  useEffect(() => {
    setCameras([]);
    setCursor(undefined);
  }, [site, generation]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the api is back
  useEffect(() => {
    if (!isReady) return;
    const leaving = new AbortController();
    const untilMs = Math.min(nowMs(), latestMs);
    const query = {
      site,
      limit: PAGE_CAMERAS,
      cursor,
      since: page && cursor ? page.since : new Date(untilMs - WEEK_MS).toISOString(),
      until: page && cursor ? page.until : new Date(untilMs).toISOString(),
    };
    ask<TiersPage>('fleet/tiers', { query, signal: leaving.signal }).then(
      (found) => {
        setPage(found);
        setProblem(null);
        setCameras((old) => (cursor ? [...old, ...found.cameras] : found.cameras));
      },
      (error) => !leaving.signal.aborted && setProblem(asProblem(error)),
    );
    return () => leaving.abort();
  }, [site, cursor, generation, isReady, latestMs]);
  return {
    cameras,
    problem,
    isLoading: page === null && problem === null,
    assumptions: page?.assumptions ?? '',
    hasMore: page?.nextCursor != null,
    loadMore: () => setCursor(page?.nextCursor ?? undefined),
  };
}
