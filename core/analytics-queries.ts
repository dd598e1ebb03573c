import * as z from 'zod';
import { TierwatchError } from './errors';
import { NAME_PATTERN } from './segment-key';

const DAY_MS = 86_400_000;
/** Where no start is asked for, the period is this long (days). */
export const DEFAULT_PERIOD_DAYS = 7;

const count = z.number().int().min(0);
const amount = z.number().min(0);
const instant = z.iso.datetime({ precision: 3 });
const tier = z.string().min(1);

/** Cameras at most that one question names: a page of them. */
export const MAX_CAMERAS = 500;
const camera = z.string().regex(new RegExp(`^${NAME_PATTERN}/${NAME_PATTERN}$`));

/** What a named query may be asked with; unknown fields are refused. */
export const analyticsParamsSchema = z.strictObject({
  site: z
    .string()
    .regex(new RegExp(`^${NAME_PATTERN}$`))
    .optional()
    .describe('Only this site'),
  camera: camera.optional().describe('Only this site/camera'),
  cameras: z.array(camera).max(MAX_CAMERAS).optional().describe('Only these, in the place of one'),
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .describe(
      `Segments that start at this instant or later; default: ${DEFAULT_PERIOD_DAYS} days before until`,
    ),
  until: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Segments that start before this instant; default: now'),
  limit: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('Rows at most, of a query that ranks; default: 10'),
});
export type AnalyticsParams = z.infer<typeof analyticsParamsSchema>;

/** Presence of one class in the footage of one clock hour (UTC), by the start of its segments. */
const hourActivitySchema = z.strictObject({
  hour: instant.describe('Start of the clock hour, UTC'),
  className: z.string(),
  presenceSeconds: amount.describe('Seconds with the class in the picture, summed over cameras'),
  peakCount: count.describe('Most seen at once by one camera'),
});

const tierCostSchema = z.strictObject({
  tier,
  segments: count,
  quietSegments: count.describe('Segments in which nothing moved'),
  footageSeconds: amount,
  cpuSeconds: amount,
  bytesRead: amount,
  rowsWritten: amount,
  snapshotsWritten: amount,
  snapshotBytes: amount,
  workUsd: amount.describe('Compute and requests of these segments at list prices (USD)'),
  usdPerCameraMonth: amount
    .nullable()
    .describe('workUsd of 730 hours of such footage (USD); null without footage'),
});

const tierLagSchema = z.strictObject({
  tier,
  segments: count,
  p95Seconds: amount.describe(
    'From the end of a segment to its rows: nearest rank, ⌈0.95 n⌉; without a time series on AWS at most 1 % above it (s)',
  ),
});

const cameraActivitySchema = z.strictObject({
  camera: z.string(),
  segments: count,
  movingSeconds: amount.describe('Seconds with something moving in the picture'),
});

const cameraWorkSchema = z.strictObject({
  camera: z.string(),
  ...tierCostSchema.omit({ usdPerCameraMonth: true }).shape,
  movingSeconds: amount.describe('Seconds with something moving in the picture'),
});

const tierQuietSchema = z.strictObject({
  tier,
  segments: count,
  quietSegments: count.describe('Segments in which nothing moved; parked things may stand in them'),
  quietRatio: z.number().min(0).max(1).describe('quietSegments / segments (0-1)'),
});

/** The named queries: each with what it tells, its longest period and the schema of a row. */
export const ANALYTICS_QUERIES = {
  'activity-by-hour': {
    summary: 'presence by clock hour (UTC) and class',
    maxDays: 62,
    isRanked: false,
    row: hourActivitySchema,
  },
  'cost-by-tier': {
    summary: 'work done and its dollars by tier',
    maxDays: 400,
    isRanked: false,
    row: tierCostSchema,
  },
  'lag-p95': {
    summary: 'seconds from the end of a segment to its rows by tier, 95th percentile',
    maxDays: 62,
    isRanked: false,
    row: tierLagSchema,
  },
  'busiest-cameras': {
    summary: 'cameras by seconds with something moving, most first',
    maxDays: 400,
    isRanked: true,
    row: cameraActivitySchema,
  },
  'quiet-share': {
    summary: 'share of segments in which nothing moved, by tier',
    maxDays: 400,
    isRanked: false,
    row: tierQuietSchema,
  },
  'work-by-camera': {
    summary: 'work done, its dollars and seconds with something moving, of one camera by tier',
    maxDays: 400,
    isRanked: false,
    row: cameraWorkSchema,
  },
} as const;

export type AnalyticsQueryName = keyof typeof ANALYTICS_QUERIES;
export type AnalyticsAnswer<Name extends AnalyticsQueryName> = z.infer<
  (typeof ANALYTICS_QUERIES)[Name]['row']
>;
export const ANALYTICS_QUERY_NAMES = Object.keys(ANALYTICS_QUERIES) as AnalyticsQueryName[];

/** What a reader is asked for: from ≤ start of a segment < to. */
export interface AnalyticsScope {
  /** Null: every site; an empty list: none. */
  readonly sites: readonly string[] | null;
  /** Null: every camera. */
  readonly cameras: readonly string[] | null;
  readonly from: string;
  readonly to: string;
  readonly limit: number;
}

/** A query was asked for what it does not answer. */
export class AnalyticsQueryError extends TierwatchError {
  override readonly name = 'AnalyticsQueryError';
  constructor(message: string) {
    super(message, { code: 'analytics-query', retryable: false });
  }
}

/** @throws {AnalyticsQueryError} naming the queries there are */
export function requireQueryName(name: string): AnalyticsQueryName {
  const found = ANALYTICS_QUERY_NAMES.find((one) => one === name);
  if (found) return found;
  throw new AnalyticsQueryError(
    `"${name.slice(0, 100)}": expected a named query, one of ${ANALYTICS_QUERY_NAMES.join(', ')}`,
  );
}

/**
 * The scope of a question, with the defaults filled in.
 * @throws {AnalyticsQueryError} for a period that is empty, too long, a limit where nothing is ranked, or no camera where rows are by camera
 */
export function scopeOf(
  query: AnalyticsQueryName,
  params: AnalyticsParams,
  now: Date,
): AnalyticsScope {
  const { maxDays, isRanked } = ANALYTICS_QUERIES[query];
  const toMs = params.until === undefined ? now.getTime() : Date.parse(params.until);
  const fromMs =
    params.since === undefined ? toMs - DEFAULT_PERIOD_DAYS * DAY_MS : Date.parse(params.since);
  const days = (toMs - fromMs) / DAY_MS;
  if (days <= 0 || days > maxDays) {
    throw new AnalyticsQueryError(
      `"${query}": expected since before until, at most ${maxDays} days apart, found ${Number(days.toFixed(3))} days; name another period`,
    );
  }
  if (params.limit !== undefined && !isRanked) {
    throw new AnalyticsQueryError(
      `"${query}": expected no limit, found ${params.limit}: it answers with every row`,
    );
  }
  const one = params.camera === undefined ? null : [params.camera];
  const cameras = params.cameras ?? one;
  if (query === 'work-by-camera' && cameras === null) {
    throw new AnalyticsQueryError(
      `"${query}": expected a camera, found none: it answers with rows of each; name one`,
    );
  }
  return {
    sites: params.site === undefined ? null : [params.site],
    cameras,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    limit: params.limit ?? 10,
  };
}
