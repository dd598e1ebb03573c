import fc from 'fast-check';
import { expect, it } from 'vitest';
import { p95Rank } from '../../core/analytics-answers';
import type { AnalyticsScope } from '../../core/analytics-queries';
import { mergeRollUps, type RolledRow, rollUpOf } from '../../core/roll-up';
import { answerRollUps } from '../../core/roll-up-answers';

const SCOPE: AnalyticsScope = { sites: null, cameras: null, from: '', to: '', limit: 10 };
const HOUR = '2026-11-20T08:00:00.000Z';

function rowWith(fields: Readonly<Record<string, number>>, tier = 'low'): RolledRow {
  return { camera: 'mall/door', tier, fields };
}

it('sums rows by camera and tier, and by camera and class', () => {
  const rows = [
    rowWith({
      movingSeconds: 2,
      'presenceSeconds.person': 3,
      'peakCount.person': 2,
      lagSeconds: 5,
    }),
    rowWith({ movingSeconds: 0, cpuSeconds: 4, lagSeconds: 5 }),
  ];
  expect(mergeRollUps(rows.map(rollUpOf))).toEqual({
    tiers: [
      {
        camera: 'mall/door',
        tier: 'low',
        segments: 2,
        quietSegments: 1,
        sums: {
          movingSeconds: 2,
          footageSeconds: 0,
          cpuSeconds: 4,
          bytesRead: 0,
          rowsWritten: 0,
          snapshotsWritten: 0,
          snapshotBytes: 0,
          workUsd: 0,
        },
        lags: [[856, 2, 5]],
      },
    ],
    classes: [{ camera: 'mall/door', className: 'person', presenceSeconds: 3, peakCount: 2 }],
  });
});

it('merges in any order and grouping to the same', () => {
  const row = fc
    .tuple(
      fc.constantFrom('low', 'high'),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ max: 99, min: 0 }),
    )
    .map(([tier, movingSeconds, lagSeconds]) => rowWith({ movingSeconds, lagSeconds }, tier));
  fc.assert(
    fc.property(fc.array(row), fc.integer({ min: 0, max: 20 }), (rows, cut) => {
      const whole = mergeRollUps(rows.map(rollUpOf));
      const parts = [rows.slice(cut), rows.slice(0, cut)].map((part) =>
        mergeRollUps(part.map(rollUpOf)),
      );
      expect(mergeRollUps(parts)).toEqual(whole);
    }),
  );
});

it('finds the lag of the nearest rank, never less and at most 1 % more', () => {
  const lags = fc.array(fc.integer({ min: 0, max: 90_000_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(lags, (lagsMs) => {
      const exact = lagsMs.toSorted((a, b) => a - b)[p95Rank(lagsMs.length) - 1]! / 1000;
      const rollUp = mergeRollUps(lagsMs.map((ms) => rollUpOf(rowWith({ lagSeconds: ms / 1000 }))));
      const [found] = answerRollUps('lag-p95', [{ hour: HOUR, rollUp }], SCOPE);
      expect(found!.p95Seconds).toBeGreaterThanOrEqual(exact);
      expect(found!.p95Seconds).toBeLessThanOrEqual(exact * 1.0101);
    }),
  );
});
