import { describe, expect, it } from 'vitest';
import { p95Rank } from '../../core/analytics-answers';
import {
  type AnalyticsParams,
  type AnalyticsQueryName,
  analyticsParamsSchema,
  requireQueryName,
  scopeOf,
} from '../../core/analytics-queries';
import { analyticsRowOf, PRICED_ON } from '../../core/analytics-row';
import { rowTimeNs } from '../../core/analytics-time';
import { FRAME_ZONE } from '../../core/frame-zone';
import { priceTier, usagePerHour } from '../../core/price-book';
import { priceWork } from '../../core/price-work';
import { US_EAST_1 } from '../../core/prices/us-east-1';
import { itemAt, minute } from '../contracts/records';

const NOW = new Date('2026-11-20T12:00:00.000Z');
const scope = (query: AnalyticsQueryName, params: AnalyticsParams = {}) =>
  scopeOf(query, params, NOW);

describe('the scope of a named query', () => {
  it('is the last seven days of every site where nothing is asked for', () => {
    expect(scope('quiet-share')).toEqual({
      sites: null,
      cameras: null,
      from: '2026-11-13T12:00:00.000Z',
      to: '2026-11-20T12:00:00.000Z',
      limit: 10,
    });
  });

  it('takes instants of any zone', () => {
    const { from, to } = scope('lag-p95', {
      since: '2026-11-20T09:00:00+01:00',
      until: '2026-11-20T09:00:00Z',
    });
    expect([from, to]).toEqual(['2026-11-20T08:00:00.000Z', '2026-11-20T09:00:00.000Z']);
  });

  it.each([
    ['activity-by-hour', { since: '2026-11-21T00:00:00Z' }, /found -0.5 days/],
    ['activity-by-hour', { since: '2026-11-20T12:00:00Z' }, /found 0 days/],
    ['activity-by-hour', { since: '2026-09-01T00:00:00Z' }, /at most 62 days apart, found 80.5/],
    ['cost-by-tier', { since: '2025-09-01T00:00:00Z' }, /at most 400 days/],
    ['quiet-share', { limit: 5 }, /expected no limit, found 5/],
    ['work-by-camera', { site: 'a' }, /expected a camera, found none/],
  ] as const)('of %s with %j is refused', (query, params, message) => {
    expect(() => scope(query, params)).toThrow(message);
  });

  it('is of one camera, or of a page of them', () => {
    expect(scope('work-by-camera', { camera: 'a/b' }).cameras).toEqual(['a/b']);
    expect(scope('work-by-camera', { cameras: ['a/b', 'c/d'] }).cameras).toEqual(['a/b', 'c/d']);
    const page = Array.from({ length: 500 }, (_, index) => `a/camera-${index}`);
    expect(analyticsParamsSchema.safeParse({ cameras: page }).success).toBe(true);
    expect(analyticsParamsSchema.safeParse({ cameras: [...page, 'a/b'] }).success).toBe(false);
  });

  it('has no unknown query and no unknown field', () => {
    expect(() => requireQueryName('activity')).toThrow(
      /"activity": expected a named query, one of/,
    );
    expect(requireQueryName('lag-p95')).toBe('lag-p95');
    expect(analyticsParamsSchema.safeParse({ sites: 'a' }).success).toBe(false);
    expect(analyticsParamsSchema.safeParse({ camera: 'a/../b' }).success).toBe(false);
  });
});

it('the 95th percentile of n is at rank ⌈0.95 n⌉', () => {
  expect([1, 2, 19, 20, 21, 100, 101].map(p95Rank)).toEqual([1, 2, 19, 19, 20, 95, 96]);
});

describe('the row of a segment', () => {
  it('has the dollars of its work, and the seconds in which anything moved', () => {
    const presence = {
      zone: FRAME_ZONE,
      peakCount: 2,
      bestConfidence: 0.9,
      bestAt: minute(0),
      snapshotKey: null,
    };
    const at = (seconds: number): string =>
      new Date(Date.parse(minute(0)) + seconds * 1000).toISOString();
    const item = itemAt(0, {
      presences: [
        {
          ...presence,
          className: 'person',
          moving: [{ from: at(0), to: at(10), peak: 2 }],
          still: [{ from: at(20), to: at(30), box: [0, 0, 0.1, 0.1] }],
        },
        {
          ...presence,
          className: 'car',
          moving: [{ from: at(5), to: at(15.5), peak: 1 }],
          still: [],
        },
        { ...presence, className: 'person', zone: 'door', moving: [], still: [] },
      ],
    });
    const gbSeconds = (0.5 + 1000 / 80e6) * (1769 / 1024);
    const workUsd = gbSeconds * 1.33334e-5 + 5e-6 + 4e-7 + 2 * 3 * 6.25e-7 + 6 * 4e-7 + 2 * 2e-7;
    const { fields } = analyticsRowOf(item);
    expect(fields).toEqual({
      'presenceSeconds.person': 20,
      'peakCount.person': 2,
      'presenceSeconds.car': 10.5,
      'peakCount.car': 2,
      movingSeconds: 15.5,
      framesSampled: 1,
      framesDecoded: 1,
      framesInferred: 1,
      footageSeconds: 60,
      cpuSeconds: 0.5,
      gpuMs: 0,
      bytesRead: 1000,
      rowsWritten: 2,
      snapshotsWritten: 0,
      snapshotBytes: 0,
      workUsd: expect.closeTo(workUsd, 15),
      lagSeconds: 60,
    });
  });

  it('of the gpu lane costs what its function waited for the endpoint, in 1 GB', () => {
    const { usage } = itemAt(0);
    const usdOf = (one: typeof usage): number =>
      analyticsRowOf(itemAt(0, { usage: one })).fields.workUsd!;
    expect(usdOf({ ...usage, waitSeconds: 1.5 })).toBeCloseTo(usdOf(usage) + 1.5 * 1.33334e-5, 15);
  });

  it('is priced like a camera-month of such segments: compute and requests agree', () => {
    const { usage } = itemAt(0);
    const { lines } = priceTier(
      usagePerHour([usage]),
      { ...PRICED_ON, segmentSeconds: 60, keptRatio: 0, quietDays: 1, eventDays: 1, cameras: 1 },
      US_EAST_1,
    );
    const month = lines
      .filter(({ name }) => name === 'compute' || name === 'requests')
      .reduce((sum, { usdPerMonth }) => sum + usdPerMonth, 0);
    const work = priceWork({ ...usage, segments: 1 }, PRICED_ON, US_EAST_1);
    expect(work * 60 * 730).toBeCloseTo(month, 9);
  });
});

it('a row’s instant is its own for its segment and range, within its millisecond', () => {
  const row = analyticsRowOf(itemAt(0));
  const others = [row, { ...row, range: '1-2' }, { ...row, segmentKey: `${row.segmentKey}x` }];
  const times = others.map(rowTimeNs);
  expect(times.map((time) => time.slice(0, -6))).toEqual(
    others.map(({ at }) => String(Date.parse(at))),
  );
  expect(new Set(times).size).toBe(3);
  expect(rowTimeNs({ ...row, fields: {}, tier: 'high' })).toBe(times[0]);
});
