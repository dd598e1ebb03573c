import { expect, it } from 'vitest';
import { averagePrecision, hitTruths, type Truth } from '../../bench/average-precision';
import type { Detection } from '../../core/detection';

const LEFT: Detection['box'] = [0, 0, 0.4, 0.4];
const RIGHT: Detection['box'] = [0.6, 0.6, 1, 1];
const found = (box: Detection['box'], confidence: number): Detection => {
  return { className: 'person', confidence, box };
};
const truth = (box: Detection['box'], isIgnored = false): Truth => ({ box, isIgnored });

it.each([
  ['all found and nothing else', [found(LEFT, 0.9), found(RIGHT, 0.8)], 1],
  // Precision 1 up to recall 0.5 (51 of 101 recalls), nothing after.
  ['one of two found', [found(LEFT, 0.9)], 51 / 101],
  // A false alarm first: precision 1/2 at recall 0.5, then 2/3 at recall 1, which counts before it too.
  [
    'a false alarm that is surer than both',
    [found([0.45, 0, 0.55, 0.1], 0.95), found(LEFT, 0.9), found(RIGHT, 0.8)],
    2 / 3,
  ],
  [
    'a second answer to one truth',
    [found(LEFT, 0.9), found(LEFT, 0.85), found(RIGHT, 0.8)],
    1 - 50 / 303,
  ],
  ['nothing found', [], 0],
])('AP50 of two truths, %s', (_, detections, expected) => {
  const truths = [truth(LEFT), truth(RIGHT)];
  expect(averagePrecision([{ detections, truths }])).toBeCloseTo(expected, 12);
});

it('what is ignored is neither missed nor held against a detector, however often it is found', () => {
  const picture = {
    detections: [found(RIGHT, 0.9), found(RIGHT, 0.8), found(LEFT, 0.5)],
    truths: [truth(LEFT), truth(RIGHT, true)],
  };
  expect(averagePrecision([picture])).toBe(1);
  expect(hitTruths(picture, 0.4)).toEqual([truth(LEFT)]);
  expect(hitTruths(picture, 0.6)).toEqual([]);
  expect(averagePrecision([{ detections: [], truths: [truth(LEFT, true)] }])).toBeNaN();
});
