import type { Change, ChangePage, SegmentChange } from '../../core/changes';
import type { Rejection } from '../../core/ports';
import { parseSegmentKey } from '../../core/segment-key';
import type { SegmentItem } from '../../core/segment-result';
import type { Database, Row, Value } from './database';

/** Changes that are kept to go on from; a reader that was away for longer starts anew. */
const KEPT = 100_000;
const PAGE = 500;

/** Notes that an item has become the current one; part of the caller's transaction. */
export function logItem(database: Database, item: SegmentItem): void {
  const { segmentKey, camera, status, analysedAt, startedAt, endedAt } = item;
  const span = [Date.parse(startedAt), Date.parse(endedAt)];
  append(database, [segmentKey, camera, status, Date.parse(analysedAt), ...span]);
}

/** Notes that a file was rejected; part of the caller's transaction. */
export function logRejection(database: Database, { key, at }: Rejection): void {
  append(database, [key, cameraOf(key), 'quarantined', Date.parse(at), null, null]);
}

function append(database: Database, values: readonly Value[]): void {
  const sql =
    'INSERT INTO changes (segment_key, camera, status, at_ms, started_ms, ended_ms) VALUES (?, ?, ?, ?, ?, ?)';
  database.run(sql, ...values);
  database.run('DELETE FROM changes WHERE number <= last_insert_rowid() - ?', KEPT);
}

function cameraOf(key: string): string | null {
  try {
    return parseSegmentKey(key).camera;
  } catch {
    return null;
  }
}

/** The log of what became current or was rejected, in the order in which it was committed. */
export class SqliteChanges {
  constructor(private readonly database: Database) {}

  /** What came behind a number, a page at most. */
  async changes(since: number): Promise<ChangePage> {
    const last = Number(
      this.database.get("SELECT seq FROM sqlite_sequence WHERE name = 'changes'")?.seq ?? 0,
    );
    if (since === last) return { changes: [], last, isComplete: true };
    const first = Number(this.database.get('SELECT MIN(number) AS first FROM changes')?.first ?? 0);
    // A number from a data folder that was moved away lies ahead of this one's.
    if (since > last || since < first - 1) return { changes: [], last, isComplete: false };
    const sql = `SELECT * FROM changes WHERE number > ? ORDER BY number LIMIT ${PAGE}`;
    return { changes: this.database.all(sql, since).map(changeOf), last, isComplete: true };
  }
}

function changeOf(row: Row): Change {
  const atMs = Number(row.at_ms);
  const span = row.started_ms === null ? null : [Number(row.started_ms), Number(row.ended_ms)];
  return {
    number: Number(row.number),
    segment: {
      segmentKey: String(row.segment_key),
      camera: row.camera === null ? null : String(row.camera),
      status: row.status as SegmentChange['status'],
      at: isoOf(atMs),
      lagSeconds: span === null ? null : Math.max(0, (atMs - span[1]!) / 1000),
    },
    period: span === null ? null : { from: isoOf(span[0]!), to: isoOf(span[1]!) },
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
