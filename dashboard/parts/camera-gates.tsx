import { useMemo } from 'react';
import { reportCamera } from '../../core/camera-report';
import type { SegmentPage, SegmentSummary } from '../client/answers';
import { nowMs } from '../client/api';
import { useAnswer } from '../client/hooks';
import { formatRoute } from '../logic/route';
import { counted, durationOf } from '../logic/words';
import { Answer, Empty } from './notes';
import { type Column, Table } from './table';
import { momentOf } from './when';

const GATE_HOURS = 2;
const SHOWN_SEGMENTS = 500;

/** Two hours up to an instant. */
function gateQuery(camera: string, untilMs: number) {
  return {
    camera,
    since: new Date(untilMs - GATE_HOURS * 3_600_000).toISOString(),
    until: new Date(untilMs).toISOString(),
    limit: SHOWN_SEGMENTS,
  };
}

/** Segments of the last hours, and why each was decoded or not. @param until of the last footage; null: not known yet */
export function Gates({
  camera,
  until,
  timezone,
}: {
  readonly camera: string;
  readonly until: string | null;
  readonly timezone: string;
}) {
  const untilMs = useMemo(nowMs, []);
  const columns = useMemo(() => columnsAt(timezone), [timezone]);
  const recent = useAnswer<SegmentPage>('segments', gateQuery(camera, untilMs));
  // Footage that landed late, or none for a while: the hours in which something was seen last.
  const isOld = until !== null && recent.data?.segments.length === 0;
  const old = useAnswer<SegmentPage>(
    isOld ? 'segments' : null,
    gateQuery(camera, until === null ? untilMs : Date.parse(until)),
  );
  return (
    <Answer of={isOld ? old : recent}>
      {({ segments: all, nextCursor }) =>
        all.length === 0 ? (
          <Empty title="No segment of these hours was analysed." />
        ) : (
          <>
            <Oddities camera={camera} segments={all} />
            <Table
              label="Segments and what was done with each"
              className="gates is-cards"
              columns={columns}
              rows={all.toReversed()}
              keyOf={({ segmentKey, range }) => `${segmentKey} ${range}`}
            />
            {nextCursor !== null && <p className="quiet">There are more than {SHOWN_SEGMENTS}.</p>}
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

function columnsAt(timezone: string): Column<SegmentSummary>[] {
  return [
    {
      head: 'Segment',
      kind: 'name',
      cell: ({ camera, startedAt }) => (
        <a
          href={formatRoute({
            page: 'playback',
            path: camera.split('/'),
            settings: { at: startedAt },
          })}
        >
          {momentOf(startedAt, timezone)}
        </a>
      ),
    },
    {
      head: 'Packet gate',
      cell: ({ packetGate: { verdict } }) => (
        <span className={`verdict is-${verdict}`}>{verdict}</span>
      ),
    },
    { head: 'Why', cell: ({ packetGate }) => packetGate.reason },
    { head: 'Sampled', kind: 'number', cell: ({ framesSampled }) => framesSampled },
    { head: 'Decoded', kind: 'number', cell: ({ framesDecoded }) => framesDecoded },
    { head: 'Inferred', kind: 'number', cell: ({ framesInferred }) => framesInferred },
  ];
}
