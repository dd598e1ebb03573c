import { useMemo } from 'react';
import type { Camera } from '../client/answers';
import { nowMs } from '../client/api';
import { HERE } from '../client/events';
import { type EventFilters, isDay, PERIODS } from '../logic/event-filters';
import type { ListedEvent } from '../logic/listed-event';
import { dateOf } from '../logic/time-scale';
import { DateField } from './date-field';

/** Narrows a list of events. */
export function FilterBar({
  filters,
  cameras,
  events,
  onChange,
}: {
  readonly filters: EventFilters;
  readonly cameras: readonly Camera[];
  readonly events: readonly ListedEvent[];
  readonly onChange: (next: Partial<EventFilters>) => void;
}) {
  const { site, camera, className, zone, period } = filters;
  const names = useMemo(() => cameras.map((one) => one.camera), [cameras]);
  const sites = useMemo(() => unique(names.map((name) => name.split('/')[0]!)), [names]);
  const ofSite = site === '' ? names : names.filter((name) => name.startsWith(`${site}/`));
  const { classes, zones } = useMemo(() => namesIn(events), [events]);
  return (
    <fieldset className="filters" aria-label="Filters">
      <Choice
        label="Site"
        value={site}
        onChange={(value) => onChange({ site: value, camera: '' })}
        options={[['', 'All sites'], ...sites.map(same)]}
      />
      <Choice
        label="Camera"
        value={camera}
        onChange={(value) => onChange({ camera: value })}
        options={[['', 'All cameras'], ...ofSite.map(same)]}
      />
      <Choice
        label="Class"
        value={className}
        onChange={(value) => onChange({ className: value })}
        options={[['', 'All classes'], ...unique([...classes, ...one(className)]).map(same)]}
      />
      <Choice
        label="Zone"
        value={zone}
        onChange={(value) => onChange({ zone: value })}
        options={[
          ['frame', 'Whole picture'],
          ['any', 'Every zone'],
          ...unique([...zones, ...one(zone)])
            .filter((name) => name !== 'frame' && name !== 'any')
            .map(same),
        ]}
      />
      <Choice
        label="Time"
        value={isDay(period) ? 'date' : period}
        onChange={(value) => onChange({ period: value === 'date' ? dateOf(nowMs(), HERE) : value })}
        options={[
          ...Object.entries(PERIODS).map(([name, { label }]): Option => [name, label]),
          ['date', 'One day…'],
        ]}
      />
      {isDay(period) && (
        <DateField label="Day" value={period} onDay={(day) => onChange({ period: day })} />
      )}
    </fieldset>
  );
}

type Option = readonly [value: string, label: string];

/** A labelled choice of one of several. */
export function Choice({
  label,
  value,
  options,
  onChange,
  isLabelShown = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
  readonly isLabelShown?: boolean;
}) {
  return (
    <label className="choice">
      <span className={isLabelShown ? 'choice-label' : 'unseen'}>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Classes and zones of a list that may be long. */
function namesIn(events: readonly ListedEvent[]) {
  const classes = new Set<string>();
  const zones = new Set<string>();
  for (const { className, zone } of events) {
    classes.add(className);
    zones.add(zone);
  }
  zones.delete('frame');
  return { classes: [...classes].sort(), zones: [...zones].sort() };
}

function same(text: string): Option {
  return [text, text];
}

function one(text: string): string[] {
  return text === '' ? [] : [text];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
