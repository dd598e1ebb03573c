import { describe, expect, it } from 'vitest';
import { PRICED_ON } from '../../core/analytics-row';
import { PRODUCT_ANALYSIS_DEFAULTS } from '../../core/camera-settings';
import { resolveAtTiers, tiersOf } from '../../core/fleet/at-tiers';
import { fleetSchema } from '../../core/fleet/schema';
import { diffText } from '../../core/fleet/text-diff';
import { estimateTier } from '../../core/footage-estimate';
import { priceWork } from '../../core/price-work';
import { US_EAST_1 } from '../../core/prices/us-east-1';
import { suggestTier, type TierChoice } from '../../core/suggest-tier';
import { costOfTier, type MeasuredWork, sumWork } from '../../core/tier-cost';
import { priceTiers } from '../../core/tier-prices';

const DAY = 86_400;
const choice = (tier: string, interval: number, usdPerMonth: number | null): TierChoice => ({
  tier,
  lane: usdPerMonth === null ? 'gpu' : 'cpu',
  sampleIntervalSeconds: interval,
  usdPerMonth,
});
const TIERS = [choice('low', 5, 2), choice('steady', 1, 3), choice('high', 1, null)];

describe('the tier that the numbers suggest', () => {
  const suggest = (current: string, movingSeconds: number, footageSeconds = DAY) =>
    suggestTier(current, { footageSeconds, movingSeconds }, TIERS);

  it('is the cheapest for a camera where something moves up to 5 % of the time', () => {
    expect(suggest('steady', 0.05 * DAY)).toEqual({
      tier: 'low',
      why: 'something moves 5 % of the time: at most 5 % is quiet, and the cheapest tier will do; saves $1.00 a month',
    });
    expect(suggest('low', 100).why).toMatch(/^something moves 0\.1 % of the time: at most 5 %/);
  });

  it('samples every second where more moves, and costs what it costs', () => {
    expect(suggest('low', 0.06 * DAY)).toEqual({
      tier: 'steady',
      why: 'something moves 6 % of the time: more than 5 % wants a sample every 1 s; costs $1.00 a month more',
    });
    expect(suggest('steady', 0.5 * DAY).tier).toBe('steady');
    expect(suggest('high', 0.5 * DAY)).toMatchObject({
      tier: 'steady',
      why: expect.stringMatching(/; \$3\.00 a month$/),
    });
  });

  it('stays as it is before a day of footage was analysed', () => {
    expect(suggest('high', 3600, DAY - 60)).toEqual({
      tier: 'high',
      why: '24.0 h of footage analysed: less than a day says too little',
    });
  });

  it('stays as it is where no tier samples often enough', () => {
    const activity = { footageSeconds: DAY, movingSeconds: DAY };
    expect(suggestTier('low', activity, TIERS.slice(0, 1))).toEqual({
      tier: 'low',
      why: 'something moves 100 % of the time; no tier samples every 1 s or oftener',
    });
  });
});

describe('what a camera would cost at each tier', () => {
  const fleet = fleetSchema.parse({
    tiers: { night: { lane: 'cpu', sampleIntervalSeconds: 10 } },
    cameras: { 'site/cam': { tier: 'steady', minConfidence: 0.7 } },
  });
  const choices = resolveAtTiers(fleet, 'site/cam', '2026-11-20T08:00:00.000Z');
  const row = {
    ...{ tier: 'steady', segments: 60, quietSegments: 30, footageSeconds: 3600, cpuSeconds: 15.5 },
    ...{ bytesRead: 450e6, rowsWritten: 120, snapshotsWritten: 2, snapshotBytes: 40_000 },
  };
  const workUsd = priceWork(row, PRICED_ON, US_EAST_1);

  it('is resolved for all tiers there are, with everything else of the camera', () => {
    expect(tiersOf(fleet)).toEqual(['high', 'low', 'night', 'steady']);
    expect(choices.map(({ tier, analysis }) => [tier, analysis.sampleIntervalSeconds])).toEqual([
      ['high', 1],
      ['low', 5],
      ['night', 10],
      ['steady', 1],
    ]);
    expect(choices.every(({ analysis }) => analysis.minConfidence === 0.7)).toBe(true);
  });

  it('is what was measured at its own, and less CPU at those that sample less', () => {
    const priced = priceTiers(
      [row, { ...row, tier: 'gone', footageSeconds: 9e9 }],
      choices,
      'steady',
    );
    const usd = Object.fromEntries(priced.map((one) => [one.tier, one.usdPerMonth]));
    expect(usd.steady).toBeCloseTo(costOfTier(row)!.totalUsdPerMonth, 9);
    expect(usd.low).toBeLessThan(usd.steady!);
    expect(usd.night).toBeLessThan(usd.low!);
    expect(usd.high).toBeNull();
    expect(priced.every(({ isMeasured }) => isMeasured)).toBe(true);
  });

  it('follows the days that the camera keeps its evidence in the archive', () => {
    const short = choices.map((choice) => ({
      ...choice,
      retention: { ...choice.retention, archiveDays: 30 },
    }));
    const usdOf = (priced: typeof choices): number =>
      priceTiers([row], priced, 'steady').find(({ tier }) => tier === 'steady')!.usdPerMonth!;
    expect(usdOf(short)).toBeLessThan(usdOf(choices));
  });

  it('counts what its function waited for an endpoint, which is in the dollars of its work alone', () => {
    const compute = (work: MeasuredWork) => costOfTier(work)!.lines[0]!;
    const gbSecondUsd = US_EAST_1.prices['lambda.arm64.gbSecond']!.usd;
    const waited = { ...row, workUsd: workUsd + 90 * gbSecondUsd };
    expect(compute(waited).usdPerMonth - compute(row).usdPerMonth).toBeCloseTo(
      90 * 730 * gbSecondUsd,
      9,
    );
    expect(compute(waited).basis).toMatch(/with 90 s of waiting for the endpoint$/);
    // Sums are rounded, to ms and 10⁻⁹ dollars: that is no waiting.
    const exact = { ...row, cpuSeconds: 15.5004 };
    const asked = { ...row, workUsd: priceWork(exact, PRICED_ON, US_EAST_1) + 5e-10 };
    expect(compute(asked)).toEqual(compute(row));
    // At a tier of the cpu lane it would not wait.
    expect(priceTiers([waited], choices, 'steady')).toEqual(priceTiers([row], choices, 'steady'));
  });

  it('is assumed where nothing was measured', () => {
    const priced = priceTiers([], choices, 'steady');
    expect(priced.map(({ isMeasured }) => isMeasured)).toEqual([false, false, false, false]);
    expect(priced.find(({ tier }) => tier === 'low')?.usdPerMonth).toBeGreaterThan(0);
  });

  it('adds up over tiers', () => {
    const { tier: _, ...work } = { ...row, workUsd };
    expect(
      sumWork([
        { ...row, workUsd },
        { ...row, workUsd },
      ]),
    ).toEqual(Object.fromEntries(Object.entries(work).map(([name, value]) => [name, value * 2])));
    expect(costOfTier(sumWork([]))).toBeNull();
  });
});

describe('a piece of footage', () => {
  const settings = {
    tier: 'steady',
    lane: 'cpu' as const,
    analysis: { ...PRODUCT_ANALYSIS_DEFAULTS, sampleIntervalSeconds: 1 },
    retention: { quietDays: 2, eventDays: 30, archiveDays: 365, maxBytes: null },
  };
  const measured = {
    ...{ footageSeconds: 120, cpuSeconds: 0.5, bytes: 15e6, segments: 2, evidenceSegments: 1 },
    ...{ snapshots: 1, snapshotBytes: 20_000 },
  };

  it('is priced as a month of such footage', () => {
    const estimate = estimateTier(settings, measured);
    expect(estimate).toMatchObject({
      tier: 'steady',
      sampleIntervalSeconds: 1,
      basis: '120 s analysed with 0.50 CPU s on this machine',
    });
    const total = estimate.lines.reduce((sum, { usdPerMonth }) => sum + usdPerMonth, 0);
    expect(estimate.usdPerMonth).toBeCloseTo(total, 9);
    const busier = estimateTier(settings, { ...measured, evidenceSegments: 2 });
    expect(busier.usdPerMonth).toBeGreaterThan(estimate.usdPerMonth!);
  });

  it('is priced by the days that the camera keeps its evidence in the archive', () => {
    const { usdPerMonth } = estimateTier(settings, measured);
    const retention = { ...settings.retention, archiveDays: 30 };
    expect(estimateTier({ ...settings, retention }, measured).usdPerMonth).toBeLessThan(
      usdPerMonth!,
    );
  });

  it('has no price of its own on the gpu lane', () => {
    const estimate = estimateTier({ ...settings, lane: 'gpu' }, measured);
    expect([estimate.usdPerMonth, estimate.lines]).toEqual([null, []]);
  });
});

describe('a difference of texts', () => {
  it('shows the lines that differ, and three around them', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n';
    expect(diffText('x.yaml', before, before.replace('e\n', 'E\nEE\n'))).toBe(
      '--- x.yaml\n+++ x.yaml\n@@ -2,7 +2,8 @@\n b\n c\n d\n-e\n+E\n+EE\n f\n g\n h\n',
    );
    expect(diffText('x.yaml', before, before)).toBe('');
    expect(diffText('x.yaml', 'a\n', 'b\n')).toBe(
      '--- x.yaml\n+++ x.yaml\n@@ -1,1 +1,1 @@\n-a\n+b\n',
    );
  });
});
