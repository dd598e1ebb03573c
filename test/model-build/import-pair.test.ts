import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBundle } from '../../adapters/onnx/check-bundle';
import {
  FLOAT,
  floatTensor,
  integerTensor,
  node,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  value,
} from '../../model-build/onnx/model';
import { importInto, modelOf, NAMES, pictureInput, wave } from './exported';

const SIDE = 64;
/** Of a picture cut into cells of 8 px. */
const CELLS = 64;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-pair-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Shape {
  readonly channels: number;
  readonly answers: number;
  readonly ends?: 'Softmax' | 'Sigmoid';
  readonly opset?: number;
}

/**
 * DETR in small: a convolution cuts the picture into cells, learnt queries attend to them, and two layers say
 * class and box (centre and size by sigmoid). Batch of one in the reshape, as exported without dynamic axes.
 */
function detr({ channels, answers, ends, opset }: Shape): OnnxModel {
  const boxes: OnnxNode[] = [
    node('MatMul', ['seen', 'boxWeights'], ['rawBoxes']),
    node('Sigmoid', ['rawBoxes'], ['pred_boxes']),
  ];
  return modelOf(
    {
      node: [...attention(), ...boxes, ...classHead('pred_logits', ends)],
      initializer: [...queries(answers), wave('boxWeights', [16, 4], 2), ...classWeights(channels)],
      input: [pictureInput(SIDE, SIDE)],
      output: [
        value('pred_logits', FLOAT, [1, answers, channels]),
        value('pred_boxes', FLOAT, [1, answers, 4]),
      ],
    },
    opset,
  );
}

/** SSD in small: offsets to default boxes by variances 0.1 and 0.2, decoded to corners as pytorch-ssd does. */
function ssd({ channels, answers, ends, opset }: Shape, isDecoded = true): OnnxModel {
  const at = (name: string, values: number[]): OnnxTensor =>
    integerTensor(name, [values.length], values);
  const slice = (from: string, to: string, [start, end]: readonly [string, string]): OnnxNode =>
    node('Slice', [from, start, end, 'axis2'], [to]);
  const decode: OnnxNode[] = [
    slice('offsets', 'shift', ['zero', 'two']),
    slice('offsets', 'stretch', ['two', 'four']),
    slice('priors', 'priorCentre', ['zero', 'two']),
    slice('priors', 'priorSize', ['two', 'four']),
    node('Mul', ['shift', 'centreVariance'], ['shift1']),
    node('Mul', ['shift1', 'priorSize'], ['shift2']),
    node('Add', ['shift2', 'priorCentre'], ['centre']),
    node('Mul', ['stretch', 'sizeVariance'], ['stretch1']),
    node('Exp', ['stretch1'], ['stretch2']),
    node('Mul', ['stretch2', 'priorSize'], ['size']),
    node('Mul', ['size', 'half'], ['reach']),
    node('Sub', ['centre', 'reach'], ['topLeft']),
    node('Add', ['centre', 'reach'], ['bottomRight']),
    node('Concat', ['topLeft', 'bottomRight'], ['boxes'], { axis: 2 }),
  ];
  const head = node('MatMul', ['seen', 'boxWeights'], [isDecoded ? 'offsets' : 'boxes']);
  const priors = Float32Array.from({ length: answers * 4 }, (_, index) =>
    index % 4 < 2 ? ((index * 37) % 101) / 101 : 0.05 + ((index * 13) % 40) / 100,
  );
  return modelOf(
    {
      node: [...attention(), head, ...(isDecoded ? decode : []), ...classHead('scores', ends)],
      initializer: [
        ...[...queries(answers), wave('boxWeights', [16, 4], 2), ...classWeights(channels)],
        ...[at('zero', [0]), at('two', [2]), at('four', [4]), at('axis2', [2])],
        floatTensor('priors', [1, answers, 4], priors),
        floatTensor('centreVariance', [], Float32Array.of(0.1)),
        floatTensor('sizeVariance', [], Float32Array.of(0.2)),
        floatTensor('half', [], Float32Array.of(0.5)),
      ],
      input: [pictureInput(SIDE, SIDE)],
      output: [
        value('scores', FLOAT, [1, answers, channels]),
        value('boxes', FLOAT, [1, answers, 4]),
      ],
    },
    opset,
  );
}

function attention(): OnnxNode[] {
  return [
    node('Conv', ['images', 'patches'], ['cells'], { kernel_shape: [8, 8], strides: [8, 8] }),
    node('Reshape', ['cells', 'flat'], ['keys']),
    node('MatMul', ['queries', 'keys'], ['likeness']),
    node('Softmax', ['likeness'], ['attention'], { axis: 2 }),
    node('Transpose', ['keys'], ['values'], { perm: [0, 2, 1] }),
    node('MatMul', ['attention', 'values'], ['seen']),
  ];
}

function queries(answers: number): OnnxTensor[] {
  return [
    wave('patches', [16, 3, 8, 8]),
    integerTensor('flat', [3], [1, 16, CELLS]),
    wave('queries', [1, answers, 16]),
  ];
}

function classHead(output: string, ends: Shape['ends']): OnnxNode[] {
  if (!ends) return [node('MatMul', ['seen', 'classWeights'], [output])];
  return [
    node('MatMul', ['seen', 'classWeights'], ['logits']),
    node(ends, ['logits'], [output], ends === 'Softmax' ? { axis: 2 } : {}),
  ];
}

function classWeights(channels: number): OnnxTensor[] {
  return [wave('classWeights', [16, channels], 3)];
}

/** An SSD whose cells meet those of the batch's other pictures on their way. */
function mixed(nodes: readonly OnnxNode[]): OnnxModel {
  const model = ssd({ channels: 4, answers: 1200 });
  const [conv, ...rest] = model.graph.node;
  const mean = node('ReduceMean', ['cells0'], ['mean'], { axes: [0] });
  model.graph.node = [{ ...conv!, output: ['cells0'] }, mean, ...nodes, ...rest];
  return model;
}

describe('detr', () => {
  it.each([
    ['as many channels as names: sigmoid', { channels: 3 }, 'by sigmoid'],
    ['one more, the last for nothing: softmax', { channels: 4 }, 'by softmax'],
    [
      'a graph that ends in its own softmax',
      { channels: 4, ends: 'Softmax' as const },
      'as they are',
    ],
    ['a graph of opset 12', { channels: 4, ends: 'Softmax' as const, opset: 12 }, 'as they are'],
    ['a graph of opset 20', { channels: 3, opset: 20 }, 'by sigmoid'],
  ])('%s; answers as the export, two pictures at once too', async (_, shape, taken) => {
    const model = detr({ answers: 100, ...shape });
    const { manifest, proof, says } = await importInto(folder, model, { pixels: 'imagenet' });
    expect([manifest.family, manifest.classes, manifest.nms, manifest.maxDetections]).toEqual([
      ...['detr', ['car', 'person'], null, 100],
    ]);
    expect(says).toBe(
      `confidences from "pred_logits" ${taken}, boxes from "pred_boxes" as centre and size, 0-1 of the input; pictures as imagenet`,
    );
    expect([proof.pictures, proof.worstConfidenceGap < 1e-5, proof.worstBoxGapPx < 1e-3]).toEqual([
      ...[4, true, true],
    ]);
    expect((await checkBundle(join(folder, 'bundle'))).images).toBe(3);
  });

  it('with fewer queries than a hundred gives them all', async () => {
    const { manifest } = await importInto(folder, detr({ channels: 4, answers: 20 }), {
      pixels: 'rgb-1',
    });
    expect(manifest.maxDetections).toBe(20);
  });
});

describe('ssd', () => {
  it.each([
    ['softmax inside, background first', { channels: 4, ends: 'Softmax' as const }, 'as they are'],
    ['raw classes, background first', { channels: 4 }, 'by softmax'],
    ['raw classes without a background', { channels: 3 }, 'by sigmoid'],
  ])('%s; answers as the export, two pictures at once too', async (_, shape, taken) => {
    const model = ssd({ answers: 1200, ...shape });
    const { manifest, proof, says } = await importInto(folder, model, { pixels: 'rgb-127-128' });
    expect([manifest.family, manifest.nms]).toEqual(['ssd', { iouThreshold: 0.45 }]);
    expect(says).toBe(
      `confidences from "scores" ${taken}, boxes from "boxes" as corners x1, y1, x2, y2, 0-1 of the input; pictures as rgb-127-128`,
    );
    expect([proof.pictures, proof.worstConfidenceGap < 1e-5, proof.worstBoxGapPx < 1e-3]).toEqual([
      ...[4, true, true],
    ]);
    expect((await checkBundle(join(folder, 'bundle'))).images).toBe(3);
  });

  it.each([
    [
      'boxes left as offsets',
      () => ssd({ channels: 4, answers: 1200 }, false),
      { pixels: 'rgb-1' },
      /expected corners x1, y1, x2, y2, 0-1 of the input in "boxes", found other numbers; export the boxes decoded/,
    ],
    [
      'pictures that nobody named',
      () => ssd({ channels: 4, answers: 1200 }),
      {},
      /expected --pixels \(bgr-255, bgr-1, rgb-255, rgb-1, rgb-signed, rgb-127-128, imagenet\), since exports of family ssd differ/,
    ],
    [
      'pictures of no known form',
      () => ssd({ channels: 4, answers: 1200 }),
      { pixels: 'rgb' },
      /"--pixels rgb": expected bgr-255, .*, found another/,
    ],
    [
      'two names too few',
      () => ssd({ channels: NAMES.length + 2, answers: 1200 }),
      { pixels: 'rgb-1' },
      /expected 5 class names as the graph has, or 4 and a first one for nothing, found 3/,
    ],
    [
      'another shape than the export’s',
      () => ssd({ channels: 4, answers: 1200 }),
      { pixels: 'rgb-1', inputs: [{ heightPx: 96, widthPx: 96 }] },
      /expected --input 64x64, which it was exported at, found 96x96; export the weights at that shape, or with dynamic height and width/,
    ],
    [
      'answers that depend on the other pictures of a batch',
      () =>
        mixed([
          node('Sub', ['cells0', 'mean'], ['apart']),
          node('Add', ['cells0', 'apart'], ['cells']),
        ]),
      { pixels: 'rgb-1' },
      /expected the second picture of two to get the answers it gets alone, found confidences \d.* apart; export with a dynamic batch/,
    ],
    [
      'a graph that answers for one picture alone',
      () => mixed([node('Identity', ['mean'], ['cells'])]),
      { pixels: 'rgb-1' },
      /expected a graph that takes two pictures at once, found one whose batch is fixed; export with a dynamic batch/,
    ],
  ])('refuses %s in one sentence, and writes nothing', async (_, model, more, sentence) => {
    await expect(importInto(folder, model(), more)).rejects.toThrow(sentence);
    expect(existsSync(join(folder, 'bundle'))).toBe(false);
  });
});
