import * as z from 'zod';
import {
  AnalyticsAnswerError,
  type AnalyticsSums,
  finishAnswer,
  parseAnswer,
} from '../../core/analytics-answers';
import type {
  AnalyticsAnswer,
  AnalyticsQueryName,
  AnalyticsScope,
} from '../../core/analytics-queries';
import { COST_FIELDS } from '../../core/analytics-row';
import { SUMMED_FIELDS } from '../../core/roll-up';

/** One page of Timestream's `Query`: the columns, and rows of scalars. */
export const liveAnalyticsPageSchema = z.looseObject({
  ColumnInfo: z.array(z.looseObject({ Name: z.string() })),
  Rows: z.array(
    z.looseObject({
      Data: z.array(
        z.looseObject({ ScalarValue: z.string().optional(), NullValue: z.boolean().optional() }),
      ),
    }),
  ),
});

/** Sends one statement and gives all its pages, the SDK's `QueryResponse` each. */
export type AskLiveAnalytics = (sql: string) => Promise<readonly unknown[]>;

export interface LiveAnalyticsTable {
  readonly database: string;
  readonly table: string;
}

type Row = Readonly<Record<string, string>>;
type Sql = (scope: AnalyticsScope, table: LiveAnalyticsTable) => string;

const QUIET = 'SUM(CASE WHEN "movingSeconds" = 0 THEN 1 ELSE 0 END) AS "quietSegments"';

/** The SQL of each named query whose columns are known beforehand. */
const SQL: Readonly<Record<Exclude<AnalyticsQueryName, 'activity-by-hour'>, Sql>> = {
  'cost-by-tier': (scope, table) =>
    `SELECT "tier", COUNT(*) AS "segments", ${QUIET}, ${sumsOfFields(COST_FIELDS)} ${fromWhere(scope, table)} GROUP BY "tier"`,
  'lag-p95': (scope, table) =>
    `SELECT "tier", "segments", "lagSeconds" AS "p95Seconds" FROM (SELECT "tier", "lagSeconds", ROW_NUMBER() OVER (PARTITION BY "tier" ORDER BY "lagSeconds") AS "place", COUNT(*) OVER (PARTITION BY "tier") AS "segments" ${fromWhere(scope, table)}) WHERE "place" = ("segments" * 95 + 99) / 100`,
  'busiest-cameras': (scope, table) =>
    `SELECT "camera", COUNT(*) AS "segments", SUM("movingSeconds") AS "movingSeconds" ${fromWhere(scope, table)} GROUP BY "camera" HAVING SUM("movingSeconds") > 0 ORDER BY ROUND(SUM("movingSeconds"), 3) DESC, "camera" ASC LIMIT ${scope.limit}`,
  'quiet-share': (scope, table) =>
    `SELECT "tier", COUNT(*) AS "segments", ${QUIET} ${fromWhere(scope, table)} GROUP BY "tier"`,
  'work-by-camera': (scope, table) =>
    `SELECT "camera", "tier", COUNT(*) AS "segments", ${QUIET}, ${sumsOfFields(SUMMED_FIELDS)} ${fromWhere(scope, table)} GROUP BY "camera", "tier"`,
};

function sumsOfFields(names: readonly string[]): string {
  return names.map((name) => `SUM("${name}") AS "${name}"`).join(', ');
}

/** The statement that names a table's columns: one pair of them a class. */
export function describeTable(table: LiveAnalyticsTable): string {
  return `DESCRIBE ${nameOf(table)}`;
}

/** The SQL of `activity-by-hour`: a pair of columns a class. */
export function activitySql(
  classNames: readonly string[],
  scope: AnalyticsScope,
  table: LiveAnalyticsTable,
): string {
  const columns = classNames.flatMap((name) => [
    `SUM(${identifier(`presenceSeconds.${name}`)}) AS ${identifier(`seconds.${name}`)}`,
    `MAX(${identifier(`peakCount.${name}`)}) AS ${identifier(`peak.${name}`)}`,
  ]);
  return `SELECT bin(time, 1h) AS "hour", ${columns.join(', ')} ${fromWhere(scope, table)} GROUP BY bin(time, 1h)`;
}

/** The SQL of every other named query. */
export function liveAnalyticsSql(
  query: Exclude<AnalyticsQueryName, 'activity-by-hour'>,
  scope: AnalyticsScope,
  table: LiveAnalyticsTable,
): string {
  return SQL[query](scope, table);
}

/** The SQL that gives back whole rows, by time. */
export function rowsSql(
  { camera, from, to }: { readonly camera?: string; readonly from?: string; readonly to?: string },
  table: LiveAnalyticsTable,
): string {
  const parts = [
    `measure_name = 'segment'`,
    ...(from === undefined ? [] : [`time >= from_iso8601_timestamp(${quoted(from)})`]),
    ...(to === undefined ? [] : [`time < from_iso8601_timestamp(${quoted(to)})`]),
    ...(camera === undefined ? [] : [`"camera" = ${quoted(camera)}`]),
  ];
  return `SELECT * FROM ${nameOf(table)} WHERE ${parts.join(' AND ')} ORDER BY time ASC`;
}

/** The rows of all pages by column name; what is null is absent. @throws {AnalyticsAnswerError} */
export function decodePages(pages: readonly unknown[]): Row[] {
  return pages.flatMap((page) => {
    const { ColumnInfo, Rows } = parseAnswer(liveAnalyticsPageSchema, page);
    return Rows.map(({ Data }) =>
      Object.fromEntries(
        ColumnInfo.flatMap(({ Name }, index) => {
          const value = Data[index]?.ScalarValue;
          return value === undefined ? [] : [[Name, value]];
        }),
      ),
    );
  });
}

/**
 * Answers a named query by Timestream for LiveAnalytics' SQL.
 * @throws {AnalyticsAnswerError} for an answer of another form
 */
export async function askLiveAnalytics<Name extends AnalyticsQueryName>(
  query: Name,
  scope: AnalyticsScope,
  { ask, table }: { readonly ask: AskLiveAnalytics; readonly table: LiveAnalyticsTable },
): Promise<readonly AnalyticsAnswer<Name>[]> {
  if (scope.sites?.length === 0 || scope.cameras?.length === 0) return [];
  if (query !== 'activity-by-hour') {
    const sql = liveAnalyticsSql(query, scope, table);
    return finishAnswer(query, decodePages(await ask(sql)).map(sumsOf<Name>), scope);
  }
  const columns = decodePages(await ask(describeTable(table)));
  const classNames = columns.flatMap(
    ({ Column = '' }) => /^presenceSeconds\.(.+)$/.exec(Column)?.[1] ?? [],
  );
  if (classNames.length === 0) return [];
  const rows = decodePages(await ask(activitySql(classNames, scope, table)));
  return finishAnswer(query, rows.flatMap(hourSums) as AnalyticsSums[Name][], scope);
}

/** Numbers come as text; only names are not numbers. */
function sumsOf<Name extends AnalyticsQueryName>(row: Row): AnalyticsSums[Name] {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      column === 'tier' || column === 'camera' ? value : numberOf(column, value),
    ]),
  ) as unknown as AnalyticsSums[Name];
}

function hourSums({ hour = '', ...columns }: Row): AnalyticsSums['activity-by-hour'][] {
  return Object.entries(columns).flatMap(([column, value]) => {
    const className = /^seconds\.(.+)$/.exec(column)?.[1];
    if (className === undefined) return [];
    return [
      {
        hour: new Date(`${hour.slice(0, 19).replace(' ', 'T')}Z`).toISOString(),
        className,
        presenceSeconds: numberOf(column, value),
        peakCount: numberOf(column, columns[`peak.${className}`] ?? '0'),
      },
    ];
  });
}

function numberOf(column: string, value: string): number {
  const number = Number(value);
  if (Number.isFinite(number)) return number;
  throw new AnalyticsAnswerError(`"${value}" as "${column}"`);
}

function fromWhere(
  { sites, cameras, from, to }: AnalyticsScope,
  table: LiveAnalyticsTable,
): string {
  const parts = [
    `time >= from_iso8601_timestamp('${from}')`,
    `time < from_iso8601_timestamp('${to}')`,
    `measure_name = 'segment'`,
  ];
  if (sites !== null) parts.push(`"site" IN (${sites.map(quoted).join(', ')})`);
  if (cameras !== null) parts.push(`"camera" IN (${cameras.map(quoted).join(', ')})`);
  return `FROM ${nameOf(table)} WHERE ${parts.join(' AND ')}`;
}

function nameOf({ database, table }: LiveAnalyticsTable): string {
  return `${identifier(database)}.${identifier(table)}`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
