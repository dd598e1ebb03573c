import { describe, expect, it } from 'vitest';
import { askInfluxql, type InfluxAnswer } from '../../../adapters/aws/influxql-queries';
import { AnalyticsAnswerError } from '../../../core/analytics-answers';
import type { AnalyticsQueryName, AnalyticsScope } from '../../../core/analytics-queries';
import { COST_FIELDS } from '../../../core/analytics-row';

const SCOPE: AnalyticsScope = {
  sites: null,
  cameras: null,
  from: '2026-11-20T08:00:00.000Z',
  to: '2026-11-20T10:00:00.000Z',
  limit: 2,
};
const PERIOD = "time >= '2026-11-20T08:00:00.000Z' AND time < '2026-11-20T10:00:00.000Z'";
/** One range of the period was analysed again. */
const REVISIONS = [
  ['a/b/1_60s.mp4', '0-60000', '2026-11-20T08:06:00.000Z'],
  ['a/b/1_60s.mp4', '0-60000', '2026-11-20T08:05:00.000Z'],
] as const;
const LEFT_OUT =
  '("segmentKey" != \'a/b/1_60s.mp4\' OR "range" != \'0-60000\' OR "revision" = \'2026-11-20T08:06:00.000Z\')';
const WHERE = `${PERIOD} AND ${LEFT_OUT}`;
const asksCurrent = (where: string): string =>
  `SELECT "segmentKey", "range", "revision" FROM "current" WHERE ${where}`;
const T = '2026-11-20T08:00:00Z';

type Series = NonNullable<InfluxAnswer['results'][number]['series']>[number];
const series = (
  columns: string[],
  values: Series['values'],
  tags?: Record<string, string>,
): Series => ({
  name: 'segment',
  columns: ['time', ...columns],
  values,
  ...(tags ? { tags } : {}),
});

/** Asks against canned results, one list of series a statement. @returns what was asked and answered */
async function asked(
  query: AnalyticsQueryName,
  answers: readonly (readonly Series[])[][],
  change: Partial<AnalyticsScope> = {},
): Promise<{ statements: string[]; rows: unknown }> {
  const statements: string[] = [];
  const current = series(
    ['segmentKey', 'range', 'revision'],
    REVISIONS.map((one) => [T, ...one]),
  );
  let isFirst = true;
  const rows = await askInfluxql(query, { ...SCOPE, ...change }, async (text) => {
    if (isFirst) {
      isFirst = false;
      expect(text).toContain(asksCurrent(PERIOD));
      return { results: [{ statement_id: 0, series: [current] }] };
    }
    const results = answers[statements.length] ?? [];
    statements.push(text);
    return {
      results: results.map((one, statement_id) =>
        one.length > 0 ? { statement_id, series: [...one] } : { statement_id },
      ),
    };
  });
  return { statements, rows };
}

describe('InfluxQL of the named queries', () => {
  it('activity-by-hour: a pair of columns a class; null where a class was not seen', async () => {
    const columns = [
      'sum_presenceSeconds.car',
      'sum_presenceSeconds.person',
      'max_peakCount.car',
      'max_peakCount.person',
    ];
    expect(
      await asked('activity-by-hour', [
        [
          [
            series(columns, [
              [T, null, 12.5, null, 2],
              ['2026-11-20T09:00:00Z', 60, 3, 1, 1],
            ]),
          ],
        ],
      ]),
    ).toEqual({
      statements: [
        `SELECT SUM(/^presenceSeconds\\./), MAX(/^peakCount\\./) FROM "segment" WHERE ${WHERE} GROUP BY time(1h) fill(none)`,
      ],
      rows: [
        {
          hour: '2026-11-20T08:00:00.000Z',
          className: 'person',
          presenceSeconds: 12.5,
          peakCount: 2,
        },
        {
          hour: '2026-11-20T09:00:00.000Z',
          className: 'car',
          presenceSeconds: 60,
          peakCount: 1,
        },
        {
          hour: '2026-11-20T09:00:00.000Z',
          className: 'person',
          presenceSeconds: 3,
          peakCount: 1,
        },
      ],
    });
  });

  it('cost-by-tier: sums, and the quiet ones beside them', async () => {
    const names = [
      'segments',
      'footageSeconds',
      'cpuSeconds',
      'bytesRead',
      'rowsWritten',
      'snapshotsWritten',
      'snapshotBytes',
      'workUsd',
    ];
    const { statements, rows } = await asked('cost-by-tier', [
      [
        [series(names, [[T, 3, 180, 0.30000000000000004, 9e6, 6, 1, 10, 6e-5]], { tier: 'low' })],
        [series(['segments'], [[T, 2]], { tier: 'low' })],
      ],
    ]);
    expect(statements).toEqual([
      `SELECT COUNT("movingSeconds") AS "segments", SUM("footageSeconds") AS "footageSeconds", SUM("cpuSeconds") AS "cpuSeconds", SUM("bytesRead") AS "bytesRead", SUM("rowsWritten") AS "rowsWritten", SUM("snapshotsWritten") AS "snapshotsWritten", SUM("snapshotBytes") AS "snapshotBytes", SUM("workUsd") AS "workUsd" FROM "segment" WHERE ${WHERE} GROUP BY "tier"; SELECT COUNT("movingSeconds") AS "segments" FROM "segment" WHERE ${WHERE} AND "movingSeconds" = 0 GROUP BY "tier"`,
    ]);
    expect(rows).toEqual([
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
    ]);
  });

  it('lag-p95: counts first, then the percentage of the nearest rank by tier', async () => {
    expect(
      await asked('lag-p95', [
        [
          [
            series(['segments'], [[T, 11]], { tier: 'low' }),
            series(['segments'], [[T, 40]], { tier: 'steady' }),
          ],
        ],
        [[series(['p95Seconds'], [[T, 10.5]])], [series(['p95Seconds'], [[T, 3]])]],
      ]),
    ).toEqual({
      statements: [
        `SELECT COUNT("lagSeconds") AS "segments" FROM "segment" WHERE ${WHERE} GROUP BY "tier"`,
        `SELECT PERCENTILE("lagSeconds", 100) AS "p95Seconds" FROM "segment" WHERE ${WHERE} AND "tier" = 'low'; SELECT PERCENTILE("lagSeconds", 95) AS "p95Seconds" FROM "segment" WHERE ${WHERE} AND "tier" = 'steady'`,
      ],
      rows: [
        { tier: 'low', segments: 11, p95Seconds: 10.5 },
        { tier: 'steady', segments: 40, p95Seconds: 3 },
      ],
    });
  });

  it('busiest-cameras: the last place first, then all that reach it', async () => {
    const sums = `SELECT SUM("movingSeconds") AS "movingSeconds", COUNT("movingSeconds") AS "segments" FROM "segment" WHERE ${WHERE} GROUP BY "camera"`;
    const camera = (name: string, seconds: number): Series =>
      series(['movingSeconds', 'segments'], [[T, seconds, 2]], { camera: name });
    expect(
      await asked('busiest-cameras', [
        [
          [
            series(
              ['movingSeconds'],
              [
                [T, 9],
                [T, 5],
              ],
            ),
          ],
        ],
        [[camera('a/c', 5), camera('a/b', 5), camera('a/d', 9)]],
      ]),
    ).toEqual({
      statements: [
        `SELECT TOP("movingSeconds", 2) AS "movingSeconds" FROM (${sums})`,
        `SELECT "movingSeconds", "segments" FROM (${sums}) WHERE "movingSeconds" > 4.999 GROUP BY "camera"`,
      ],
      rows: [
        { camera: 'a/d', segments: 2, movingSeconds: 9 },
        { camera: 'a/b', segments: 2, movingSeconds: 5 },
      ],
    });
  });

  it('quiet-share: by site and camera, quoted', async () => {
    const where = `${PERIOD} AND ("site" = 'a' OR "site" = 'it\\'s') AND ("camera" = 'a/b\\\\') AND ${LEFT_OUT}`;
    expect(
      await asked('quiet-share', [[[series(['segments'], [[T, 4]], { tier: 'low' })], []]], {
        sites: ['a', "it's"],
        cameras: ['a/b\\'],
      }),
    ).toEqual({
      statements: [
        `SELECT COUNT("movingSeconds") AS "segments" FROM "segment" WHERE ${where} GROUP BY "tier"; SELECT COUNT("movingSeconds") AS "segments" FROM "segment" WHERE ${where} AND "movingSeconds" = 0 GROUP BY "tier"`,
      ],
      rows: [{ tier: 'low', segments: 4, quietSegments: 0, quietRatio: 0 }],
    });
  });

  it('work-by-camera: sums by camera and tier, and the quiet ones of each beside them', async () => {
    const names = ['segments', 'movingSeconds', ...COST_FIELDS];
    const sums = ['movingSeconds', ...COST_FIELDS].map((name) => `SUM("${name}") AS "${name}"`);
    const work = (camera: string, tier: string, segments: number): Series =>
      series(names, [[T, segments, 1.5, 60, 6, 9e6, 2, 1, 10, 2e-5]], { camera, tier });
    const cameras = ['a/b', "it's/c"];
    const where = `${PERIOD} AND ("camera" = 'a/b' OR "camera" = 'it\\'s/c') AND ${LEFT_OUT}`;
    const told = {
      ...{ movingSeconds: 1.5, footageSeconds: 60, cpuSeconds: 6, bytesRead: 9e6 },
      ...{ rowsWritten: 2, snapshotsWritten: 1, snapshotBytes: 10, workUsd: 2e-5 },
    };
    expect(
      await asked(
        'work-by-camera',
        [
          [
            [work('it', 'low', 3), work('a/b', 'steady', 2), work('a/b', 'low', 1)],
            [series(['segments'], [[T, 2]], { camera: 'it', tier: 'low' })],
          ],
        ],
        { cameras },
      ),
    ).toEqual({
      statements: [
        `SELECT COUNT("movingSeconds") AS "segments", ${sums.join(', ')} FROM "segment" WHERE ${where} GROUP BY "camera", "tier"; SELECT COUNT("movingSeconds") AS "segments" FROM "segment" WHERE ${where} AND "movingSeconds" = 0 GROUP BY "camera", "tier"`,
      ],
      rows: [
        { camera: 'a/b', tier: 'low', segments: 1, quietSegments: 0, ...told },
        { camera: 'a/b', tier: 'steady', segments: 2, quietSegments: 0, ...told },
        { camera: 'it', tier: 'low', segments: 3, quietSegments: 2, ...told },
      ],
    });
  });

  it('asks nothing for no sites or cameras, and answers nothing where nothing was written', async () => {
    expect(await asked('quiet-share', [], { sites: [] })).toEqual({ statements: [], rows: [] });
    expect(await asked('quiet-share', [], { cameras: [] })).toEqual({ statements: [], rows: [] });
    for (const query of ['activity-by-hour', 'lag-p95', 'busiest-cameras'] as const) {
      const { statements, rows } = await asked(query, [[[]]]);
      expect([statements.length, rows]).toEqual([1, []]);
    }
  });

  it('refuses a statement’s error and an answer of another form', async () => {
    const ask = (answer: unknown) =>
      askInfluxql('quiet-share', SCOPE, async () => answer as InfluxAnswer);
    const refused = { results: [{ statement_id: 0, error: 'database not found: tierwatch' }] };
    await expect(ask(refused)).rejects.toBeInstanceOf(AnalyticsAnswerError);
    await expect(ask(refused)).rejects.toThrow(/found "database not found: tierwatch"/);
    await expect(ask({ code: 'unauthorized' })).rejects.toThrow(/results/);
    const text = [[series(['segments'], [[T, 'many']], { tier: 'low' })], []];
    await expect(ask({ results: text.map((one) => ({ series: one })) })).rejects.toThrow(
      /found "many" as "segments"/,
    );
  });
});
