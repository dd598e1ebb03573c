import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakEvenOf, endpointFor } from '../../core/gpu-break-even';
import {
  decideLane,
  HeldLaneSwitch,
  type LaneDecision,
  LaneSwitch,
  UNDECIDED,
} from '../../core/lane-switch';
import { US_EAST_1 } from '../../core/prices/us-east-1';
import { RecordingTelemetry } from '../handlers/world';

const PRICED = {
  instanceType: 'ml.g4dn.xlarge',
  instances: 1,
  architecture: 'x86',
  cpuMsPerFrame: 34.7,
  concurrentRequests: 16,
} as const;
const breakEven = {
  framesPerSecond: 100,
  instances: 1,
  instanceFramesPerSecond: 1000,
  instanceUsdPerHour: 0.72,
  lambdaUsdPerFrame: 2e-6,
};
const rule = { breakEven, dwellMinutes: 60 };
const START = Date.parse('2026-11-20T08:00:00Z');
const at = (minutes: number): Date => new Date(START + minutes * 60_000);

/** Decides every ten minutes by these rates, from the cpu lane. */
function lanesBy(...rates: readonly number[]): string[] {
  let decision = UNDECIDED;
  return rates.map((framesPerSecond, index) => {
    decision = decideLane(decision, framesPerSecond, { rule, now: at(index * 10) });
    return `${decision.lane} ${decision.reason}`;
  });
}

describe('the break-even', () => {
  it('of one ml.g4dn.xlarge and YOLOX-S in FP32 is 231 frames a second on x86_64, eight vCPUs of them', () => {
    const found = breakEvenOf(PRICED, US_EAST_1);
    const { framesPerSecond, instanceUsdPerHour, lambdaUsdPerFrame } = found;
    expect(Math.round(framesPerSecond)).toBe(231);
    // The instance, and 1.6 functions of 1 GB that wait for it.
    expect(instanceUsdPerHour).toBeCloseTo(0.7364 + 1.6 * 1.66667e-5 * 3600, 5);
    expect(framesPerSecond * 3600 * lambdaUsdPerFrame).toBeCloseTo(instanceUsdPerHour, 10);
    expect((framesPerSecond * 34.7) / 1000).toBeCloseTo(8.0, 1);
  });

  it('grows with the instances that are always paid, and is higher on arm64', () => {
    const [one, two, arm] = [
      PRICED,
      { ...PRICED, instances: 2 },
      { ...PRICED, architecture: 'arm64' as const },
    ].map((options) => breakEvenOf(options, US_EAST_1).framesPerSecond);
    expect([two! / one!, arm! / one!]).toEqual([2, expect.closeTo(1.22, 2)]);
  });

  it('is never reached by YOLOX-Nano: vCPUs of an instance take less than Lambda would cost', () => {
    for (const architecture of ['x86', 'arm64'] as const) {
      const nano = breakEvenOf({ ...PRICED, architecture, cpuMsPerFrame: 8.8 }, US_EAST_1);
      const ratios = [100, 800, 5000, 100_000].map(
        (rate) => (rate * 3600 * nano.lambdaUsdPerFrame) / endpointFor(rate, nano).usdPerHour,
      );
      expect(Math.max(...ratios)).toBeLessThan(1);
    }
  });

  it('refuses an instance type that has no price', () => {
    expect(() => breakEvenOf({ ...PRICED, instanceType: 'ml.p9.huge' }, US_EAST_1)).toThrow(
      '"sagemaker.ml.p9.huge.hour": expected a price of us-east-1, found none; add it',
    );
  });
});

describe('the lane switch', () => {
  it('goes to the endpoint at 1.2 of the break-even, and back below 0.8: between them nothing changes', () => {
    expect(lanesBy(119, 120, 90, 90, 90, 90, 90, 90, 79)).toEqual([
      'cpu between',
      'gpu above',
      ...Array.from({ length: 6 }, () => 'gpu between'),
      'cpu below',
    ]);
  });

  it('keeps a lane for an hour, whatever the rates', () => {
    expect(lanesBy(200, 0, 0, 0, 0, 0, 0, 200, 200, 200, 200, 200, 200)).toEqual([
      'gpu above',
      ...Array.from({ length: 5 }, () => 'gpu dwell'),
      'cpu below',
      ...Array.from({ length: 5 }, () => 'cpu dwell'),
      'gpu above',
    ]);
  });

  it('counts the instances that the frames need: what pays on one may not on the second', () => {
    const small = { ...rule, breakEven: { ...breakEven, instanceFramesPerSecond: 130 } };
    const decided = [125, 140, 260].map((rate) => {
      const { lane, reason, instances } = decideLane(UNDECIDED, rate, { rule: small, now: at(0) });
      return [lane, reason, instances];
    });
    expect(decided).toEqual([
      ['gpu', 'above', 1],
      ['cpu', 'below', 2],
      ['gpu', 'above', 2],
    ]);
  });

  it('writes down the numbers that justify it', () => {
    const decision = decideLane(UNDECIDED, 150, { rule, now: at(0) });
    expect(decision).toEqual({
      schemaVersion: 1,
      lane: 'gpu',
      since: '2026-11-20T08:00:00.000Z',
      decidedAt: '2026-11-20T08:00:00.000Z',
      reason: 'above',
      framesPerSecond: 150,
      breakEvenFramesPerSecond: 100,
      instances: 1,
      endpointUsdPerHour: 0.72,
      lambdaUsdPerHour: expect.closeTo(1.08, 10),
    });
    expect(decideLane(decision, 100, { rule, now: at(30) }).since).toBe(decision.since);
  });

  it('never changes twice within the dwell', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 300, noNaN: true })), (rates) => {
        const changes: number[] = [];
        let before: LaneDecision = UNDECIDED;
        for (const [index, rate] of rates.entries()) {
          const after = decideLane(before, rate, { rule, now: at(index * 7) });
          if (after.lane !== before.lane) changes.push(index * 7);
          before = after;
        }
        expect(
          changes.every((minute, index) => index === 0 || minute - changes[index - 1]! >= 60),
        ).toBe(true);
      }),
    );
  });
});

describe('what route asks', () => {
  it('is read once a minute; where it can’t be read the last decision holds, and the cpu lane before any', async () => {
    const store = new HeldLaneSwitch();
    const telemetry = new RecordingTelemetry();
    let nowMs = 0;
    let isDown = true;
    const read = () => (isDown ? Promise.reject(new Error('access denied')) : store.read());
    const laneSwitch = new LaneSwitch({ read }, { nowMs: () => nowMs, telemetry });
    expect(await laneSwitch.lane()).toBe('cpu');
    isDown = false;
    await store.write({ ...UNDECIDED, lane: 'gpu' });
    expect(await laneSwitch.lane()).toBe('cpu');
    nowMs = 60_000;
    expect(await laneSwitch.lane()).toBe('gpu');
    isDown = true;
    nowMs = 120_000;
    expect(await laneSwitch.lane()).toBe('gpu');
    expect(telemetry.counted).toEqual({ staleLaneSwitch: 2 });
    expect(telemetry.logged.map(({ fields }) => fields)).toEqual([
      { cause: 'access denied', lane: 'cpu' },
      { cause: 'access denied', lane: 'gpu' },
    ]);
  });
});
