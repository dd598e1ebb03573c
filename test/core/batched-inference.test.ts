import { describe, expect, it } from 'vitest';
import { BatchedInference } from '../../core/batched-inference';
import { PRODUCT_ANALYSIS_DEFAULTS } from '../../core/camera-settings';
import type { Detector, Picture, RawDetections } from '../../core/ports';

const BOX: RawDetections = {
  boxes: new Float32Array([0, 0, 4, 4]),
  confidences: new Float32Array([0.9]),
  classIndexes: new Int32Array([0]),
};

/** A detector of two pictures a batch that answers when it is told to. */
function open() {
  const batches: { pixels: Uint8Array; answer: PromiseWithResolvers<readonly RawDetections[]> }[] =
    [];
  const detector: Detector = {
    model: 'fake',
    modelSha256: '0',
    classes: ['person'],
    nms: null,
    maxBatch: 2,
    inputFor: () => ({ widthPx: 8, heightPx: 8, fill: 0 }),
    infer(pixels) {
      const answer = Promise.withResolvers<readonly RawDetections[]>();
      batches.push({ pixels, answer });
      return answer.promise;
    },
  };
  const settings = { ...PRODUCT_ANALYSIS_DEFAULTS, classes: ['person'] };
  const inference = new BatchedInference(detector, settings, { widthPx: 8, heightPx: 8 });
  const picture = (value: number): Picture => ({
    atSeconds: value,
    luma: () => new Uint8Array(),
    fitRgb: (_, into) => void into.fill(value),
    rgb: () => ({ data: new Uint8Array(), widthPx: 0, heightPx: 0 }),
  });
  /** The first value of each picture of each batch, as it lies in memory now. */
  const shown = () => batches.map(({ pixels }) => [pixels[0], pixels[192]]);
  return { batches, inference, picture, shown };
}

describe('inferring in batches', () => {
  it('takes the pictures of the next batch while one is inferred, whose own stay as they are', async () => {
    const { inference, picture, shown } = open();
    for (const value of [1, 2, 3]) await inference.add(picture(value));
    expect(shown()).toEqual([[1, 2]]);
  });

  it('begins a batch once the one before is answered', async () => {
    const { batches, inference, picture, shown } = open();
    for (const value of [1, 2, 3]) await inference.add(picture(value));
    const fourth = inference.add(picture(4));
    expect(shown()).toEqual([[1, 2]]);
    batches[0]!.answer.resolve([BOX, BOX]);
    await fourth;
    expect(shown()[1]).toEqual([3, 4]);
  });

  it('answers picture by picture in the order in which they were added', async () => {
    const { batches, inference, picture } = open();
    const none = { ...BOX, boxes: new Float32Array(), confidences: new Float32Array() };
    for (const value of [1, 2, 3]) await inference.add(picture(value));
    const finished = inference.finish();
    batches[0]!.answer.resolve([BOX, none]);
    await expect.poll(() => batches.length).toBe(2);
    batches[1]!.answer.resolve([BOX]);
    expect((await finished).map(({ length }) => length)).toEqual([1, 0, 1]);
  });

  it('meets the error of a batch at the next one, or at the end', async () => {
    const { batches, inference, picture } = open();
    for (const value of [1, 2]) await inference.add(picture(value));
    batches[0]!.answer.reject(new Error('no memory'));
    await inference.add(picture(3));
    await expect(inference.add(picture(4))).rejects.toThrow('no memory');
    await expect(inference.finish()).rejects.toThrow('no memory');
  });
});
