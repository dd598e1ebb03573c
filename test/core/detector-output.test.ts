import { describe, expect, it } from 'vitest';
import { readBundle } from '../../adapters/onnx/bundle';
import { ort } from '../../adapters/onnx/runtime';
import type { Detection } from '../../core/detection';
import { suppressOverlaps, toDetections } from '../../core/detector-output';
import type { Box } from '../../core/geometry';
import {
  encodeModel,
  FLOAT,
  floatTensor,
  INT64,
  integerTensor,
  node,
  value,
} from '../../model-build/onnx/model';
import { Random } from '../../model-build/simulator/random';
import { modelOf } from '../model-build/exported';

const CLASSES = ['person', 'vehicle'];

describe('a graph’s answers as detections', () => {
  const context = {
    classes: CLASSES,
    input: { widthPx: 320, heightPx: 192, fill: 114 },
    pictureWidthPx: 640,
    pictureHeightPx: 360,
    minConfidence: 0.4,
    nms: null,
  };
  const answer = (box: number[], confidence = 0.9, classIndex = 0) => ({
    boxes: Float32Array.from(box),
    confidences: Float32Array.of(confidence),
    classIndexes: Int32Array.of(classIndex),
  });

  it.each([
    [
      'of the picture’s 180 rows in the input, not of the input’s 192',
      [32, 90, 64, 180],
      [0.1, 0.5, 0.2, 1],
    ],
    ['cut at the picture’s edges', [-10, -10, 330, 90], [0, 0, 1, 0.5]],
    ['to four decimals', [1, 1, 2, 2], [0.0031, 0.0056, 0.0063, 0.0111]],
  ])('have boxes %s', (_, box, expected) => {
    expect(toDetections(answer(box), context)).toEqual([
      { className: 'person', confidence: 0.9, box: expected },
    ]);
  });

  it.each([
    ['less sure than asked', answer([0, 0, 9, 9], 0.39)],
    ['no number', answer([0, 0, 9, 9], Number.NaN)],
    ['of a class that the bundle does not name', answer([0, 0, 9, 9], 0.9, 2)],
    ['in the filled rows below the picture', answer([0, 181, 9, 190])],
    ['without an extent', answer([9, 0, 9, 9])],
  ])('leave out what is %s', (_, raw) => {
    expect(toDetections(raw, context)).toEqual([]);
  });

  it('stand best first, and at most at 1', () => {
    const raw = {
      boxes: Float32Array.of(0, 0, 32, 18, 32, 18, 64, 36),
      confidences: Float32Array.of(0.5, 1.00001),
      classIndexes: Int32Array.of(0, 1),
    };
    const found = toDetections(raw, context);
    expect(found.map(({ className, confidence }) => [className, confidence])).toEqual([
      ['vehicle', 1],
      ['person', 0.5],
    ]);
  });
});

describe('overlaps of a class', () => {
  const person = (confidence: number, ...box: Box): Detection => ({
    ...{ className: 'person', confidence, box },
  });
  /** Of the shipped model, at second 51.5 of street-day, seed 4027: one walker. */
  const WHOLE = person(0.5, 0.4905, 0.3176, 0.6384, 0.9333);
  const BODY = person(0.47, 0.5228, 0.3362, 0.6025, 0.8945);

  it('leave one walker one box by the shipped model’s threshold, where 0.5 left two', () => {
    const { nms } = readBundle('model-build/default').manifest;
    expect(suppressOverlaps([WHOLE, BODY], nms!.iouThreshold)).toEqual([WHOLE]);
    expect(suppressOverlaps([WHOLE, BODY], 0.5)).toEqual([WHOLE, BODY]);
  });

  it('leave two people who stand half before each other, and a car behind a person', () => {
    const left = person(0.9, 0.2, 0.3, 0.4, 0.9);
    const right = person(0.8, 0.29, 0.32, 0.49, 0.92);
    const car: Detection = { ...left, className: 'vehicle', confidence: 0.7 };
    expect(suppressOverlaps([left, right, car], 0.4)).toEqual([left, right, car]);
  });

  it.each([0.3, 0.4, 0.45, 0.5, 0.7])(
    'above %d go as in ONNX Runtime’s NonMaxSuppression, on 40 crowds of 60 boxes',
    async (threshold) => {
      const random = new Random(9);
      let removed = 0;
      for (let crowd = 0; crowd < 40; crowd++) {
        const detections = Array.from({ length: 60 }, () => randomDetection(random)).sort(
          (a, b) => b.confidence - a.confidence,
        );
        const kept = suppressOverlaps(detections, threshold);
        expect(kept).toEqual(await referenceOf(detections, threshold));
        removed += detections.length - kept.length;
      }
      expect(removed).toBeGreaterThan(0);
    },
  );
});

function randomDetection(random: Random): Detection {
  const [x, y] = [random.between(0, 0.6), random.between(0, 0.6)];
  const box: Box = [x, y, x + random.between(0.05, 0.4), y + random.between(0.05, 0.4)];
  return { className: random.pick(CLASSES), confidence: random.between(0.1, 1), box };
}

/** What ONNX Runtime's own operator keeps, best first. */
async function referenceOf(detections: readonly Detection[], threshold: number) {
  const count = detections.length;
  const graph = modelOf({
    node: [node('NonMaxSuppression', ['boxes', 'scores', 'most', 'iou', 'least'], ['chosen'])],
    initializer: [
      integerTensor('most', [1], [count]),
      floatTensor('iou', [1], Float32Array.of(threshold)),
      floatTensor('least', [1], Float32Array.of(0.05)),
    ],
    input: [
      value('boxes', FLOAT, [1, count, 4]),
      value('scores', FLOAT, [1, CLASSES.length, count]),
    ],
    output: [value('chosen', INT64, ['n', 3])],
  });
  const session = await ort.InferenceSession.create(encodeModel(graph));
  const boxes = Float32Array.from(
    detections.flatMap(({ box: [x1, y1, x2, y2] }) => [y1, x1, y2, x2]),
  );
  const scores = Float32Array.from(
    CLASSES.flatMap((name) =>
      detections.map(({ className, confidence }) => (className === name ? confidence : 0)),
    ),
  );
  const { chosen } = await session.run({
    boxes: new ort.Tensor('float32', boxes, [1, count, 4]),
    scores: new ort.Tensor('float32', scores, [1, CLASSES.length, count]),
  });
  await session.release();
  const places = [...(chosen!.data as BigInt64Array)].filter((_, index) => index % 3 === 2);
  return places
    .map(Number)
    .sort((a, b) => a - b)
    .map((place) => detections[place]);
}
