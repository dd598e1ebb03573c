import type { AnalyticsRow, AnalyticsStore } from '../../core/ports';
import type { Database } from './database';

const PAGE = 500;

/** The time series: one row a segment and range; a later analysis of the same range takes its place. */
export class SqliteAnalytics implements AnalyticsStore {
  constructor(private readonly database: Database) {}

  async write(rows: readonly AnalyticsRow[]): Promise<void> {
    this.database.transaction(() => {
      for (const row of rows) {
        this.database.run(
          'INSERT OR REPLACE INTO analytics VALUES (?, ?, ?, ?, ?)',
          row.segmentKey,
          row.range,
          row.camera,
          Date.parse(row.at),
          JSON.stringify(row),
        );
      }
    });
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
      for (const row of page) yield JSON.parse(String(row.row)) as AnalyticsRow;
      const end = page.at(-1);
      if (!end || page.length < PAGE) return;
      last = [Number(end.at_ms), String(end.segment_key), String(end.range)];
    }
  }
}
