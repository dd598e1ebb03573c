import { go } from '../client/entries';
import { useCameras } from '../client/hooks';
import { parseRoute } from '../logic/route';
import { DateField } from './date-field';
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
    go({ page: 'analytics', settings: { ...scope, ...chosen, ...next } });
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
      <DateField
        label="From"
        isLabelShown
        value={scope.from}
        max={scope.to}
        onDay={(from) => change({ from })}
      />
      <DateField
        label="to"
        isLabelShown
        value={scope.to}
        min={scope.from}
        onDay={(to) => change({ to })}
      />
    </fieldset>
  );
}
