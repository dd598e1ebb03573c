import { useState } from 'react';
import { LEAST_FOOTAGE_SECONDS } from '../../core/suggest-tier';
import type { CameraTiers } from '../client/answers';
import { go } from '../client/entries';
import { useTiers } from '../client/fleet-tiers';
import { useCameras, useOffers } from '../client/hooks';
import { counted } from '../logic/words';
import { Choice } from '../parts/filter-bar';
import { FleetTable } from '../parts/fleet-table';
import { Empty, ProblemNote } from '../parts/notes';
import { TierPlan } from '../parts/tier-plan';

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
            go({ page: 'fleet', settings: { site: value } });
          }}
        />
      </header>
      <p className="lead">
        {fleet.cameras.length > 0 && suggestionSentence(fleet.cameras)} Nothing is changed from
        here: a tier is a line of the fleet file, and Pulumi publishes it.
      </p>
      {fleet.problem && <ProblemNote problem={fleet.problem} onRetry={fleet.retry} />}
      {fleet.isLoading && fleet.cameras.length === 0 && <p className="quiet loading">Loading…</p>}
      {!fleet.isLoading && !fleet.problem && fleet.cameras.length === 0 && (
        <Empty title="No cameras." />
      )}
      {fleet.cameras.length > 0 && (
        <div className="fleet-columns">
          <FleetTable
            cameras={fleet.cameras}
            canPlan={canPlan}
            planned={planned}
            onPlan={(camera, tier) => setPlanned(tier === '' ? null : { camera, tier })}
          />
          {fleet.hasMore && (
            <button type="button" className="button" onClick={fleet.loadMore}>
              More cameras
            </button>
          )}
          <p className="quiet">{fleet.assumptions}.</p>
        </div>
      )}
      {planned && (
        <TierPlan
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
