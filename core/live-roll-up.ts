import { SUMMED_FIELDS } from './roll-up';

/** What LiveAnalytics sums a clock hour by. */
export const LIVE_ROLL_UP_DIMENSIONS = ['site', 'camera', 'tier'] as const;
/** Numbers of a summed hour, by the type that LiveAnalytics keeps. */
export const LIVE_ROLL_UP_MEASURES: Readonly<Record<string, 'BIGINT' | 'DOUBLE'>> = {
  segments: 'BIGINT',
  quietSegments: 'BIGINT',
  ...Object.fromEntries(SUMMED_FIELDS.map((name) => [name, 'DOUBLE' as const])),
  longestLagSeconds: 'DOUBLE',
};
/** Each run sums the hours of the last day anew, so that rows which come late count. */
const LOOK_BACK = '24h';

/** The statement of the hourly scheduled query. @param table as "database"."table" */
export function liveRollUpSql({
  database,
  table,
}: {
  readonly database: string;
  readonly table: string;
}): string {
  const dimensions = LIVE_ROLL_UP_DIMENSIONS.map((name) => `"${name}"`).join(', ');
  const sums = SUMMED_FIELDS.map((name) => `SUM("${name}") AS "${name}"`).join(', ');
  return [
    `SELECT bin(time, 1h) AS "hour", ${dimensions}, COUNT(*) AS "segments",`,
    `SUM(CASE WHEN "movingSeconds" = 0 THEN 1 ELSE 0 END) AS "quietSegments", ${sums},`,
    `MAX("lagSeconds") AS "longestLagSeconds"`,
    `FROM "${database}"."${table}"`,
    `WHERE measure_name = 'segment' AND time >= bin(@scheduled_runtime, 1h) - ${LOOK_BACK} AND time < bin(@scheduled_runtime, 1h)`,
    `GROUP BY bin(time, 1h), ${dimensions}`,
  ].join(' ');
}
