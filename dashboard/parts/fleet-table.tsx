import type { CameraTiers } from '../client/answers';
import { formatRoute } from '../logic/route';
import { percent, usd } from '../logic/words';
import { Bar } from './bar';
import { Choice } from './filter-bar';

/** Cameras with tier, activity, cost and the tier that suits them; on a phone a card each. */
export function FleetTable({
  cameras,
  canPlan,
  planned,
  onPlan,
}: {
  readonly cameras: readonly CameraTiers[];
  readonly canPlan: boolean;
  readonly planned: { readonly camera: string; readonly tier: string } | null;
  readonly onPlan: (camera: string, tier: string) => void;
}) {
  return (
    <table className="table fleet is-cards">
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
        {cameras.map((one) => (
          <Row
            key={one.camera}
            camera={one}
            canPlan={canPlan}
            planned={planned?.camera === one.camera ? planned.tier : ''}
            onPlan={(tier) => onPlan(one.camera, tier)}
          />
        ))}
      </tbody>
    </table>
  );
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
      <td data-label="Tier">
        {tier}
        <span className="quiet"> {lane}</span>
      </td>
      <td data-label="Something moves">
        {activity.movingRatio === null ? (
          <span className="quiet">no footage</span>
        ) : (
          <span className="share">
            <Bar ratio={activity.movingRatio} />
            {percent(activity.movingRatio)}
          </span>
        )}
      </td>
      <td className="number" data-label="A month">
        {own?.usdPerMonth == null ? '–' : usd(own.usdPerMonth)}
        {own && !own.isMeasured && <span className="quiet"> assumed</span>}
      </td>
      <td data-label="Suggested">
        <span className={suggestion.tier === tier ? 'quiet' : 'is-news'}>{suggestion.tier}</span>
        <span className="why">{suggestion.why}</span>
      </td>
      {canPlan && (
        <td data-label="Change to">
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
