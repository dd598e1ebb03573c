import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SPANS_MS } from '../../../adapters/embedded/analytics-spans';
import type { Database } from '../../../adapters/embedded/database';
import { SqliteAnalytics } from '../../../adapters/embedded/sqlite-analytics';
import { SqliteAnalyticsReader } from '../../../adapters/embedded/sqlite-analytics-queries';
import { valueAtRank } from '../../../adapters/embedded/value-at-rank';
import { finishAnswer } from '../../../core/analytics-answers';
import { ANALYTICS_QUERY_NAMES, type AnalyticsScope } from '../../../core/analytics-queries';
import { piecesOf } from '../../../core/period-pieces';
import type { AnalyticsRow } from '../../../core/ports';
import { cleanUpAfterEach, openDatabase } from './data-folder';

cleanUpAfterEach();

const START_MS = Date.parse('2026-11-20T08:00:00.000Z');
const HOURS_MS = 4 * 3_600_000;

function rowAt(
  ms: number,
  camera: string,
  change: Partial<AnalyticsRow['fields']> = {},
): AnalyticsRow {
  const at = new Date(START_MS + ms).toISOString();
  return {
    at,
    site: camera.split('/')[0]!,
    camera,
    tier: camera.endsWith('a') ? 'low' : 'steady',
    lane: 'cpu',
    model: 'demo',
    segmentKey: `${camera}/${at}`,
    range: '0-60000',
    fields: {
      'presenceSeconds.person': 3.25,
      'peakCount.person': 2,
      movingSeconds: 1.5,
      framesSampled: 12,
      framesDecoded: 12,
      framesInferred: 3,
      footageSeconds: 60,
      cpuSeconds: 0.123,
      gpuMs: 0,
      bytesRead: 7_500_000,
      rowsWritten: 2,
      snapshotsWritten: 1,
      snapshotBytes: 20_000,
      workUsd: 0.000_001_23,
      lagSeconds: 4.5,
      ...change,
    },
  };
}

const rows = fc.array(
  fc
    .record({
      ms: fc.integer({ min: 0, max: HOURS_MS }),
      camera: fc.constantFrom('north/a', 'north/b', 'south/a'),
      movingSeconds: fc.constantFrom(0, 2.5, 7),
      lagSeconds: fc.integer({ min: 0, max: 100_000 }).map((ms) => ms / 1000),
      presence: fc.constantFrom(1.5, 2.25, 60),
      peak: fc.integer({ min: 1, max: 9 }),
    })
    .map(({ ms, camera, presence, peak, ...fields }) =>
      rowAt(ms, camera, {
        ...fields,
        'presenceSeconds.person': presence,
        'peakCount.person': peak,
      }),
    ),
  { maxLength: 60 },
);
const instants = fc.tuple(
  fc.integer({ min: -600_000, max: HOURS_MS }),
  fc.integer({ min: 1, max: HOURS_MS }),
);

/** The answers from rows alone, as the definition of each query has them. */
function answersOf(all: readonly AnalyticsRow[], scope: AnalyticsScope): unknown {
  const within = all.filter(({ at }) => at >= scope.from && at < scope.to);
  const sum = (group: readonly AnalyticsRow[], name: string): number =>
    group.reduce((total, { fields }) => total + fields[name]!, 0);
  const byTier = [...Map.groupBy(within, ({ tier }) => tier)];
  const byCamera = [...Map.groupBy(within, ({ camera }) => camera)];
  const byHour = [...Map.groupBy(within, ({ at }) => `${at.slice(0, 13)}:00:00.000Z`)];
  const quiet = (group: readonly AnalyticsRow[]): number =>
    group.filter(({ fields }) => fields.movingSeconds === 0).length;
  const work = ([tier, group]: readonly [string, readonly AnalyticsRow[]]) => ({
    tier,
    segments: group.length,
    quietSegments: quiet(group),
    footageSeconds: sum(group, 'footageSeconds'),
    cpuSeconds: sum(group, 'cpuSeconds'),
    bytesRead: sum(group, 'bytesRead'),
    rowsWritten: sum(group, 'rowsWritten'),
    snapshotsWritten: sum(group, 'snapshotsWritten'),
    snapshotBytes: sum(group, 'snapshotBytes'),
    workUsd: sum(group, 'workUsd'),
  });
  return {
    'activity-by-hour': finishAnswer(
      'activity-by-hour',
      byHour.map(([hour, group]) => ({
        hour,
        className: 'person',
        presenceSeconds: sum(group, 'presenceSeconds.person'),
        peakCount: Math.max(...group.map(({ fields }) => fields['peakCount.person']!)),
      })),
      scope,
    ),
    'cost-by-tier': finishAnswer('cost-by-tier', byTier.map(work), scope),
    'work-by-camera': finishAnswer(
      'work-by-camera',
      [...Map.groupBy(within, ({ camera, tier }) => `${camera} ${tier}`).values()].map((group) => ({
        camera: group[0]!.camera,
        ...work([group[0]!.tier, group]),
        movingSeconds: sum(group, 'movingSeconds'),
      })),
      scope,
    ),
    'lag-p95': finishAnswer(
      'lag-p95',
      byTier.map(([tier, group]) => ({
        tier,
        segments: group.length,
        p95Seconds: group.map(({ fields }) => fields.lagSeconds!).sort((a, b) => a - b)[
          Math.ceil(0.95 * group.length) - 1
        ]!,
      })),
      scope,
    ),
    'busiest-cameras': finishAnswer(
      'busiest-cameras',
      byCamera.map(([camera, group]) => ({
        camera,
        segments: group.length,
        movingSeconds: sum(group, 'movingSeconds'),
      })),
      scope,
    ),
    'quiet-share': finishAnswer(
      'quiet-share',
      byTier.map(([tier, group]) => ({
        tier,
        segments: group.length,
        quietSegments: quiet(group),
      })),
      scope,
    ),
  };
}

async function asked(database: Database, scope: AnalyticsScope): Promise<unknown> {
  const reader = new SqliteAnalyticsReader(database);
  const answers = ANALYTICS_QUERY_NAMES.map(
    async (query) => [query, await reader.ask(query, scope)] as const,
  );
  return Object.fromEntries(await Promise.all(answers));
}

describe('sums over spans', () => {
  it('answer every query as the rows alone do, whatever the period, though rows are written again', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, instants, async (first, again, [fromMs, lengthMs]) => {
        const database = openDatabase();
        const store = new SqliteAnalytics(database);
        await store.write(first);
        await store.write(again);
        await store.write(first.slice(0, 3));
        const scope = {
          sites: null,
          cameras: null,
          from: new Date(START_MS + fromMs).toISOString(),
          to: new Date(START_MS + fromMs + lengthMs).toISOString(),
          limit: 10,
        };
        const kept = await Array.fromAsync(store.rows({}));
        expect(await asked(database, scope)).toEqual(answersOf(kept, scope));
        database.close();
      }),
      { numRuns: 25 },
    );
  });

  it('of rows from before there were any are made when the data folder is opened', async () => {
    const database = openDatabase();
    const store = new SqliteAnalytics(database);
    await store.write([rowAt(0, 'north/a'), rowAt(60_000, 'north/b'), rowAt(9_000_000, 'south/a')]);
    const scope = {
      ...{ sites: null, cameras: null, limit: 10 },
      from: new Date(START_MS).toISOString(),
      to: new Date(START_MS + HOURS_MS).toISOString(),
    };
    const before = await asked(database, scope);
    database.run('DELETE FROM analytics_spans');
    database.run('DELETE FROM analytics_presence');
    expect(await asked(database, scope)).not.toEqual(before);
    new SqliteAnalytics(database);
    expect(await asked(database, scope)).toEqual(before);
  });

  it('cover a period with whole hours, then five minutes, then rows', () => {
    const minute = 60_000;
    expect(piecesOf(57 * minute, 123 * minute + 1, SPANS_MS)).toEqual([
      { spanMs: null, fromMs: 57 * minute, toMs: 60 * minute },
      { spanMs: 3_600_000, fromMs: 60 * minute, toMs: 120 * minute },
      { spanMs: null, fromMs: 120 * minute, toMs: 123 * minute + 1 },
    ]);
    expect(piecesOf(50 * minute, 62 * minute, SPANS_MS)).toEqual([
      { spanMs: 300_000, fromMs: 50 * minute, toMs: 60 * minute },
      { spanMs: null, fromMs: 60 * minute, toMs: 62 * minute },
    ]);
    expect(piecesOf(5, 5, SPANS_MS)).toEqual([]);
  });
});

it('the value at a rank is that of the values in order', () => {
  const values = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(values, fc.nat(79), (all, place) => {
      const rank = (place % all.length) + 1;
      const inOrder = all.toSorted((a, b) => a - b);
      expect(valueAtRank(Float64Array.from(all), rank)).toBe(inOrder[rank - 1]);
    }),
  );
});
