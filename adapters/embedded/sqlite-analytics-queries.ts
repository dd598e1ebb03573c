import { type AnalyticsSums, finishAnswer } from '../../core/analytics-answers';
import type {
  AnalyticsAnswer,
  AnalyticsQueryName,
  AnalyticsScope,
} from '../../core/analytics-queries';
import type { AnalyticsReader } from '../../core/ports';
import type { Database, Value } from './database';

const field = (name: string): string => `json_extract(row, '$.fields.${name}')`;
const TIER = "json_extract(row, '$.tier')";
const SUMMED = [
  'footageSeconds',
  'cpuSeconds',
  'bytesRead',
  'rowsWritten',
  'snapshotsWritten',
  'snapshotBytes',
  'workUsd',
];
const IS_QUIET = `${field('movingSeconds')} = 0`;

/** The SQL of each named query; `where` selects the rows. */
const SQL: Readonly<Record<AnalyticsQueryName, (where: string) => string>> = {
  'activity-by-hour': (where) => `
    SELECT strftime('%Y-%m-%dT%H:00:00.000Z', at_ms / 1000, 'unixepoch') AS hour,
      substr(key, 17) AS className, SUM(value) AS presenceSeconds,
      MAX(json_extract(row, '$.fields."peakCount.' || substr(key, 17) || '"')) AS peakCount
    FROM analytics, json_each(row, '$.fields')
    WHERE ${where} AND key LIKE 'presenceSeconds.%' GROUP BY hour, className`,
  'cost-by-tier': (where) => `
    SELECT ${TIER} AS tier, COUNT(*) AS segments, SUM(${IS_QUIET}) AS quietSegments,
      ${SUMMED.map((name) => `SUM(${field(name)}) AS ${name}`).join(', ')}
    FROM analytics WHERE ${where} GROUP BY tier`,
  'lag-p95': (where) => `
    SELECT tier, segments, lagSeconds AS p95Seconds FROM (
      SELECT ${TIER} AS tier, ${field('lagSeconds')} AS lagSeconds,
        ROW_NUMBER() OVER (PARTITION BY ${TIER} ORDER BY ${field('lagSeconds')}) AS place,
        COUNT(*) OVER (PARTITION BY ${TIER}) AS segments
      FROM analytics WHERE ${where}
    ) WHERE place = (segments * 95 + 99) / 100`,
  'busiest-cameras': (where) => `
    SELECT camera, COUNT(*) AS segments, SUM(${field('movingSeconds')}) AS movingSeconds
    FROM analytics WHERE ${where} GROUP BY camera`,
  'quiet-share': (where) => `
    SELECT ${TIER} AS tier, COUNT(*) AS segments, SUM(${IS_QUIET}) AS quietSegments
    FROM analytics WHERE ${where} GROUP BY tier`,
};

/** The named queries over the rows of a data folder. */
export class SqliteAnalyticsReader implements AnalyticsReader {
  constructor(private readonly database: Database) {}

  async ask<Name extends AnalyticsQueryName>(
    query: Name,
    scope: AnalyticsScope,
  ): Promise<readonly AnalyticsAnswer<Name>[]> {
    if (scope.sites?.length === 0) return [];
    const { where, values } = conditionOf(scope);
    const rows = this.database.all(SQL[query](where), ...values);
    const sums = rows.map((row) => ({ ...row })) as unknown as AnalyticsSums[Name][];
    return finishAnswer(query, sums, scope);
  }
}

function conditionOf({ sites, camera, from, to }: AnalyticsScope): {
  where: string;
  values: Value[];
} {
  // Rows of versions before movingSeconds lack most of what is summed.
  const parts = ['at_ms >= ? AND at_ms < ?', `${field('movingSeconds')} IS NOT NULL`];
  const values: Value[] = [Date.parse(from), Date.parse(to)];
  if (sites !== null) {
    // "0" follows "/": what lies between is the site's own.
    parts.push(`(${sites.map(() => '(camera >= ? AND camera < ?)').join(' OR ')})`);
    values.push(...sites.flatMap((site) => [`${site}/`, `${site}0`]));
  }
  if (camera !== null) {
    parts.push('camera = ?');
    values.push(camera);
  }
  return { where: parts.join(' AND '), values };
}
