import { type AnalyticsSums, finishAnswer, p95Rank } from '../../core/analytics-answers';
import type {
  AnalyticsAnswer,
  AnalyticsQueryName,
  AnalyticsScope,
} from '../../core/analytics-queries';
import { type Piece, piecesOf } from '../../core/period-pieces';
import type { AnalyticsReader } from '../../core/ports';
import { SPANS_MS, SUMMED } from './analytics-spans';
import type { Database, Row, Value } from './database';
import { NumberList, valueAtRank } from './value-at-rank';

const HOUR_MS = 3_600_000;
const field = (name: string): string => `json_extract(row, '$.fields.${name}')`;
const TIER = "json_extract(row, '$.tier')";
/** Rows of versions before movingSeconds lack most of what is summed. */
const IS_WHOLE = `${field('movingSeconds')} IS NOT NULL`;
const sums = (of: (name: string, column: string) => string): string =>
  SUMMED.map(([name, column]) => `${of(name, column)} AS ${name}`).join(', ');

interface Source {
  /** Columns of one piece's rows, from sums or from the rows themselves. */
  readonly ofSpans: string;
  readonly ofRows: string;
  /** Within a piece. */
  readonly grouped?: { readonly spans: string; readonly rows: string };
}

const WORK: Source = {
  ofSpans: `SELECT camera, tier, segments, quiet_segments AS quietSegments, moving_seconds AS movingSeconds, ${sums((_, column) => column)} FROM analytics_spans`,
  ofRows: `SELECT camera, ${TIER} AS tier, 1 AS segments, ${field('movingSeconds')} = 0 AS quietSegments, ${field('movingSeconds')} AS movingSeconds, ${sums((name) => field(name))} FROM analytics`,
};
const PRESENCE: Source = {
  ofSpans:
    'SELECT start_ms AS atMs, class_name AS className, presence_seconds AS presenceSeconds, peak_count AS peakCount FROM analytics_presence',
  ofRows: `SELECT at_ms AS atMs, substr(key, 17) AS className, value AS presenceSeconds,
      json_extract(row, '$.fields."peakCount.' || substr(key, 17) || '"') AS peakCount
    FROM analytics, json_each(row, '$.fields')`,
};
/** An hour of all cameras as one text: a blob a camera and hour keeps the collector busy for longer than SQLite. */
const LAGS: Source = {
  ofSpans: "SELECT tier, group_concat(hex(lags), '') AS bytes, NULL AS listed FROM analytics_spans",
  ofRows: `SELECT ${TIER} AS tier, NULL AS bytes, json_group_array(${field('lagSeconds')}) AS listed FROM analytics`,
  grouped: { spans: ' GROUP BY tier, start_ms', rows: ' GROUP BY 1' },
};

/** The named queries over the sums of a data folder, and its rows where a period ends inside a span. */
export class SqliteAnalyticsReader implements AnalyticsReader {
  constructor(private readonly database: Database) {}

  async ask<Name extends AnalyticsQueryName>(
    query: Name,
    scope: AnalyticsScope,
  ): Promise<readonly AnalyticsAnswer<Name>[]> {
    if (scope.sites?.length === 0 || scope.cameras?.length === 0) return [];
    const sums = this[query](scope).map((row) => ({ ...row })) as unknown as AnalyticsSums[Name][];
    return finishAnswer(query, sums, scope);
  }

  private 'activity-by-hour'(scope: AnalyticsScope): Row[] {
    const outer = `strftime('%Y-%m-%dT%H:00:00.000Z', atMs / ${HOUR_MS} * ${HOUR_MS / 1000}, 'unixepoch') AS hour, className,
      SUM(presenceSeconds) AS presenceSeconds, MAX(peakCount) AS peakCount`;
    const rowsToo = " AND key LIKE 'presenceSeconds.%'";
    return this.over(PRESENCE, { outer, groups: 'atMs / 3600000, className', rowsToo }, scope);
  }

  private 'cost-by-tier'(scope: AnalyticsScope): Row[] {
    const outer = `tier, SUM(segments) AS segments, SUM(quietSegments) AS quietSegments, ${sums((name) => `SUM(${name})`)}`;
    return this.over(WORK, { outer, groups: 'tier' }, scope);
  }

  private 'busiest-cameras'(scope: AnalyticsScope): Row[] {
    const outer = 'camera, SUM(segments) AS segments, SUM(movingSeconds) AS movingSeconds';
    return this.over(WORK, { outer, groups: 'camera' }, scope);
  }

  private 'quiet-share'(scope: AnalyticsScope): Row[] {
    const outer = 'tier, SUM(segments) AS segments, SUM(quietSegments) AS quietSegments';
    return this.over(WORK, { outer, groups: 'tier' }, scope);
  }

  private 'work-by-camera'(scope: AnalyticsScope): Row[] {
    const outer = `camera, tier, SUM(segments) AS segments, SUM(quietSegments) AS quietSegments, SUM(movingSeconds) AS movingSeconds, ${sums((name) => `SUM(${name})`)}`;
    return this.over(WORK, { outer, groups: 'camera, tier' }, scope);
  }

  private 'lag-p95'(scope: AnalyticsScope): Row[] {
    const byTier = new Map<string, NumberList>();
    const { sql, values } = unionOf(LAGS, { scope });
    for (const { tier, bytes, listed } of this.database.all(sql, ...values)) {
      const known = byTier.get(String(tier)) ?? new NumberList();
      byTier.set(String(tier), known);
      if (bytes !== null) known.addBytes(Buffer.from(String(bytes), 'hex'));
      else known.add(JSON.parse(String(listed)) as number[]);
    }
    return [...byTier].map(([tier, list]) => {
      const lags = list.values();
      return { tier, segments: lags.length, p95Seconds: valueAtRank(lags, p95Rank(lags.length)) };
    });
  }

  /** Rows of all pieces of the scope's period, grouped. */
  private over(
    source: Source,
    {
      outer,
      groups,
      rowsToo,
    }: { readonly outer: string; readonly groups: string; readonly rowsToo?: string },
    scope: AnalyticsScope,
  ): Row[] {
    const { sql, values } = unionOf(source, { scope, rowsToo });
    return this.database.all(`SELECT ${outer} FROM (${sql}) GROUP BY ${groups}`, ...values);
  }
}

interface Asked {
  readonly scope: AnalyticsScope;
  /** What else holds for rows. */
  readonly rowsToo?: string | undefined;
}

/** All pieces of the scope's period. */
function unionOf(source: Source, asked: Asked): { sql: string; values: Value[] } {
  const { from, to } = asked.scope;
  const pieces = piecesOf(Date.parse(from), Date.parse(to), SPANS_MS);
  const parts = pieces.map((piece) => partOf(source, piece, asked));
  return {
    sql: parts.map(({ sql }) => sql).join(' UNION ALL '),
    values: parts.flatMap((part) => part.values),
  };
}

function partOf(
  { ofSpans, ofRows, grouped }: Source,
  { spanMs, fromMs, toMs }: Piece,
  { scope, rowsToo = '' }: Asked,
): { sql: string; values: Value[] } {
  const cameras = camerasOf(scope);
  if (spanMs === null) {
    const where = `at_ms >= ? AND at_ms < ? AND ${IS_WHOLE}${rowsToo}${cameras.sql}`;
    const sql = `${ofRows} WHERE ${where}${grouped?.rows ?? ''}`;
    return { sql, values: [fromMs, toMs, ...cameras.values] };
  }
  const where = `span_ms = ? AND start_ms >= ? AND start_ms < ?${cameras.sql}`;
  // Without statistics the planner takes the key, whose first part every camera of the time shares.
  const index = scope.cameras === null ? '' : ` INDEXED BY ${tableOf(ofSpans)}_by_camera`;
  return {
    sql: `${ofSpans}${index} WHERE ${where}${grouped?.spans ?? ''}`,
    values: [spanMs, fromMs, toMs, ...cameras.values],
  };
}

function camerasOf({ sites, cameras }: AnalyticsScope): { sql: string; values: Value[] } {
  const parts: string[] = [];
  const values: Value[] = [];
  if (sites !== null) {
    // "0" follows "/": what lies between is the site's own.
    parts.push(`(${sites.map(() => '(camera >= ? AND camera < ?)').join(' OR ')})`);
    values.push(...sites.flatMap((site) => [`${site}/`, `${site}0`]));
  }
  if (cameras !== null) {
    parts.push(`camera IN (${cameras.map(() => '?').join(', ')})`);
    values.push(...cameras);
  }
  return { sql: parts.map((part) => ` AND ${part}`).join(''), values };
}

function tableOf(select: string): string {
  return select.slice(select.lastIndexOf(' ') + 1);
}
