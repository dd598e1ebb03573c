import { useState } from 'react';
import { nowMs } from '../client/api';
import { HERE } from '../client/events';
import { activityColumns, type HourActivity, stacked } from '../logic/activity-plot';
import { dateOf } from '../logic/time-scale';
import { durationOf } from '../logic/words';
import { Choice } from './filter-bar';
import { Plot } from './plot';
import { Query, type QueryProps } from './query';
import { ClassName } from './snapshot';

/** Minutes of presence by class, over hours or days. */
export function ActivityByHour({ query }: QueryProps) {
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
