import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from '../../core/geometry';
import type { SampledFrame } from '../../core/segment-result';
import { boxesAt, samplingIntervalOf } from '../../dashboard/logic/choose-boxes';

const person = (box: Box, confidence = 0.9) => ({ className: 'person', confidence, box });
const frame = (atSeconds: number, detections: SampledFrame['detections'] = []): SampledFrame => ({
  atSeconds,
  source: 'inferred',
  detections,
});

const LEFT: Box = [0.1, 0.2, 0.3, 0.8];
const RIGHT: Box = [0.3, 0.2, 0.5, 0.8];

describe('boxes over a picture', () => {
  it('are those of the sample where the picture is the sample’s', () => {
    expect(boxesAt([frame(1), frame(2, [person(LEFT)])], 2.03, 1)).toEqual([
      { ...person(LEFT), isBetween: false },
    ]);
  });

  it('lie half-way between two samples at half the time, with the lesser confidence', () => {
    const frames = [frame(1, [person(LEFT, 0.9)]), frame(2, [person(RIGHT, 0.6)])];
    const [box] = boxesAt(frames, 1.5, 1);
    expect(box).toEqual({
      className: 'person',
      confidence: 0.6,
      box: [0.2, 0.2, 0.4, 0.8].map((value) => expect.closeTo(value, 9)),
      isBetween: true,
    });
  });

  it('pair each box with the nearest of its class', () => {
    const car = { className: 'car', confidence: 0.8, box: LEFT };
    const frames = [
      frame(0, [person(LEFT), person(RIGHT)]),
      frame(1, [person(RIGHT), person(LEFT), car]),
    ];
    const shown = boxesAt(frames, 0.25, 1);
    expect(shown.map(({ box }) => box).sort()).toEqual([LEFT, RIGHT]);
    expect(boxesAt(frames, 0.75, 1)).toHaveLength(3);
  });

  it('stay at the nearer sample where only one has them', () => {
    const frames = [frame(0, [person(LEFT)]), frame(1), frame(2, [person(RIGHT)])];
    expect(boxesAt(frames, 0.4, 1)).toEqual([{ ...person(LEFT), isBetween: true }]);
    expect(boxesAt(frames, 0.6, 1)).toEqual([]);
    expect(boxesAt(frames, 1.6, 1)).toEqual([{ ...person(RIGHT), isBetween: true }]);
  });

  it('are never further than a sampling interval from their sample', () => {
    expect(boxesAt([frame(1, [person(LEFT)])], 2.2, 1)).toEqual([]);
    expect(boxesAt([frame(9, [person(LEFT)])], 2, 1)).toEqual([]);
    expect(boxesAt([frame(1, [person(LEFT)])], 1.9, 1)).toEqual([
      { ...person(LEFT), isBetween: true },
    ]);
    expect(boxesAt([], 1, 1)).toEqual([]);
  });

  it('of a walk in a straight line lie on it at any moment', () => {
    const at = (seconds: number): Box => [seconds / 100, 0.2, seconds / 100 + 0.1, 0.8];
    const frames = Array.from({ length: 60 }, (_, second) => frame(second, [person(at(second))]));
    fc.assert(
      fc.property(fc.double({ min: 0, max: 59, noNaN: true }), (seconds) => {
        const [shown] = boxesAt(frames, seconds, 1);
        expect(Math.abs(shown!.box[0] - at(seconds)[0])).toBeLessThanOrEqual(0.0005);
      }),
    );
  });
});

describe('sampling interval', () => {
  it('is the median distance of the samples', () => {
    expect(samplingIntervalOf([0, 1, 2, 3, 9].map((at) => frame(at)))).toBe(1);
    expect(samplingIntervalOf([frame(0)])).toBeNull();
  });
});
