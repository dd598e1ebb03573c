import { isOutdated } from '../../core/analytics-row';
import type { AnalyticsRow, AnalyticsStore } from '../../core/ports';
import { addToSpans, sumAllOnce, sumSpansAnew } from './analytics-spans';
import type { Database } from './database';

const PAGE = 500;

/**
 * The time series: one row a segment and range; a later analysis of the same range takes its place, an earlier one not. Sums
 * over hours and five minutes are kept beside the rows, in the same transaction.
 */
export class SqliteAnalytics implements AnalyticsStore {
  constructor(private readonly database: Database) {
    sumAllOnce(database);
  }

  async write(rows: readonly AnalyticsRow[]): Promise<void> {
    this.database.transaction(() => {
      for (const row of rows) this.writeOne(row);
    });
  }

  /** A row takes its range's place, whether there was one before or not. */
  private writeOne({ hasEarlier: _, ...row }: AnalyticsRow): void {
    const { segmentKey, range, camera } = row;
    const [atMs, text] = [Date.parse(row.at), JSON.stringify(row)];
    const known = this.database.get(
      'SELECT camera, at_ms, row FROM analytics WHERE segment_key = ? AND range = ?',
      segmentKey,
      range,
    );
    if (known?.row === text) return;
    if (known && isOutdated(row, JSON.parse(String(known.row)) as AnalyticsRow)) return;
    const sql = 'INSERT OR REPLACE INTO analytics VALUES (?, ?, ?, ?, ?)';
    this.database.run(sql, segmentKey, range, camera, atMs, text);
    if (!known) {
      addToSpans(this.database, row);
      return;
    }
    sumSpansAnew(this.database, String(known.camera), Number(known.at_ms));
    sumSpansAnew(this.database, camera, atMs);
  }

  /** By time; in pages, so that a long read holds up no writer. */
  async *rows({
    camera,
    from,
    to,
  }: Parameters<AnalyticsStore['rows']>[0]): AsyncIterable<AnalyticsRow> {
    const toMs = to === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(to);
    const sql = `SELECT at_ms, segment_key, range, row FROM analytics
      WHERE ${camera === undefined ? '' : 'camera = ? AND'} at_ms < ? AND (at_ms, segment_key, range) > (?, ?, ?)
      ORDER BY at_ms, segment_key, range LIMIT ${PAGE}`;
    let last: [number, string, string] = [from === undefined ? 0 : Date.parse(from), '', ''];
    for (;;) {
      const page = this.database.all(sql, ...(camera === undefined ? [] : [camera]), toMs, ...last);
      for (const { row } of page) {
        const { currentAt: _, ...told } = JSON.parse(String(row)) as AnalyticsRow;
        yield told;
      }
      const end = page.at(-1);
      if (!end || page.length < PAGE) return;
      last = [Number(end.at_ms), String(end.segment_key), String(end.range)];
    }
  }
}
