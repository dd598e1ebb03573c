import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakEvenOf } from '../../core/gpu-break-even';
import {
  decideLane,
  HeldLaneSwitch,
  type LaneDecision,
  LaneSwitch,
  UNDECIDED,
} from '../../core/lane-switch';
import { US_EAST_1 } from '../../core/prices/us-east-1';
import { RecordingTelemetry } from '../handlers/world';

const PRICED = { instanceType: 'ml.g4dn.xlarge', instances: 1, architecture: 'x86' } as const;
const breakEven = { framesPerSecond: 100, endpointUsdPerHour: 0.7364, lambdaUsdPerFrame: 2e-6 };
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
  it('of one ml.g4dn.xlarge is 807 frames a second on x86_64, seven vCPUs of them', () => {
    const { framesPerSecond, endpointUsdPerHour, lambdaUsdPerFrame } = breakEvenOf(
      PRICED,
      US_EAST_1,
    );
    expect(Math.round(framesPerSecond)).toBe(807);
    expect(endpointUsdPerHour).toBe(0.7364);
    expect(framesPerSecond * 3600 * lambdaUsdPerFrame).toBeCloseTo(0.7364, 10);
    expect((framesPerSecond * 14.4 * 2.2) / 3600).toBeCloseTo(7.1, 1);
  });

  it('grows with the instances that are always paid, and is higher on arm64', () => {
    const [one, two, arm] = [
      PRICED,
      { ...PRICED, instances: 2 },
      { ...PRICED, architecture: 'arm64' as const },
    ].map((options) => breakEvenOf(options, US_EAST_1).framesPerSecond);
    expect([two! / one!, arm! / one!]).toEqual([2, expect.closeTo(1.25, 4)]);
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
      endpointUsdPerHour: 0.7364,
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
