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
import { valueAtRank } from './value-at-rank';

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
const LAGS: Source = {
  ofSpans: 'SELECT tier, lags, NULL AS lag FROM analytics_spans',
  ofRows: `SELECT ${TIER} AS tier, NULL AS lags, ${field('lagSeconds')} AS lag FROM analytics`,
};

/** The named queries over the sums of a data folder, and its rows where a period ends inside a span. */
export class SqliteAnalyticsReader implements AnalyticsReader {
  constructor(private readonly database: Database) {}

  async ask<Name extends AnalyticsQueryName>(
    query: Name,
    scope: AnalyticsScope,
  ): Promise<readonly AnalyticsAnswer<Name>[]> {
    if (scope.sites?.length === 0) return [];
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

  private 'lag-p95'(scope: AnalyticsScope): Row[] {
    const byTier = new Map<string, Uint8Array[]>();
    for (const { tier, lags, lag } of this.over(LAGS, null, scope)) {
      const known = byTier.get(String(tier)) ?? [];
      byTier.set(String(tier), known);
      const isSum = lags instanceof Uint8Array;
      known.push(isSum ? lags : new Uint8Array(Float64Array.of(Number(lag)).buffer));
    }
    return [...byTier].map(([tier, parts]) => {
      const values = numbersOf(parts);
      const p95Seconds = valueAtRank(values, p95Rank(values.length));
      return { tier, segments: values.length, p95Seconds };
    });
  }

  /** Rows of all pieces of the scope's period, grouped where `grouped` says how. */
  private over(
    source: Source,
    grouped: { readonly outer: string; readonly groups: string; readonly rowsToo?: string } | null,
    scope: AnalyticsScope,
  ): Row[] {
    const pieces = piecesOf(Date.parse(scope.from), Date.parse(scope.to), SPANS_MS);
    const parts = pieces.map((piece) =>
      partOf(source, piece, { scope, rowsToo: grouped?.rowsToo }),
    );
    const all = parts.map(({ sql }) => sql).join(' UNION ALL ');
    const values = parts.flatMap((part) => part.values);
    const sql = grouped ? `SELECT ${grouped.outer} FROM (${all}) GROUP BY ${grouped.groups}` : all;
    return this.database.all(sql, ...values);
  }
}

function partOf(
  { ofSpans, ofRows }: Source,
  { spanMs, fromMs, toMs }: Piece,
  {
    scope,
    rowsToo = '',
  }: { readonly scope: AnalyticsScope; readonly rowsToo?: string | undefined },
): { sql: string; values: Value[] } {
  const cameras = camerasOf(scope);
  if (spanMs === null) {
    const where = `at_ms >= ? AND at_ms < ? AND ${IS_WHOLE}${rowsToo}${cameras.sql}`;
    return { sql: `${ofRows} WHERE ${where}`, values: [fromMs, toMs, ...cameras.values] };
  }
  const where = `span_ms = ? AND start_ms >= ? AND start_ms < ?${cameras.sql}`;
  // Without statistics the planner takes the key, whose first part every camera of the time shares.
  const index = scope.camera === null ? '' : ` INDEXED BY ${tableOf(ofSpans)}_by_camera`;
  return {
    sql: `${ofSpans}${index} WHERE ${where}`,
    values: [spanMs, fromMs, toMs, ...cameras.values],
  };
}

function camerasOf({ sites, camera }: AnalyticsScope): { sql: string; values: Value[] } {
  const parts: string[] = [];
  const values: Value[] = [];
  if (sites !== null) {
    // "0" follows "/": what lies between is the site's own.
    parts.push(`(${sites.map(() => '(camera >= ? AND camera < ?)').join(' OR ')})`);
    values.push(...sites.flatMap((site) => [`${site}/`, `${site}0`]));
  }
  if (camera !== null) {
    parts.push('camera = ?');
    values.push(camera);
  }
  return { sql: parts.map((part) => ` AND ${part}`).join(''), values };
}

function tableOf(select: string): string {
  return select.slice(select.lastIndexOf(' ') + 1);
}

/** All numbers of parts of 8 bytes each, copied into one: there are tens of thousands of parts. */
function numbersOf(parts: readonly Uint8Array[]): Float64Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new Float64Array(all.buffer);
}
