import { DatabaseSync } from 'node:sqlite';
import { askLiveAnalytics, describeTable } from '../../../adapters/aws/live-analytics-queries';
import { rowTimeNs } from '../../../core/analytics-time';
import type { AnalyticsRow } from '../../../core/ports';
import { analyticsReaderContract } from '../../contracts/analytics-reader';

const TABLE = { database: 'tierwatch-dev', table: 'segments' };
const NAME = '"tierwatch-dev"."segments"';
const DIMENSIONS = ['site', 'camera', 'tier', 'lane', 'model'] as const;

/**
 * Runs LiveAnalytics' SQL on SQLite: a stand-in, not the service. The two share the standard part that the
 * named queries are made of (aggregates, CASE, window functions); what is Timestream's own is put in its place:
 * `bin`, `from_iso8601_timestamp`, `DESCRIBE`, and that a record is known by its dimensions and time.
 */
class LiveAnalyticsStandIn {
  private readonly sqlite = new DatabaseSync(':memory:');
  private readonly columns = new Set<string>();

  constructor() {
    const dimensions = DIMENSIONS.map((name) => `"${name}" TEXT`).join(', ');
    this.sqlite.exec(`ATTACH ':memory:' AS "tierwatch-dev"; CREATE TABLE ${NAME}
      (time TEXT, measure_name TEXT, ${dimensions}, PRIMARY KEY (time, ${DIMENSIONS.join(', ')}))`);
    this.sqlite.function('from_iso8601_timestamp', (text) => `${String(text).slice(0, -1)}000000`);
    this.sqlite.function('bin_hour', (time) => `${String(time).slice(0, 13)}:00:00.000000000`);
  }

  async write(rows: readonly AnalyticsRow[]): Promise<void> {
    for (const row of rows) {
      for (const column of Object.keys(row.fields)) this.addColumn(column);
      const time = `${row.at.slice(0, -1)}${rowTimeNs(row).slice(-6)}`;
      const values = [time, 'segment', ...DIMENSIONS.map((name) => row[name])];
      const fields = Object.entries(row.fields);
      const names = ['time', 'measure_name', ...DIMENSIONS, ...fields.map(([name]) => name)];
      this.sqlite
        .prepare(
          `INSERT OR REPLACE INTO ${NAME} (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
        )
        .run(...values, ...fields.map(([, value]) => value));
    }
  }

  async ask(sql: string): Promise<readonly unknown[]> {
    if (sql === describeTable(TABLE)) {
      return [
        pageOf(
          ['Column'],
          [...this.columns].map((Column) => ({ Column })),
        ),
      ];
    }
    const statement = this.sqlite.prepare(sql.replaceAll('bin(time, 1h)', 'bin_hour(time)'));
    const names = statement.columns().map(({ name }) => name);
    const rows = statement.all() as Record<string, unknown>[];
    const middle = Math.ceil(rows.length / 2);
    return [pageOf(names, rows.slice(0, middle)), pageOf(names, rows.slice(middle))];
  }

  close(): void {
    this.sqlite.close();
  }

  private addColumn(name: string): void {
    if (this.columns.has(name)) return;
    this.columns.add(name);
    this.sqlite.exec(`ALTER TABLE ${NAME} ADD COLUMN "${name}" REAL`);
  }
}

function pageOf(names: readonly string[], rows: readonly Record<string, unknown>[]) {
  return {
    ColumnInfo: names.map((Name) => ({ Name })),
    Rows: rows.map((row) => ({
      Data: names.map((name) =>
        row[name] === null ? { NullValue: true } : { ScalarValue: String(row[name]) },
      ),
    })),
  };
}

analyticsReaderContract('LiveAnalytics’ SQL on a SQLite stand-in', () => {
  const standIn = new LiveAnalyticsStandIn();
  const deps = { table: TABLE, ask: (sql: string) => standIn.ask(sql) };
  return {
    store: standIn,
    reader: { ask: (query, scope) => askLiveAnalytics(query, scope, deps) },
    close: () => standIn.close(),
  };
});
