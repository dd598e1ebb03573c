import type { AnalyticsRow } from '../../core/ports';
import type { Database } from './database';

/** Rows are summed over hours and, for the ends of a period, over five minutes (ms). */
export const SPANS_MS = [3_600_000, 300_000] as const;
const PAGE = 5000;

/** Adds a row that is new to the sums of its spans; part of the caller's transaction. */
export function addToSpans(database: Database, row: AnalyticsRow): void {
  for (const spanMs of SPANS_MS) addTo(database, spanMs, row);
}

/** Sums the spans that hold an instant of a camera anew from its rows; part of the caller's transaction. */
export function sumSpansAnew(database: Database, camera: string, atMs: number): void {
  for (const spanMs of SPANS_MS) {
    const startMs = Math.floor(atMs / spanMs) * spanMs;
    for (const table of ['analytics_spans', 'analytics_presence']) {
      const sql = `DELETE FROM ${table} WHERE span_ms = ? AND start_ms = ? AND camera = ?`;
      database.run(sql, spanMs, startMs, camera);
    }
    const sql = 'SELECT row FROM analytics WHERE camera = ? AND at_ms >= ? AND at_ms < ?';
    for (const { row } of database.all(sql, camera, startMs, startMs + spanMs)) {
      addTo(database, spanMs, JSON.parse(String(row)) as AnalyticsRow);
    }
  }
}

/** Makes the sums of a database that has rows from before there were any. */
export function sumAllOnce(database: Database): void {
  const hasSums = database.get('SELECT 1 FROM analytics_spans LIMIT 1') !== undefined;
  if (hasSums || !database.get('SELECT 1 FROM analytics LIMIT 1')) return;
  const sql = 'SELECT rowid AS id, row FROM analytics WHERE rowid > ? ORDER BY rowid LIMIT ?';
  database.transaction(() => {
    let last = -1;
    for (;;) {
      const page = database.all(sql, last, PAGE);
      for (const { row } of page) addToSpans(database, JSON.parse(String(row)) as AnalyticsRow);
      if (page.length < PAGE) return;
      last = Number(page.at(-1)!.id);
    }
  });
}

function addTo(
  database: Database,
  spanMs: number,
  { at, camera, tier, fields }: AnalyticsRow,
): void {
  const { movingSeconds } = fields;
  // Rows of versions before movingSeconds lack most of what is summed.
  if (movingSeconds === undefined) return;
  const startMs = Math.floor(Date.parse(at) / spanMs) * spanMs;
  const of = (name: string): number => fields[name] ?? 0;
  database.run(
    ADD,
    ...[spanMs, startMs, camera, tier, 1, Number(movingSeconds === 0), movingSeconds],
    ...SUMMED.map(([name]) => of(name)),
    new Uint8Array(Float64Array.of(of('lagSeconds')).buffer),
  );
  for (const [name, seconds] of Object.entries(fields)) {
    if (!name.startsWith(PRESENCE)) continue;
    const className = name.slice(PRESENCE.length);
    const peak = of(`peakCount.${className}`);
    database.run(ADD_PRESENCE, spanMs, startMs, camera, className, seconds, peak);
  }
}

const PRESENCE = 'presenceSeconds.';
/** Fields of a row and their columns. */
export const SUMMED = [
  ['footageSeconds', 'footage_seconds'],
  ['cpuSeconds', 'cpu_seconds'],
  ['bytesRead', 'bytes_read'],
  ['rowsWritten', 'rows_written'],
  ['snapshotsWritten', 'snapshots_written'],
  ['snapshotBytes', 'snapshot_bytes'],
  ['workUsd', 'work_usd'],
] as const;
const ADDED = [
  'segments',
  'quiet_segments',
  'moving_seconds',
  ...SUMMED.map(([, column]) => column),
];
const ADD = `INSERT INTO analytics_spans
  (span_ms, start_ms, camera, tier, ${ADDED.join(', ')}, lags) VALUES (?, ?, ?, ?, ${ADDED.map(() => '?').join(', ')}, ?)
  ON CONFLICT DO UPDATE SET ${ADDED.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')},
    lags = CAST(lags || excluded.lags AS BLOB)`;
const ADD_PRESENCE = `INSERT INTO analytics_presence VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET presence_seconds = presence_seconds + excluded.presence_seconds,
    peak_count = MAX(peak_count, excluded.peak_count)`;
