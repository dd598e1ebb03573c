import { useMemo } from 'react';
import { reportCamera } from '../../core/camera-report';
import type {
  AnalyticsRows,
  CameraCost,
  EventPage,
  ResolvedCamera,
  SegmentPage,
  SegmentSummary,
} from '../client/answers';
import { nowMs } from '../client/api';
import { useLatestEvent } from '../client/events';
import { useAnswer } from '../client/hooks';
import { type HourActivity, hoursOfDay, stacked } from '../logic/activity-plot';
import { formatRoute } from '../logic/route';
import { counted, durationOf } from '../logic/words';
import { AreaDrawing } from '../parts/area-drawing';
import { CameraChooser } from '../parts/camera-chooser';
import { CameraSettingsTable } from '../parts/camera-settings';
import { CostLines } from '../parts/cost-lines';
import { Answer, Empty } from '../parts/notes';
import { Plot } from '../parts/plot';
import { Scroller } from '../parts/scroller';
import { ClassName } from '../parts/snapshot';
import { momentOf, placeOf, When } from '../parts/when';

const WEEK_MS = 7 * 86_400_000;
const GATE_HOURS = 2;
const SHOWN_SEGMENTS = 500;

/** One camera: how it is set, what it sees, why its gates decided, what it costs. */
export function CameraPage({ camera }: { readonly camera: string | null }) {
  if (camera === null) return <CameraChooser page="camera" title="Cameras" />;
  return <OneCamera camera={camera} />;
}

function OneCamera({ camera }: { readonly camera: string }) {
  const resolved = useAnswer<ResolvedCamera>(`cameras/${camera}`);
  const latest = useLatestEvent(camera, true);
  // The week that ends with what was seen last: footage may be older than this week.
  const period = useMemo(() => {
    const untilMs = latest ? Math.min(nowMs(), Date.parse(latest.endedAt) + 3_600_000) : nowMs();
    return {
      since: new Date(untilMs - WEEK_MS).toISOString(),
      until: new Date(untilMs).toISOString(),
    };
  }, [latest]);
  const isKnown = latest !== undefined;
  const pictures = useAnswer<EventPage>(isKnown ? 'events' : null, {
    camera,
    ...period,
    zone: 'frame',
    order: 'newest',
    limit: 20,
  });
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
                </div>
                <div className="camera-side">
                  <section aria-labelledby="cost-title">
                    <h2 id="cost-title">Cost</h2>
                    <Cost camera={camera} period={period} isReady={isKnown} />
                  </section>
                  <section aria-labelledby="settings-title">
                    <h2 id="settings-title">Settings</h2>
                    <CameraSettingsTable camera={found} />
                  </section>
                </div>
                <section aria-labelledby="gates-title" className="is-wide">
                  <h2 id="gates-title">What the gates decided</h2>
                  <Gates camera={camera} period={period} isReady={isKnown} timezone={timezone} />
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

/** Two hours up to an instant. */
function gateQuery(camera: string, untilMs: number) {
  return {
    camera,
    since: new Date(untilMs - GATE_HOURS * 3_600_000).toISOString(),
    until: new Date(untilMs).toISOString(),
    limit: SHOWN_SEGMENTS,
  };
}

function Gates({ camera, period, isReady, timezone }: PartProps & { timezone: string }) {
  const untilMs = useMemo(nowMs, []);
  const recent = useAnswer<SegmentPage>('segments', gateQuery(camera, untilMs));
  // Footage that landed late, or none for a while: the hours in which something was seen last.
  const isOld = isReady && recent.data?.segments.length === 0;
  const old = useAnswer<SegmentPage>(
    isOld ? 'segments' : null,
    gateQuery(camera, Date.parse(period.until)),
  );
  return (
    <Answer of={isOld ? old : recent}>
      {({ segments: all, nextCursor }) =>
        all.length === 0 ? (
          <Empty title="No segment of these hours was analysed." />
        ) : (
          <>
            <Oddities camera={camera} segments={all} />
            <Scroller label="What the gates decided">
              <table className="table gates">
                <caption className="unseen">Segments and what was done with each</caption>
                <thead>
                  <tr>
                    <th scope="col">Segment</th>
                    <th scope="col">Packet gate</th>
                    <th scope="col">Why</th>
                    <th scope="col" className="number">
                      Sampled
                    </th>
                    <th scope="col" className="number">
                      Decoded
                    </th>
                    <th scope="col" className="number">
                      Inferred
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {all.toReversed().map((segment) => (
                    <GateRow
                      key={`${segment.segmentKey} ${segment.range}`}
                      segment={segment}
                      timezone={timezone}
                    />
                  ))}
                </tbody>
              </table>
              {nextCursor !== null && (
                <p className="quiet">There are more than {SHOWN_SEGMENTS}.</p>
              )}
            </Scroller>
          </>
        )
      }
    </Answer>
  );
}

/** What the segments say about the camera itself: a clock that is off, recordings that overlap. */
function Oddities({
  camera,
  segments,
}: {
  readonly camera: string;
  readonly segments: readonly SegmentSummary[];
}) {
  const { clockAheadSeconds, overlaps } = reportCamera(camera, segments);
  const [first] = overlaps;
  return (
    <>
      {clockAheadSeconds > 0 && (
        <p className="note is-warning">
          The clock of this camera is at least {durationOf(clockAheadSeconds)} ahead: set it by NTP.
        </p>
      )}
      {first && (
        <p className="note is-warning">
          {counted(overlaps.length, 'segment overlaps', 'segments overlap')} others, such as{' '}
          {first.segmentKey} by {durationOf(first.seconds)}: two recorders, or a clock that was set
          back.
        </p>
      )}
    </>
  );
}

function GateRow({
  segment,
  timezone,
}: {
  readonly segment: SegmentSummary;
  readonly timezone: string;
}) {
  const { packetGate, startedAt, camera } = segment;
  return (
    <tr>
      <th scope="row">
        <a
          href={formatRoute({
            page: 'playback',
            path: camera.split('/'),
            settings: { at: startedAt },
          })}
        >
          {momentOf(startedAt, timezone)}
        </a>
      </th>
      <td>
        <span className={`verdict is-${packetGate.verdict}`}>{packetGate.verdict}</span>
      </td>
      <td>{packetGate.reason}</td>
      <td className="number">{segment.framesSampled}</td>
      <td className="number">{segment.framesDecoded}</td>
      <td className="number">{segment.framesInferred}</td>
    </tr>
  );
}

function periodName({ since, until }: PartProps['period'], timezone: string): string {
  return `${momentOf(since, timezone)} to ${momentOf(until, timezone)}`;
}
