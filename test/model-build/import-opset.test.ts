import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { raiseOpset } from '../../model-build/import/opset';
import {
  FLOAT,
  floatTensor,
  integerTensor,
  node,
  type OnnxModel,
  type OnnxNode,
  value,
} from '../../model-build/onnx/model';
import { importInto, modelOf, pictureInput, wave } from './exported';

const SIDE = 96;
const ANCHORS = 144;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-opset-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** One convolution as YOLOv9's head, its answers led through `between`: from `flat` to `unit`. */
function headed(between: readonly OnnxNode[], opset: number): OnnxModel {
  const scale = Float32Array.of(SIDE, SIDE, 40, 40, 1, 1, 1);
  return modelOf(
    {
      node: [
        node('Conv', ['images', 'weights'], ['cells'], { kernel_shape: [8, 8], strides: [8, 8] }),
        node('Reshape', ['cells', 'shape'], ['flat']),
        ...between,
        node('Mul', ['unit', 'scale'], ['output0']),
      ],
      initializer: [
        wave('weights', [7, 3, 8, 8]),
        floatTensor('scale', [1, 7, 1], scale),
        integerTensor('shape', [3], [1, 7, ANCHORS]),
      ],
      input: [pictureInput(SIDE, SIDE)],
      output: [value('output0', FLOAT, [1, 7, ANCHORS])],
    },
    opset,
  );
}

it('brings attributes that became inputs forward: an export of opset 11 answers as before', async () => {
  const parts = [
    node('Split', ['flat'], ['left', 'right'], { axis: 1, split: [4, 3] }),
    node('Concat', ['left', 'right'], ['joined'], { axis: 1 }),
    node('Unsqueeze', ['joined'], ['four'], { axes: [3] }),
    node('Softmax', ['four'], ['soft'], { axis: 3 }),
    node('Squeeze', ['four'], ['three'], { axes: [3] }),
    node('Sigmoid', ['three'], ['unit0']),
    node('ReduceSum', ['soft'], ['one'], { axes: [3], keepdims: 0 }),
    node('Mul', ['unit0', 'one'], ['unit']),
  ];
  const { proof } = await importInto(folder, headed(parts, 11));
  expect([proof.pictures, proof.worstConfidenceGap < 1e-5]).toEqual([4, true]);
  const { graph, opset } = raiseOpset('x', headed(parts, 11));
  expect(opset).toBe(17);
  expect(graph.node.filter(({ input }) => input.length === 2).map(({ opType }) => opType)).toEqual([
    ...['Conv', 'Reshape', 'Split', 'Concat', 'Unsqueeze', 'Squeeze', 'ReduceSum', 'Mul', 'Mul'],
  ]);
});

it('keeps an opset after 17', () => {
  expect(raiseOpset('x', headed([node('Sigmoid', ['flat'], ['unit'])], 19)).opset).toBe(19);
});

it('refuses where a softmax before opset 13 took more than its axis, by the node whose answer differs', async () => {
  const soft = headed([node('Softmax', ['flat'], ['unit'], { axis: 1 })], 12);
  await expect(importInto(folder, soft)).rejects.toThrow(
    /it differs first at Softmax "\/model\/unit" \(tensor "unit"\)/,
  );
});

it('refuses a wrong family, a name that no bundle can have, and a shape twice', async () => {
  const model = headed([node('Sigmoid', ['flat'], ['unit'])], 17);
  const shape = { heightPx: SIDE, widthPx: SIDE };
  await expect(importInto(folder, model, { family: 'yolox' })).rejects.toThrow(
    /expected the graph of family yolox with Transpose before "output0", found Mul/,
  );
  await expect(importInto(folder, model, { family: 'ssd', pixels: 'rgb-1' })).rejects.toThrow(
    /expected outputs \[1, answers, classes\] and \[1, answers, 4\] of family ssd, found output0 \[1, 7, 144\]/,
  );
  await expect(importInto(folder, model, { name: 'My Model' })).rejects.toThrow(
    /"--name My Model": expected up to 63 of a-z, 0-9/,
  );
  await expect(importInto(folder, model, { inputs: [shape, shape] })).rejects.toThrow(
    /"--input 96x96,96x96": expected shapes that differ, found one twice or none/,
  );
  await expect(importInto(folder, model, { keep: ['car', 'car'] })).rejects.toThrow(
    /expected each class once, found car twice/,
  );
  expect(existsSync(join(folder, 'bundle'))).toBe(false);
});

it.each([
  [
    'a graph inside a node',
    (model: OnnxModel) => {
      const attribute = [{ name: 'then_branch', type: 5, g: Buffer.from([18, 1, 120]) }];
      model.graph.node[2] = { ...model.graph.node[2]!, opType: 'If', attribute };
    },
    /expected one flat graph with its weights inside, found If \("\/model\/unit"\) with a graph of its own; export without loops/,
  ],
  [
    'weights in another file',
    (model: OnnxModel) => {
      model.graph.initializer[0] = { ...model.graph.initializer[0]!, dataLocation: 1 };
    },
    /found "weights" in another file; save the model as one file/,
  ],
  [
    'functions of its own',
    (model: OnnxModel) => {
      model.functions = [Buffer.from([10, 1, 120])];
    },
    /found functions; export with its functions inlined/,
  ],
  [
    'operators of another domain',
    (model: OnnxModel) => {
      model.graph.node[2] = { ...model.graph.node[2]!, domain: 'com.microsoft', opType: 'Gelu' };
    },
    /expected ONNX's own operators, found Gelu \("\/model\/unit"\) of domain "com.microsoft"/,
  ],
  [
    'an operator that changed its meaning',
    (model: OnnxModel) => {
      model.graph.node[2] = { ...model.graph.node[2]!, opType: 'Dropout' };
    },
    /operator Dropout \("\/model\/unit"\) changed between opset 11 and 17; export with opset 17/,
  ],
  [
    'an operator that nobody knows',
    (model: OnnxModel) => {
      model.graph.node[2] = { ...model.graph.node[2]!, opType: 'Sigmund' };
    },
    /expected the graph to run in ONNX Runtime, found: .*Sigmund/,
  ],
  [
    'two pictures at the input',
    (model: OnnxModel) => {
      model.graph.input.push(value('mask', FLOAT, [1, SIDE, SIDE]));
    },
    /expected one input \[1, 3, height, width\], its sides both fixed or both free, found images \[1, 3, 96, 96\], mask \[1, 96, 96\]/,
  ],
  [
    'confidences that are none',
    (model: OnnxModel) => {
      model.graph.node[2] = { ...model.graph.node[2]!, opType: 'Identity' };
    },
    /expected confidences from 0 to 1, found .*export with the head's own activation/,
  ],
])('refuses %s in one sentence, and writes nothing', async (_, change, sentence) => {
  const model = headed([node('Sigmoid', ['flat'], ['unit'])], 11);
  change(model);
  await expect(importInto(folder, model)).rejects.toThrow(sentence);
  expect(existsSync(join(folder, 'bundle'))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});
