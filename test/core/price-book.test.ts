import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CameraCost,
  type HourlyUsage,
  priceEc2,
  priceTier,
  type TierPriceOptions,
  usagePerHour,
} from '../../core/price-book';
import { US_EAST_1 } from '../../core/prices/us-east-1';

const MEGABIT: HourlyUsage = {
  cpuSeconds: 36,
  bytesRead: 450e6,
  rowsWritten: 60,
  snapshotsWritten: 0,
  snapshotBytes: 0,
};
const TIER: TierPriceOptions = {
  segmentSeconds: 60,
  architecture: 'arm64',
  memoryMb: 1769,
  keptRatio: 0,
  quietDays: 30,
  eventDays: 30,
  cameras: 100,
};
const EC2 = { segmentSeconds: 60, instance: 'c5.large', utilisationRatio: 0.5, keepDays: 30 };

const amount = fc.double({ min: 0, max: 1e6, noNaN: true });
const usage = fc.record({
  cpuSeconds: amount,
  bytesRead: amount,
  rowsWritten: amount,
  snapshotsWritten: amount,
  snapshotBytes: amount,
});
const options = fc.record({
  segmentSeconds: fc.integer({ min: 1, max: 3600 }),
  architecture: fc.constantFrom('arm64' as const, 'x86' as const),
  memoryMb: fc.integer({ min: 128, max: 10_240 }),
  keptRatio: fc.double({ min: 0, max: 1, noNaN: true }),
  quietDays: fc.integer({ min: 0, max: 30 }),
  eventDays: fc.integer({ min: 30, max: 365 }),
  cameras: fc.integer({ min: 1, max: 100_000 }),
});

function usdOf(cost: ReturnType<typeof priceTier>): Record<string, number> {
  return Object.fromEntries(
    cost.lines.map(({ name, usdPerMonth }) => [name, Number(usdPerMonth.toFixed(4))]),
  );
}

describe('a camera-month', () => {
  it('of 1 Mbps on arm64 is counted by hand', () => {
    const gbSeconds = (36 + 450e6 / 80e6) * (1769 / 1024);
    const requests = 60 * (5e-6 + 4e-7 + 3 * 6.25e-7 + 6 * 4e-7 + 2 * 2e-7) * 730;
    expect(usdOf(priceTier(MEGABIT, TIER, US_EAST_1))).toEqual({
      compute: Number((gbSeconds * 730 * 1.33334e-5).toFixed(4)),
      requests: Number(requests.toFixed(4)),
      storage: 7.452,
      analytics: 0.896,
    });
  });

  it('on EC2 pays for idle vCPUs: 36 CPU-seconds an hour at half use are $0.62', () => {
    expect(usdOf(priceEc2(MEGABIT, EC2, US_EAST_1))).toMatchObject({
      compute: 0.6205,
      storage: 7.452,
      analytics: 0,
    });
  });

  it('is never negative, and its total is the sum of its lines', () => {
    fc.assert(
      fc.property(usage, options, (used, chosen) => {
        for (const cost of [priceTier(used, chosen, US_EAST_1), priceEc2(used, EC2, US_EAST_1)]) {
          expect(cost.lines.every(({ usdPerMonth }) => usdPerMonth >= 0)).toBe(true);
          const sum = cost.lines.reduce((all, { usdPerMonth }) => all + usdPerMonth, 0);
          expect(cost.totalUsdPerMonth).toBeCloseTo(sum, 9);
        }
      }),
    );
  });

  it('adds up: two usages cost what their sum does, beside what each camera pays anyway', () => {
    fc.assert(
      fc.property(usage, usage, options, (a, b, chosen) => {
        const zero = { ...MEGABIT, cpuSeconds: 0, bytesRead: 0, rowsWritten: 0 };
        const total = (used: HourlyUsage): number =>
          priceTier(used, chosen, US_EAST_1).totalUsdPerMonth;
        const both = total(added(a, b)) + total(zero);
        expect(Math.abs(total(a) + total(b) - both)).toBeLessThanOrEqual(1e-9 * Math.max(1, both));
      }),
    );
  });

  it('grows with every use, with what is kept and with shorter segments', () => {
    fc.assert(
      fc.property(usage, usage, options, (a, more, chosen) => {
        const total = (used: HourlyUsage, change: Partial<TierPriceOptions> = {}): number =>
          priceTier(used, { ...chosen, ...change }, US_EAST_1).totalUsdPerMonth;
        expect(total(added(a, more))).toBeGreaterThanOrEqual(total(a));
        expect(total(a, { keptRatio: 1 })).toBeGreaterThanOrEqual(total(a) * (1 - 1e-12));
        expect(total(a, { segmentSeconds: 1 })).toBeGreaterThanOrEqual(total(a));
      }),
    );
  });
});

describe('what is unverified', () => {
  it('is marked on its line and on no other', () => {
    const book = structuredClone(US_EAST_1) as unknown as Parameters<typeof priceTier>[2];
    const spoilt = {
      ...book,
      prices: {
        ...book.prices,
        's3.get': { ...book.prices['s3.get']!, confidence: 'secondary' as const },
      },
    };
    const cost = priceTier(MEGABIT, TIER, spoilt);
    expect(cost.lines.filter(({ isVerified }) => !isVerified).map(({ name }) => name)).toEqual([
      'requests',
    ]);
  });

  it('is, of what prices a tier or EC2 today, the archive alone', () => {
    const archived = priceTier(
      MEGABIT,
      { ...TIER, keptRatio: 0.1, archiveDays: 365 },
      US_EAST_1,
    ).lines;
    expect(archived.filter(({ isVerified }) => !isVerified).map(({ name }) => name)).toEqual([
      'storage',
    ]);
    const lines = [
      ...priceTier(MEGABIT, TIER, US_EAST_1).lines,
      ...priceEc2(MEGABIT, EC2, US_EAST_1).lines,
    ];
    expect(lines.every(({ isVerified }) => isVerified)).toBe(true);
  });
});

it('scales usage to an hour of footage', () => {
  const one = {
    cpuSeconds: 1,
    wallSeconds: 2,
    footageSeconds: 60,
    bytesRead: 1000,
    rowsWritten: 1,
    snapshotsWritten: 0,
    snapshotBytes: 0,
    gpuMs: 0,
  };
  expect(usagePerHour([one, { ...one, waitSeconds: 3 }])).toEqual({
    cpuSeconds: 60,
    bytesRead: 60_000,
    rowsWritten: 60,
    snapshotsWritten: 0,
    snapshotBytes: 0,
    waitSeconds: 90,
  });
  expect(() => usagePerHour([])).toThrow(/found 0 seconds/);
});

it('pays detect-gpu’s 1 GB for each second that it waits for the endpoint, and no EC2 instance for it', () => {
  const waiting = { ...MEGABIT, waitSeconds: 90 };
  const [without, priced] = [MEGABIT, waiting].map((used) => priceTier(used, TIER, US_EAST_1));
  const compute = ({ lines }: CameraCost) => lines.find(({ name }) => name === 'compute')!;
  const gbSecondUsd = US_EAST_1.prices[`lambda.${TIER.architecture}.gbSecond`]!.usd;
  expect(compute(priced!).usdPerMonth - compute(without!).usdPerMonth).toBeCloseTo(
    90 * 1 * 730 * gbSecondUsd,
    9,
  );
  expect(compute(priced!).basis).toMatch(/, with 90 s of waiting for the endpoint$/);
  expect(compute(without!).basis).not.toMatch(/waiting/);
  expect(priceEc2(waiting, EC2, US_EAST_1)).toEqual(priceEc2(MEGABIT, EC2, US_EAST_1));
});

it('refuses an instance that is not in the book, and usage below zero', () => {
  expect(() => priceEc2(MEGABIT, { ...EC2, instance: 'z9.huge' }, US_EAST_1)).toThrow(
    /"z9.huge": expected an instance type of the book \(c5.large/,
  );
  expect(() => priceTier({ ...MEGABIT, cpuSeconds: -1 }, TIER, US_EAST_1)).toThrow();
});

function added(a: HourlyUsage, b: HourlyUsage): HourlyUsage {
  return {
    cpuSeconds: a.cpuSeconds + b.cpuSeconds,
    bytesRead: a.bytesRead + b.bytesRead,
    rowsWritten: a.rowsWritten + b.rowsWritten,
    snapshotsWritten: a.snapshotsWritten + b.snapshotsWritten,
    snapshotBytes: a.snapshotBytes + b.snapshotBytes,
  };
}
