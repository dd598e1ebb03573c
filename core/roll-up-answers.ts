import { type AnalyticsSums, finishAnswer, p95Rank } from './analytics-answers';
import type { AnalyticsAnswer, AnalyticsQueryName, AnalyticsScope } from './analytics-queries';
import {
  grouped,
  maxOf,
  mergeRollUps,
  mergeTiers,
  type RollUp,
  sumOf,
  type TierSums,
} from './roll-up';

/** Sums of one stretch of time; only `activity-by-hour` asks which hour it lies in. */
export interface RolledPiece {
  /** Start of the clock hour, ISO. */
  readonly hour: string;
  readonly rollUp: RollUp;
}

type Answers = {
  readonly [Name in AnalyticsQueryName]: (
    all: RollUp,
    pieces: readonly RolledPiece[],
  ) => readonly AnalyticsSums[Name][];
};

const ANSWERS: Answers = {
  'activity-by-hour': (_, pieces) =>
    grouped(pieces, ({ hour }) => hour).flatMap((ofHour) => {
      const { classes } = mergeRollUps(ofHour.map(({ rollUp }) => rollUp));
      return grouped(classes, ({ className }) => className).map((one) => ({
        hour: ofHour[0]!.hour,
        className: one[0]!.className,
        presenceSeconds: sumOf(one, ({ presenceSeconds }) => presenceSeconds),
        peakCount: maxOf(one, ({ peakCount }) => peakCount),
      }));
    }),
  'cost-by-tier': ({ tiers }) =>
    byTier(tiers).map(({ tier, segments, quietSegments, sums }) => {
      const { movingSeconds: _, ...work } = sums;
      return { tier, segments, quietSegments, ...work };
    }),
  'lag-p95': ({ tiers }) =>
    byTier(tiers).map(({ tier, segments, lags }) => ({
      ...{ tier, segments },
      p95Seconds: lagAt(p95Rank(segments), lags),
    })),
  'busiest-cameras': ({ tiers }) =>
    grouped(tiers, ({ camera }) => camera).map((one) => ({
      camera: one[0]!.camera,
      segments: sumOf(one, ({ segments }) => segments),
      movingSeconds: sumOf(one, ({ sums }) => sums.movingSeconds),
    })),
  'quiet-share': ({ tiers }) =>
    byTier(tiers).map(({ tier, segments, quietSegments }) => ({ tier, segments, quietSegments })),
  'work-by-camera': ({ tiers }) =>
    tiers.map(({ lags: _, sums, ...counted }) => ({ ...counted, ...sums })),
};

/**
 * Answers a named query from sums. The lag is that of the nearest rank where its bucket holds one value alone, else the
 * longest of its bucket: at most 1 % too high. All else is exact.
 */
export function answerRollUps<Name extends AnalyticsQueryName>(
  query: Name,
  pieces: readonly RolledPiece[],
  scope: AnalyticsScope,
): readonly AnalyticsAnswer<Name>[] {
  const all = mergeRollUps(pieces.map(({ rollUp }) => rollUp));
  return finishAnswer(query, ANSWERS[query](all, pieces), scope);
}

/** @param rank from 1, at most the segments of all buckets */
function lagAt(rank: number, lags: TierSums['lags']): number {
  let before = 0;
  for (const [, segments, longest] of lags) {
    before += segments;
    if (before >= rank) return longest;
  }
  throw new RangeError(`rank ${rank}: expected at most ${before} lags`);
}

function byTier(tiers: readonly TierSums[]): TierSums[] {
  return grouped(tiers, ({ tier }) => tier).map(mergeTiers);
}
