import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../adapters/embedded/database';
import { SqliteAnalytics } from '../../adapters/embedded/sqlite-analytics';
import { analyticsRowOf } from '../../core/analytics-row';
import { FRAME_ZONE } from '../../core/frame-zone';
import type { Presence } from '../../core/segment-result';
import { itemAt, minute } from '../contracts/records';
import { runCli } from './run-cli';

let data: string;
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'tierwatch-analytics-'));
  const database = Database.open(data);
  const person: Presence = {
    className: 'person',
    zone: FRAME_ZONE,
    moving: [{ from: minute(1), to: minute(1.5), peak: 2 }],
    still: [],
    peakCount: 2,
    bestConfidence: 0.9,
    bestAt: minute(1),
    snapshotKey: null,
  };
  await new SqliteAnalytics(database).write([
    analyticsRowOf(itemAt(0)),
    analyticsRowOf(itemAt(1, { presences: [person] })),
    analyticsRowOf(itemAt(2, { camera: 'harbour/quay', tier: 'steady' })),
  ]);
  database.close();
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

const PERIOD = ['--since', minute(0), '--until', minute(60)];
const analytics = (...values: string[]) => runCli('analytics', ...values, '--data', data);
const jsonOf = (...values: string[]): unknown[] =>
  analytics(...values, ...PERIOD, '--json')
    .stdout.trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('tierwatch analytics', () => {
  it('prints a table with units, the period beside it', () => {
    const { status, stdout, stderr } = analytics('quiet-share', ...PERIOD);
    expect([status, stdout.trimEnd().split('\n'), stderr]).toEqual([
      0,
      [
        'tier    segments  quiet  quiet %',
        'low            2      1     50.0',
        'steady         1      1    100.0',
      ],
      'segments that start from 2026-11-20T08:00:00.000Z to 2026-11-20T09:00:00.000Z\n',
    ]);
    expect(analytics('cost-by-tier', '--site', 'harbour', ...PERIOD).stdout).toBe(
      [
        'tier    segments  footage h  CPU s  GB read    work $  work $/camera-month',
        'steady         1       0.02    0.5    0.000  0.000023                 1.03',
        '',
      ].join('\n'),
    );
  });

  it('answers by --json with one row a line, of a site or a camera', () => {
    expect(jsonOf('activity-by-hour')).toEqual([
      { hour: minute(0), className: 'person', presenceSeconds: 30, peakCount: 2 },
    ]);
    expect(jsonOf('busiest-cameras', '--limit', '1')).toEqual([
      { camera: 'north-mall/entrance', segments: 2, movingSeconds: 30 },
    ]);
    expect(jsonOf('lag-p95', '--camera', 'harbour/quay')).toEqual([
      { tier: 'steady', segments: 1, p95Seconds: 60 },
    ]);
  });

  it('says what is wrong in one sentence, and how to ask', () => {
    const unknown = analytics('quietness');
    expect([unknown.status, unknown.stdout]).toEqual([2, '']);
    expect(unknown.stderr).toMatch(/Allowed choices are activity-by-hour, cost-by-tier, lag-p95/);
    const site = analytics('quiet-share', '--site', '../etc');
    expect([site.status, site.stderr]).toEqual([
      1,
      expect.stringMatching(/^tierwatch: --site "..\/etc": .*\[usage\]\n$/),
    ]);
    const period = analytics('lag-p95', '--since', '2026-01-01T00:00:00Z', '--until', minute(0));
    expect(period.stderr).toMatch(/at most 62 days apart, found 323.333 days.*\[analytics-query\]/);
    expect(analytics('--help').stdout).toMatch(/quiet-share +share of segments in which nothing/);
  });
});
