import * as z from 'zod';
import { COST_FIELDS } from './analytics-row';
import type { AnalyticsRow } from './analytics-row-schema';

/** What is simply added up, by its name in a row. */
export const SUMMED_FIELDS = ['movingSeconds', ...COST_FIELDS] as const;
/** A bucket of lags ends this much above the one before: a lag that is answered is at most 1 % too high. */
const LAG_RATIO = 1.01;
const LEAST_LAG_SECONDS = 0.001;

const amount = z.number().min(0);
const count = z.number().int().min(0);
const lagBucketSchema = z.tuple([
  count.describe('Bucket'),
  count.describe('Segments in it'),
  amount.describe('The longest lag in it (s)'),
]);
const tierSumsSchema = z.strictObject({
  camera: z.string(),
  tier: z.string(),
  segments: count,
  quietSegments: count,
  sums: z.record(z.enum(SUMMED_FIELDS), amount),
  lags: z.array(lagBucketSchema),
});
const classSumsSchema = z.strictObject({
  camera: z.string(),
  className: z.string(),
  presenceSeconds: amount,
  peakCount: count,
});

/** Sums over any number of rows: by camera and tier, and by camera and class, each once and in order. */
export const rollUpSchema = z.strictObject({
  tiers: z.array(tierSumsSchema),
  classes: z.array(classSumsSchema),
});
export type RollUp = z.infer<typeof rollUpSchema>;
export type TierSums = RollUp['tiers'][number];
type ClassSums = RollUp['classes'][number];

/** The part of a row that is summed. */
export type RolledRow = Pick<AnalyticsRow, 'camera' | 'tier' | 'fields'>;

/** One row as sums over it alone. */
export function rollUpOf({ camera, tier, fields }: RolledRow): RollUp {
  const sums = Object.fromEntries(SUMMED_FIELDS.map((name) => [name, fields[name] ?? 0]));
  const lagSeconds = fields.lagSeconds ?? 0;
  const quietSegments = Number(sums.movingSeconds === 0);
  return {
    tiers: [
      {
        ...{ camera, tier, segments: 1, quietSegments },
        sums: sums as TierSums['sums'],
        lags: [[bucketOf(lagSeconds), 1, lagSeconds]],
      },
    ],
    classes: Object.entries(fields).flatMap(([name, presenceSeconds]) => {
      const className = /^presenceSeconds\.(.+)$/.exec(name)?.[1];
      if (className === undefined || presenceSeconds === 0) return [];
      return [{ camera, className, presenceSeconds, peakCount: fields[`peakCount.${className}`]! }];
    }),
  };
}

/** The sums of several together: the order in which they come does not matter. */
export function mergeRollUps(all: readonly RollUp[]): RollUp {
  const tiers = all.flatMap((one) => one.tiers);
  const classes = all.flatMap((one) => one.classes);
  return {
    tiers: grouped(tiers, ({ camera, tier }) => `${camera}\n${tier}`).map(mergeTiers),
    classes: grouped(classes, ({ camera, className }) => `${camera}\n${className}`).map(
      mergeClasses,
    ),
  };
}

/** Segments that a roll-up counts. */
export function segmentsOf({ tiers }: RollUp): number {
  return sumOf(tiers, ({ segments }) => segments);
}

/** What a roll-up says of some cameras. */
export function onlyCameras({ tiers, classes }: RollUp, cameras: ReadonlySet<string>): RollUp {
  return {
    tiers: tiers.filter(({ camera }) => cameras.has(camera)),
    classes: classes.filter(({ camera }) => cameras.has(camera)),
  };
}

function bucketOf(lagSeconds: number): number {
  const ratio = lagSeconds / LEAST_LAG_SECONDS;
  return ratio <= 1 ? 0 : Math.ceil(Math.log(ratio) / Math.log(LAG_RATIO));
}

/** Sums of one tier, or of several cameras' same tier, together; named after the first. */
export function mergeTiers(all: readonly TierSums[]): TierSums {
  const { camera, tier } = all[0]!;
  const sums = SUMMED_FIELDS.map((name) => [name, sumOf(all, (one) => one.sums[name])] as const);
  const lags = all.flatMap((one) => one.lags);
  return {
    ...{ camera, tier },
    segments: sumOf(all, ({ segments }) => segments),
    quietSegments: sumOf(all, ({ quietSegments }) => quietSegments),
    sums: Object.fromEntries(sums) as TierSums['sums'],
    lags: [...Map.groupBy(lags, ([bucket]) => bucket)]
      .sort(([a], [b]) => a - b)
      .map(([bucket, one]) => [
        bucket,
        sumOf(one, ([, segments]) => segments),
        maxOf(one, ([, , longest]) => longest),
      ]),
  };
}

function mergeClasses(all: readonly ClassSums[]): ClassSums {
  const { camera, className } = all[0]!;
  return {
    ...{ camera, className },
    presenceSeconds: sumOf(all, ({ presenceSeconds }) => presenceSeconds),
    peakCount: maxOf(all, ({ peakCount }) => peakCount),
  };
}

/** Groups in the order of their keys. */
export function grouped<One>(all: readonly One[], keyOf: (one: One) => string): One[][] {
  return [...Map.groupBy(all, keyOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => group);
}

export function sumOf<One>(all: readonly One[], of: (one: One) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}

export function maxOf<One>(all: readonly One[], of: (one: One) => number): number {
  return all.reduce((most, one) => Math.max(most, of(one)), 0);
}
