import * as z from 'zod';
import {
  AnalyticsAnswerError,
  type AnalyticsSums,
  finishAnswer,
  p95Rank,
  parseAnswer,
} from '../../core/analytics-answers';
import type {
  AnalyticsAnswer,
  AnalyticsQueryName,
  AnalyticsScope,
} from '../../core/analytics-queries';
import { COST_FIELDS } from '../../core/analytics-row';
import { SUMMED_FIELDS } from '../../core/roll-up';
import { CURRENT } from './line-protocol';

const cell = z.union([z.number(), z.string(), z.boolean(), z.null()]);

/** What `/query` answers: one result a statement. Unknown fields are InfluxDB's to add. */
export const influxAnswerSchema = z.looseObject({
  results: z.array(
    z.looseObject({
      error: z.string().optional(),
      series: z
        .array(
          z.looseObject({
            tags: z.record(z.string(), z.string()).optional(),
            columns: z.array(z.string()),
            values: z.array(z.array(cell)),
          }),
        )
        .optional(),
    }),
  ),
});
export type InfluxAnswer = z.infer<typeof influxAnswerSchema>;

/** Sends statements, `;` between them; the answer has one result for each. */
export type AskInflux = (statements: string) => Promise<InfluxAnswer>;

/** One point of a result: its tags and its columns by name; what is null is absent. */
type Point = Readonly<Record<string, number | string | boolean>>;

/** A scope, and the WHERE of its points, without the word. */
interface Where {
  readonly where: string;
  readonly limit: number;
}

type Ask = {
  readonly [Name in AnalyticsQueryName]: (
    scope: Where,
    ask: AskInflux,
  ) => Promise<readonly AnalyticsSums[Name][]>;
};

const IS_QUIET = '"movingSeconds" = 0';
const TIER = '"tier"';
const CAMERA_TIER = '"camera", "tier"';

const ASK: Ask = {
  'activity-by-hour': async (scope, ask) => {
    const [points = []] = await pointsOf(
      ask,
      `SELECT SUM(/^presenceSeconds\\./), MAX(/^peakCount\\./) FROM "segment" WHERE ${scope.where} GROUP BY time(1h) fill(none)`,
    );
    return points.flatMap(hourSums);
  },
  'cost-by-tier': async (scope, ask) => {
    const [totals = [], quiet = []] = await pointsOf(
      ask,
      `SELECT ${workOf(COST_FIELDS)} FROM "segment" WHERE ${scope.where} GROUP BY "tier"`,
      quietBy(TIER, scope),
    );
    return totals.map((point) => workSums(point, quietOf(quiet, point)));
  },
  'lag-p95': async (scope, ask) => {
    const [counts = []] = await pointsOf(
      ask,
      `SELECT COUNT("lagSeconds") AS "segments" FROM "segment" WHERE ${scope.where} GROUP BY "tier"`,
    );
    if (counts.length === 0) return [];
    const answers = await pointsOf(
      ask,
      ...counts.map(
        ({ tier, segments }) =>
          `SELECT PERCENTILE("lagSeconds", ${percentOf(Number(segments))}) AS "p95Seconds" FROM "segment" WHERE ${scope.where} AND "tier" = ${quoted(String(tier))}`,
      ),
    );
    return counts.map(({ tier, segments }, index) => ({
      tier: String(tier),
      segments: Number(segments),
      p95Seconds: numberOf(answers[index]?.[0] ?? {}, 'p95Seconds'),
    }));
  },
  'busiest-cameras': async (scope, ask) => {
    const byCamera = `SELECT SUM("movingSeconds") AS "movingSeconds", COUNT("movingSeconds") AS "segments" FROM "segment" WHERE ${scope.where} GROUP BY "camera"`;
    const [top = []] = await pointsOf(
      ask,
      `SELECT TOP("movingSeconds", ${scope.limit}) AS "movingSeconds" FROM (${byCamera})`,
    );
    if (top.length === 0) return [];
    // Equal cameras are told apart by name, here: so all that reach the last place come back.
    const least = Math.min(...top.map((point) => numberOf(point, 'movingSeconds'))) - 0.001;
    const [cameras = []] = await pointsOf(
      ask,
      `SELECT "movingSeconds", "segments" FROM (${byCamera}) WHERE "movingSeconds" > ${Math.max(0, least)} GROUP BY "camera"`,
    );
    return cameras.map((point) => ({
      camera: String(point.camera),
      segments: numberOf(point, 'segments'),
      movingSeconds: numberOf(point, 'movingSeconds'),
    }));
  },
  'quiet-share': async (scope, ask) => {
    const [totals = [], quiet = []] = await pointsOf(
      ask,
      `SELECT COUNT("movingSeconds") AS "segments" FROM "segment" WHERE ${scope.where} GROUP BY "tier"`,
      quietBy(TIER, scope),
    );
    return totals.map((point) => ({
      tier: String(point.tier),
      segments: numberOf(point, 'segments'),
      quietSegments: quietOf(quiet, point),
    }));
  },
  'work-by-camera': async (scope, ask) => {
    const [totals = [], quiet = []] = await pointsOf(
      ask,
      `SELECT ${workOf(SUMMED_FIELDS)} FROM "segment" WHERE ${scope.where} GROUP BY ${CAMERA_TIER}`,
      quietBy(CAMERA_TIER, scope),
    );
    return totals.map((point) => ({
      camera: String(point.camera),
      ...workSums(point, quietOf(quiet, point)),
      movingSeconds: numberOf(point, 'movingSeconds'),
    }));
  },
};

function workOf(names: readonly string[]): string {
  const sums = names.map((name) => `SUM("${name}") AS "${name}"`).join(', ');
  return `COUNT("movingSeconds") AS "segments", ${sums}`;
}

function workSums(point: Point, quietSegments: number): AnalyticsSums['cost-by-tier'] {
  return {
    tier: String(point.tier),
    segments: numberOf(point, 'segments'),
    quietSegments,
    footageSeconds: numberOf(point, 'footageSeconds'),
    cpuSeconds: numberOf(point, 'cpuSeconds'),
    bytesRead: numberOf(point, 'bytesRead'),
    rowsWritten: numberOf(point, 'rowsWritten'),
    snapshotsWritten: numberOf(point, 'snapshotsWritten'),
    snapshotBytes: numberOf(point, 'snapshotBytes'),
    workUsd: numberOf(point, 'workUsd'),
  };
}

/**
 * Answers a named query by InfluxQL, which InfluxDB 1, 2 (by a DBRP mapping) and 3 speak. Where one statement
 * can't be exact it takes two: PERCENTILE rounds n·p/100 half up, so it is asked for the percentage of the
 * nearest rank; TOP leaves equal cameras to chance, so it only finds the last place.
 * @throws {AnalyticsAnswerError} for a statement that was refused and an answer of another form
 */
export async function askInfluxql<Name extends AnalyticsQueryName>(
  query: Name,
  scope: AnalyticsScope,
  ask: AskInflux,
): Promise<readonly AnalyticsAnswer<Name>[]> {
  if (scope.sites?.length === 0 || scope.cameras?.length === 0) return [];
  const conditions = conditionsOf(scope);
  const where = [...conditions, ...(await currentIn(conditions, ask))].join(' AND ');
  return finishAnswer(query, await ASK[query]({ where, limit: scope.limit }, ask), scope);
}

/**
 * Conditions that leave out, of ranges that were analysed more than once, every point but that of the last analysis.
 * @param conditions of the points that are asked for
 */
export async function currentIn(conditions: readonly string[], ask: AskInflux): Promise<string[]> {
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  const [points = []] = await pointsOf(
    ask,
    `SELECT "segmentKey", "range", "revision" FROM "${CURRENT}"${where}`,
  );
  const last = new Map<string, Point>();
  for (const point of points) {
    const id = JSON.stringify([point.segmentKey, point.range]);
    if (String(point.revision) > String(last.get(id)?.revision ?? '')) last.set(id, point);
  }
  return [...last.values()].map((point) => {
    const [segmentKey, range, revision] = ['segmentKey', 'range', 'revision'].map((name) =>
      quoted(String(point[name])),
    );
    // A point from before there was another has no revision: it equals none.
    return `("segmentKey" != ${segmentKey} OR "range" != ${range} OR "revision" = ${revision})`;
  });
}

function conditionsOf({ sites, cameras, from, to }: AnalyticsScope): string[] {
  const parts = [`time >= '${from}'`, `time < '${to}'`];
  if (sites !== null) parts.push(anyOf('site', sites));
  if (cameras !== null) parts.push(anyOf('camera', cameras));
  return parts;
}

function anyOf(tag: string, values: readonly string[]): string {
  return `(${values.map((one) => `"${tag}" = ${quoted(one)}`).join(' OR ')})`;
}

function quietBy(tags: string, scope: Where): string {
  return `SELECT COUNT("movingSeconds") AS "segments" FROM "segment" WHERE ${scope.where} AND ${IS_QUIET} GROUP BY ${tags}`;
}

/** @param quiet by the same tags as the point */
function quietOf(quiet: readonly Point[], { tier, camera }: Point): number {
  const found = quiet.find((point) => point.tier === tier && point.camera === camera);
  return Number(found?.segments ?? 0);
}

/** The percentage by which InfluxDB's rank, ⌊n·p/100 + ½⌋, is the nearest rank. */
function percentOf(n: number): number {
  return (100 * p95Rank(n)) / n;
}

function hourSums({ time, ...columns }: Point): AnalyticsSums['activity-by-hour'][] {
  return Object.entries(columns).flatMap(([column, value]) => {
    const className = /^sum_presenceSeconds\.(.+)$/.exec(column)?.[1];
    if (className === undefined) return [];
    return [
      {
        hour: new Date(time as string | number).toISOString(),
        className,
        presenceSeconds: Number(value),
        peakCount: Number(columns[`max_peakCount.${className}`] ?? 0),
      },
    ];
  });
}

/** Asks, and gives the points of each statement. @throws {AnalyticsAnswerError} */
export async function pointsOf(ask: AskInflux, ...statements: string[]): Promise<Point[][]> {
  const { results } = parseAnswer(influxAnswerSchema, await ask(statements.join('; ')));
  return results.map(({ error, series = [] }) => {
    if (error !== undefined) throw new AnalyticsAnswerError(`"${error}"`);
    return series.flatMap(({ tags, columns, values }) =>
      values.map((cells) => ({
        ...Object.fromEntries(
          columns.flatMap((column, index) => {
            const value = cells[index] ?? null;
            return value === null ? [] : [[column, value]];
          }),
        ),
        ...tags,
      })),
    );
  });
}

function numberOf(point: Point, column: string): number {
  const value = point[column];
  if (typeof value === 'number') return value;
  throw new AnalyticsAnswerError(`"${value}" as "${column}"`);
}

/** A string of InfluxQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
