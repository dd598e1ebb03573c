import type { z } from 'zod';
import {
  ANALYTICS_QUERIES,
  type AnalyticsAnswer,
  type AnalyticsQueryName,
  type AnalyticsScope,
} from './analytics-queries';
import { TierwatchError } from './errors';

/** A time series answered in a form that its rows can't have, or refused. */
export class AnalyticsAnswerError extends TierwatchError {
  override readonly name = 'AnalyticsAnswerError';
  constructor(found: string) {
    super(
      `"segment": expected the time series to answer the named query, found ${found.slice(0, 300)}; check that it holds the rows that this version writes`,
      { code: 'analytics-answer', retryable: true },
    );
  }
}

/** @throws {AnalyticsAnswerError} */
export function parseAnswer<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AnalyticsAnswerError(`${issue?.path.join('.') || 'answer'}: ${issue?.message}`);
}

const HOURS_PER_MONTH = 730;

/** What a time series sums up, before it is rounded, put in order and divided. */
export interface AnalyticsSums {
  readonly 'activity-by-hour': AnalyticsAnswer<'activity-by-hour'>;
  readonly 'cost-by-tier': Omit<AnalyticsAnswer<'cost-by-tier'>, 'usdPerCameraMonth'>;
  readonly 'lag-p95': AnalyticsAnswer<'lag-p95'>;
  readonly 'busiest-cameras': AnalyticsAnswer<'busiest-cameras'>;
  readonly 'quiet-share': Omit<AnalyticsAnswer<'quiet-share'>, 'quietRatio'>;
  readonly 'work-by-camera': AnalyticsAnswer<'work-by-camera'>;
}

type Finish = {
  readonly [Name in AnalyticsQueryName]: (
    sums: readonly AnalyticsSums[Name][],
    scope: AnalyticsScope,
  ) => readonly AnalyticsAnswer<Name>[];
};

const FINISH: Finish = {
  'activity-by-hour': (sums) =>
    sums
      .map((one) => ({ ...one, presenceSeconds: toMs(one.presenceSeconds) }))
      .filter(({ presenceSeconds }) => presenceSeconds > 0)
      .sort((a, b) => compare(a.hour, b.hour) || compare(a.className, b.className)),
  'cost-by-tier': (sums) =>
    byTier(sums).map((one) => ({
      ...roundedWork(one),
      usdPerCameraMonth:
        one.footageSeconds > 0
          ? toNano((one.workUsd / one.footageSeconds) * 3600 * HOURS_PER_MONTH)
          : null,
    })),
  'lag-p95': (sums) => byTier(sums).map((one) => ({ ...one, p95Seconds: toMs(one.p95Seconds) })),
  'busiest-cameras': (sums, { limit }) =>
    sums
      .map((one) => ({ ...one, movingSeconds: toMs(one.movingSeconds) }))
      .filter(({ movingSeconds }) => movingSeconds > 0)
      .sort((a, b) => b.movingSeconds - a.movingSeconds || compare(a.camera, b.camera))
      .slice(0, limit),
  'quiet-share': (sums) =>
    byTier(sums).map((one) => ({ ...one, quietRatio: one.quietSegments / one.segments })),
  'work-by-camera': (sums) =>
    byTier(sums)
      .map((one) => ({ ...roundedWork(one), movingSeconds: toMs(one.movingSeconds) }))
      .sort((a, b) => compare(a.camera, b.camera)),
};

/**
 * The answer to a named query from what any time series has summed: checked, rounded to ms and 10⁻⁹ dollars
 * (sums of floating-point numbers depend on their order), in order. So every time series answers the same.
 * @throws {AnalyticsAnswerError} where a time series gave what its rows can't hold
 */
export function finishAnswer<Name extends AnalyticsQueryName>(
  query: Name,
  sums: readonly AnalyticsSums[Name][],
  scope: AnalyticsScope,
): readonly AnalyticsAnswer<Name>[] {
  const row: z.ZodType<AnalyticsAnswer<AnalyticsQueryName>> = ANALYTICS_QUERIES[query].row;
  return FINISH[query](sums, scope).map((one) => parseAnswer(row, one) as AnalyticsAnswer<Name>);
}

/** Rank of the 95th percentile of `n` values in order, from 1: nearest rank. */
export function p95Rank(n: number): number {
  return Math.ceil((n * 95) / 100);
}

function byTier<One extends { readonly tier: string }>(sums: readonly One[]): One[] {
  return sums.toSorted((a, b) => compare(a.tier, b.tier));
}

function roundedWork<Work extends AnalyticsSums['cost-by-tier']>(work: Work): Work {
  return {
    ...work,
    footageSeconds: toMs(work.footageSeconds),
    cpuSeconds: toMs(work.cpuSeconds),
    workUsd: toNano(work.workUsd),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function toMs(seconds: number): number {
  return Math.round(seconds * 1e3) / 1e3;
}

function toNano(usd: number): number {
  return Math.round(usd * 1e9) / 1e9;
}
