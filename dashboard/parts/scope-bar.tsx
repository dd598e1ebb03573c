import { useCameras } from '../client/hooks';
import { formatRoute, parseRoute } from '../logic/route';
import { Choice } from './filter-bar';

/** What the queries are asked about. Days as `2026-11-20`, both included. */
export interface Scope {
  readonly site: string;
  readonly camera: string;
  readonly from: string;
  readonly to: string;
}

/** Chooses period and place. */
export function ScopeBar({ scope }: { readonly scope: Scope }) {
  const cameras = useCameras();
  const names = (cameras.data ?? []).map(({ camera }) => camera);
  const sites = [...new Set(names.map((name) => name.split('/')[0]!))].sort();
  const change = (next: Partial<Scope>): void => {
    // What the address says: a choice made a moment ago may not be drawn yet.
    const chosen = parseRoute(window.location.hash).settings;
    window.location.hash = formatRoute({
      page: 'analytics',
      settings: { ...scope, ...chosen, ...next },
    });
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
