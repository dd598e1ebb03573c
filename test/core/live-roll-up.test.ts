import { expect, it } from 'vitest';
import { liveRollUpSql } from '../../core/live-roll-up';

it('asks LiveAnalytics for the sums of the last day’s clock hours by site, camera and tier', () => {
  expect(liveRollUpSql({ database: 'tierwatch-dev-analytics', table: 'segment' })).toBe(
    'SELECT bin(time, 1h) AS "hour", "site", "camera", "tier", COUNT(*) AS "segments", ' +
      'SUM(CASE WHEN "movingSeconds" = 0 THEN 1 ELSE 0 END) AS "quietSegments", ' +
      'SUM("movingSeconds") AS "movingSeconds", SUM("footageSeconds") AS "footageSeconds", ' +
      'SUM("cpuSeconds") AS "cpuSeconds", SUM("bytesRead") AS "bytesRead", ' +
      'SUM("rowsWritten") AS "rowsWritten", SUM("snapshotsWritten") AS "snapshotsWritten", ' +
      'SUM("snapshotBytes") AS "snapshotBytes", SUM("workUsd") AS "workUsd", ' +
      'MAX("lagSeconds") AS "longestLagSeconds" FROM "tierwatch-dev-analytics"."segment" ' +
      "WHERE measure_name = 'segment' AND time >= bin(@scheduled_runtime, 1h) - 24h " +
      'AND time < bin(@scheduled_runtime, 1h) GROUP BY bin(time, 1h), "site", "camera", "tier"',
  );
});
