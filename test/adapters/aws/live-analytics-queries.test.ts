import { describe, expect, it } from 'vitest';
import { askLiveAnalytics } from '../../../adapters/aws/live-analytics-queries';
import type { AnalyticsQueryName, AnalyticsScope } from '../../../core/analytics-queries';
import { COST_FIELDS } from '../../../core/analytics-row';

const SCOPE: AnalyticsScope = {
  sites: null,
  cameras: null,
  from: '2026-11-20T08:00:00.000Z',
  to: '2026-11-20T10:00:00.000Z',
  limit: 2,
};
const TABLE = { database: 'tierwatch-dev', table: 'segments' };
const FROM =
  "FROM \"tierwatch-dev\".\"segments\" WHERE time >= from_iso8601_timestamp('2026-11-20T08:00:00.000Z') AND time < from_iso8601_timestamp('2026-11-20T10:00:00.000Z') AND measure_name = 'segment'";

/** A page in the shape of the SDK's `QueryResponse`. */
function page(names: readonly string[], ...rows: readonly (readonly (string | null)[])[]) {
  return {
    QueryId: 'AEBQEAMXYZ',
    ColumnInfo: names.map((Name) => ({ Name, Type: { ScalarType: 'VARCHAR' } })),
    Rows: rows.map((row) => ({
      Data: row.map((value) => (value === null ? { NullValue: true } : { ScalarValue: value })),
    })),
    QueryStatus: { ProgressPercentage: 100 },
  };
}

async function asked(
  query: AnalyticsQueryName,
  answers: readonly (readonly unknown[])[],
  change: Partial<AnalyticsScope> = {},
): Promise<{ statements: string[]; rows: unknown }> {
  const statements: string[] = [];
  const rows = await askLiveAnalytics(
    query,
    { ...SCOPE, ...change },
    {
      table: TABLE,
      ask: async (sql) => {
        statements.push(sql);
        return answers[statements.length - 1] ?? [];
      },
    },
  );
  return { statements, rows };
}

describe('SQL of the named queries for LiveAnalytics', () => {
  it('activity-by-hour: the table’s columns first, then a pair of sums a class', async () => {
    expect(
      await asked('activity-by-hour', [
        [
          page(
            ['Column', 'Type', 'Timestream attribute type'],
            ['site', 'varchar', 'DIMENSION'],
            ['presenceSeconds.person', 'double', 'MULTI'],
            ['peakCount.person', 'double', 'MULTI'],
            ['presenceSeconds.car', 'double', 'MULTI'],
          ),
        ],
        [
          page(
            ['hour', 'seconds.person', 'peak.person', 'seconds.car', 'peak.car'],
            ['2026-11-20 09:00:00.000000000', '12.5', '3.0', null, null],
          ),
          page(
            ['hour', 'seconds.person', 'peak.person', 'seconds.car', 'peak.car'],
            ['2026-11-20 08:00:00.000000000', '1.0E0', '1.0', '60.0', '2.0'],
          ),
        ],
      ]),
    ).toEqual({
      statements: [
        'DESCRIBE "tierwatch-dev"."segments"',
        `SELECT bin(time, 1h) AS "hour", SUM("presenceSeconds.person") AS "seconds.person", MAX("peakCount.person") AS "peak.person", SUM("presenceSeconds.car") AS "seconds.car", MAX("peakCount.car") AS "peak.car" ${FROM} GROUP BY bin(time, 1h)`,
      ],
      rows: [
        { hour: '2026-11-20T08:00:00.000Z', className: 'car', presenceSeconds: 60, peakCount: 2 },
        { hour: '2026-11-20T08:00:00.000Z', className: 'person', presenceSeconds: 1, peakCount: 1 },
        {
          hour: '2026-11-20T09:00:00.000Z',
          className: 'person',
          presenceSeconds: 12.5,
          peakCount: 3,
        },
      ],
    });
  });

  it('cost-by-tier', async () => {
    const names = [
      'tier',
      'segments',
      'quietSegments',
      'footageSeconds',
      'cpuSeconds',
      'bytesRead',
      'rowsWritten',
      'snapshotsWritten',
      'snapshotBytes',
      'workUsd',
    ];
    expect(
      await asked('cost-by-tier', [
        [page(names, ['low', '3', '2', '180.0', '0.3', '9.0E6', '6.0', '1.0', '10.0', '6.0E-5'])],
      ]),
    ).toEqual({
      statements: [
        `SELECT "tier", COUNT(*) AS "segments", SUM(CASE WHEN "movingSeconds" = 0 THEN 1 ELSE 0 END) AS "quietSegments", SUM("footageSeconds") AS "footageSeconds", SUM("cpuSeconds") AS "cpuSeconds", SUM("bytesRead") AS "bytesRead", SUM("rowsWritten") AS "rowsWritten", SUM("snapshotsWritten") AS "snapshotsWritten", SUM("snapshotBytes") AS "snapshotBytes", SUM("workUsd") AS "workUsd" ${FROM} GROUP BY "tier"`,
      ],
      rows: [
        {
          tier: 'low',
          segments: 3,
          quietSegments: 2,
          footageSeconds: 180,
          cpuSeconds: 0.3,
          bytesRead: 9e6,
          rowsWritten: 6,
          snapshotsWritten: 1,
          snapshotBytes: 10,
          workUsd: 6e-5,
          usdPerCameraMonth: 0.876,
        },
      ],
    });
  });

  it('lag-p95: the nearest rank by window functions, not an approximation', async () => {
    expect(
      await asked('lag-p95', [
        [page(['tier', 'segments', 'p95Seconds'], ['steady', '40', '3.25'])],
      ]),
    ).toEqual({
      statements: [
        `SELECT "tier", "segments", "lagSeconds" AS "p95Seconds" FROM (SELECT "tier", "lagSeconds", ROW_NUMBER() OVER (PARTITION BY "tier" ORDER BY "lagSeconds") AS "place", COUNT(*) OVER (PARTITION BY "tier") AS "segments" ${FROM}) WHERE "place" = ("segments" * 95 + 99) / 100`,
      ],
      rows: [{ tier: 'steady', segments: 40, p95Seconds: 3.25 }],
    });
  });

  it('busiest-cameras', async () => {
    expect(
      await asked('busiest-cameras', [
        [page(['camera', 'segments', 'movingSeconds'], ['a/d', '2', '9.0'], ['a/b', '2', '5.0'])],
      ]),
    ).toEqual({
      statements: [
        `SELECT "camera", COUNT(*) AS "segments", SUM("movingSeconds") AS "movingSeconds" ${FROM} GROUP BY "camera" HAVING SUM("movingSeconds") > 0 ORDER BY ROUND(SUM("movingSeconds"), 3) DESC, "camera" ASC LIMIT 2`,
      ],
      rows: [
        { camera: 'a/d', segments: 2, movingSeconds: 9 },
        { camera: 'a/b', segments: 2, movingSeconds: 5 },
      ],
    });
  });

  it('quiet-share: by site and camera, quoted', async () => {
    expect(
      await asked(
        'quiet-share',
        [[page(['tier', 'segments', 'quietSegments'], ['low', '4', '1'])]],
        {
          sites: ['a', "it's"],
          cameras: ['a/b', "c'd/e"],
        },
      ),
    ).toEqual({
      statements: [
        `SELECT "tier", COUNT(*) AS "segments", SUM(CASE WHEN "movingSeconds" = 0 THEN 1 ELSE 0 END) AS "quietSegments" ${FROM} AND "site" IN ('a', 'it''s') AND "camera" IN ('a/b', 'c''d/e') GROUP BY "tier"`,
      ],
      rows: [{ tier: 'low', segments: 4, quietSegments: 1, quietRatio: 0.25 }],
    });
  });

  it('work-by-camera: sums by camera and tier', async () => {
    const names = ['camera', 'tier', 'segments', 'quietSegments', 'movingSeconds', ...COST_FIELDS];
    const sums = ['movingSeconds', ...COST_FIELDS].map((name) => `SUM("${name}") AS "${name}"`);
    const row = ['a/b', 'low', '3', '2', '1.5', '180.0', '0.3', '9.0E6', '6', '1', '10', '6.0E-5'];
    expect(
      await asked('work-by-camera', [[page(names, row)]], { cameras: ['a/b', 'c/d'] }),
    ).toEqual({
      statements: [
        `SELECT "camera", "tier", COUNT(*) AS "segments", SUM(CASE WHEN "movingSeconds" = 0 THEN 1 ELSE 0 END) AS "quietSegments", ${sums.join(', ')} ${FROM} AND "camera" IN ('a/b', 'c/d') GROUP BY "camera", "tier"`,
      ],
      rows: [
        {
          ...{ camera: 'a/b', tier: 'low', segments: 3, quietSegments: 2, movingSeconds: 1.5 },
          ...{ footageSeconds: 180, cpuSeconds: 0.3, bytesRead: 9e6, rowsWritten: 6 },
          ...{ snapshotsWritten: 1, snapshotBytes: 10, workUsd: 6e-5 },
        },
      ],
    });
  });

  it('asks nothing for no sites, and only for the columns where no class was ever seen', async () => {
    expect(await asked('quiet-share', [], { sites: [] })).toEqual({ statements: [], rows: [] });
    expect(await asked('quiet-share', [], { cameras: [] })).toEqual({ statements: [], rows: [] });
    expect(await asked('activity-by-hour', [[page(['Column'], ['site'])]])).toEqual({
      statements: ['DESCRIBE "tierwatch-dev"."segments"'],
      rows: [],
    });
  });

  it('refuses an answer of another form', async () => {
    await expect(asked('quiet-share', [[{ message: 'no' }]])).rejects.toThrow(/ColumnInfo/);
    await expect(
      asked('quiet-share', [[page(['tier', 'segments'], ['low', 'many'])]]),
    ).rejects.toThrow(/found "many" as "segments"/);
  });
});
