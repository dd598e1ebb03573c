import { useMemo } from 'react';
import type { AnalyticsRows, CameraCost, ResolvedCamera } from '../client/answers';
import { useAnswer } from '../client/hooks';
import { useEventsOfWeek, useLatestWeek } from '../client/latest-week';
import { type HourActivity, hoursOfDay, stacked } from '../logic/activity-plot';
import { formatRoute } from '../logic/route';
import { counted } from '../logic/words';
import { AreaDrawing } from '../parts/area-drawing';
import { CameraChooser } from '../parts/camera-chooser';
import { Gates } from '../parts/camera-gates';
import { CameraSettingsTable } from '../parts/camera-settings';
import { CostLines } from '../parts/cost-lines';
import { Answer, Empty } from '../parts/notes';
import { Plot } from '../parts/plot';
import { ClassName } from '../parts/snapshot';
import { momentOf, placeOf, When } from '../parts/when';

/** One camera: how it is set, what it sees, why its gates decided, what it costs. */
export function CameraPage({ camera }: { readonly camera: string | null }) {
  if (camera === null) return <CameraChooser page="camera" title="Cameras" />;
  return <OneCamera camera={camera} />;
}

function OneCamera({ camera }: { readonly camera: string }) {
  const resolved = useAnswer<ResolvedCamera>(`cameras/${camera}`);
  const week = useLatestWeek(camera);
  const { since, until, isKnown } = week;
  const period = useMemo(() => ({ since, until }), [since, until]);
  const pictures = useEventsOfWeek(week, { camera, limit: 20 });
  const snapshotKey =
    pictures.data?.events.find((event) => event.snapshotKey !== null)?.snapshotKey ?? null;
  const [site, name] = camera.split('/');
  return (
    <>
      <header className="page-head">
        <h1>
          <span className="quiet">{site}/</span>
          {name}
        </h1>
        <p className="actions">
          <a
            className="button is-main"
            href={formatRoute({ page: 'playback', path: [site!, name!] })}
          >
            Play its footage
          </a>
        </p>
      </header>
      <Answer of={resolved}>
        {(found) => {
          const { timezone } = found.settings;
          return (
            <>
              <State camera={found} />
              <div className="camera-columns">
                <div className="camera-side">
                  <section aria-labelledby="areas-title">
                    <h2 id="areas-title">Zones and masks</h2>
                    <AreaDrawing camera={found} snapshotKey={snapshotKey} />
                  </section>
                  <section aria-labelledby="activity-title">
                    <h2 id="activity-title">Activity by hour of the day</h2>
                    <Activity
                      camera={camera}
                      period={period}
                      isReady={isKnown}
                      timezone={timezone}
                    />
                  </section>
                  <section aria-labelledby="cost-title">
                    <h2 id="cost-title">Cost</h2>
                    <Cost camera={camera} period={period} isReady={isKnown} />
                  </section>
                </div>
                <div className="camera-side">
                  <section aria-labelledby="settings-title">
                    <h2 id="settings-title">Settings</h2>
                    <CameraSettingsTable camera={found} />
                  </section>
                </div>
                <section aria-labelledby="gates-title" className="is-wide">
                  <h2 id="gates-title">What the gates decided</h2>
                  <Gates
                    camera={camera}
                    until={isKnown ? period.until : null}
                    timezone={timezone}
                  />
                </section>
              </div>
            </>
          );
        }}
      </Answer>
    </>
  );
}

interface PartProps {
  readonly camera: string;
  readonly period: { readonly since: string; readonly until: string };
  readonly isReady: boolean;
}

function State({ camera }: { readonly camera: ResolvedCamera }) {
  const { timezone } = camera.settings;
  return (
    <p className="lead">
      {camera.silentSince ? (
        <strong className="is-warning">
          Silent since <When at={camera.silentSince} timezone={timezone} />.
        </strong>
      ) : camera.lastLandedAt ? (
        <>
          Heard <When at={camera.lastLandedAt} timezone={timezone} />.
        </>
      ) : (
        'Nothing has landed yet.'
      )}{' '}
      Times are {placeOf(timezone)}’s.
      {!camera.isKnown && ' The fleet file does not name it: it has its site’s settings.'}
    </p>
  );
}

function Activity({ camera, period, isReady, timezone }: PartProps & { timezone: string }) {
  const activity = useAnswer<AnalyticsRows<HourActivity>>(
    isReady ? 'analytics/activity-by-hour' : null,
    { camera, ...period },
  );
  return (
    <Answer of={activity}>
      {({ rows }) => {
        const classes = hoursOfDay(rows, timezone);
        if (classes.length === 0) return <Empty title="Nothing was seen in this week." />;
        const sums = stacked(classes.map(({ minutes }) => minutes));
        return (
          <>
            <Plot
              label={`Minutes with ${classes.map(({ className }) => className).join(', ')} in the picture by hour of the day, ${periodName(period, timezone)}`}
              x={Array.from({ length: 24 }, (_, hour) => hour)}
              series={classes.map(({ className }, index) => ({
                name: className,
                values: sums[index]!,
              }))}
              xLabelOf={(hour) => `${String(hour).padStart(2, '0')}:00`}
              yLabelOf={(minutes) => `${Number(minutes.toFixed(2))} min`}
              heightPx={190}
            />
            <p className="plot-note quiet">
              <span>
                {classes.map(({ className }) => (
                  <ClassName key={className} name={className} />
                ))}
              </span>
              <span>{periodName(period, timezone)}</span>
            </p>
          </>
        );
      }}
    </Answer>
  );
}

function Cost({ camera, period, isReady }: PartProps) {
  const cost = useAnswer<CameraCost>(isReady ? `cameras/${camera}/cost` : null, period);
  return (
    <Answer of={cost}>
      {({ lines, totalUsdPerMonth, segments, assumptions }) =>
        totalUsdPerMonth === null ? (
          <Empty title="No footage of this week was measured, so no cost is known." />
        ) : (
          <>
            <CostLines lines={lines} totalUsdPerMonth={totalUsdPerMonth} />
            <p className="quiet">
              By {counted(segments, 'segment')}. {assumptions}.
            </p>
          </>
        )
      }
    </Answer>
  );
}

function periodName({ since, until }: PartProps['period'], timezone: string): string {
  return `${momentOf(since, timezone)} to ${momentOf(until, timezone)}`;
}
