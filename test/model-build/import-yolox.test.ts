import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkBundle } from '../../adapters/onnx/check-bundle';
import type { ImportRequest } from '../../model-build/import/import-model';
import {
  FLOAT,
  integerTensor,
  node,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  value,
} from '../../model-build/onnx/model';
import { importInto, modelOf, NAMES, pictureInput, wave } from './exported';

const SIDE = 96;
const STRIDES = [8, 16, 32];
const ROW = 5 + NAMES.length;
const ANCHORS = STRIDES.reduce((sum, stride) => sum + (SIDE / stride) ** 2, 0);
/** Rows and columns at which its Focus cuts, in the order of the channels. */
const FOCUS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-yolox-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** YOLOX in small, as its authors export: Focus, a trunk down to stride 32, and a raw head at three strides. */
function smallYolox({ side = SIDE as number | string, opset = 17 } = {}): OnnxModel {
  return modelOf(
    {
      node: [...focus(), ...trunk(), ...STRIDES.flatMap(head), ...joined()],
      initializer: [
        ...[0, 1, 2, 3].map((axis) => integerTensor(`axis${axis}`, [1], [axis])),
        ...[integerTensor('end', [1], [2 ** 31]), integerTensor('flat', [3], [1, ROW, -1])],
        ...[
          wave('stem', [8, 12, 3, 3]),
          ...[4, ...STRIDES].map((at) => wave(`w${at}`, [8, 8, 3, 3])),
        ],
        ...STRIDES.flatMap(headWeights),
      ],
      input: [pictureInput(side, side)],
      output: [value('output', FLOAT, [1, typeof side === 'string' ? 'anchors' : ANCHORS, ROW])],
    },
    opset,
  );
}

function focus(): OnnxNode[] {
  const cut = (from: string, to: string, [start, axis]: readonly [number, number]) =>
    node('Slice', [from, `axis${start}`, 'end', `axis${axis}`, 'axis2'], [to]);
  return [
    ...[cut('images', 'rows0', [0, 2]), cut('images', 'rows1', [1, 2])],
    ...FOCUS.map(([row, column]) => cut(`rows${row}`, `cut${row}${column}`, [column, 3])),
    node(
      'Concat',
      FOCUS.map(([row, column]) => `cut${row}${column}`),
      ['focus'],
      { axis: 1 },
    ),
  ];
}

function trunk(): OnnxNode[] {
  const square = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  const down = (from: string, stride: number): OnnxNode[] => [
    node('Conv', [from, `w${stride}`], [`c${stride}`], { ...square, strides: [2, 2] }),
    node('Relu', [`c${stride}`], [`f${stride}`]),
  ];
  return [
    node('Conv', ['focus', 'stem'], ['f2'], { ...square, strides: [1, 1] }),
    ...[down('f2', 4), down('f4', 8), down('f8', 16), down('f16', 32)].flat(),
  ];
}

function head(stride: number): OnnxNode[] {
  const [boxes, object, classes] = ['box', 'object', 'class'].map((part) => `${part}${stride}`);
  const predict = (part: string): OnnxNode =>
    node('Conv', [`f${stride}`, `${part}/w`, `${part}/b`], [`${part}/raw`], {
      kernel_shape: [1, 1],
    });
  return [
    ...[predict(boxes!), predict(object!), predict(classes!)],
    node('Sigmoid', [`${object}/raw`], [`${object}/on`]),
    node('Sigmoid', [`${classes}/raw`], [`${classes}/on`]),
    node('Concat', [`${boxes}/raw`, `${object}/on`, `${classes}/on`], [`level${stride}`], {
      axis: 1,
    }),
    node('Reshape', [`level${stride}`, 'flat'], [`flat${stride}`]),
  ];
}

function headWeights(stride: number): OnnxTensor[] {
  const parts = { box: 4, object: 1, class: NAMES.length };
  return Object.entries(parts).flatMap(([part, channels]) => [
    wave(`${part}${stride}/w`, [channels, 8, 1, 1], 1 / 40),
    wave(`${part}${stride}/b`, [channels], 1),
  ]);
}

function joined(): OnnxNode[] {
  return [
    node(
      'Concat',
      STRIDES.map((stride) => `flat${stride}`),
      ['levels'],
      { axis: 2 },
    ),
    node('Transpose', ['levels'], ['output'], { perm: [0, 2, 1] }),
  ];
}

it.each([11, 17, 20])(
  'auto takes a raw head behind a Focus for yolox, opset %i; answers as the export, at other shapes too',
  async (opset) => {
    const { manifest, proof, says } = await importInto(folder, smallYolox({ opset }));
    expect([manifest.family, manifest.classes, says]).toEqual([
      ...['yolox', ['car', 'person']],
      'raw head "output" decoded at strides 8, 16, 32; confidence is objectness times class; pictures as bgr-255',
    ]);
    expect(manifest.files.map(({ file }) => file)).toEqual([
      'fp32-256x416.onnx',
      'fp32-96x96.onnx',
    ]);
    expect([proof.pictures, proof.worstConfidenceGap < 1e-3, proof.worstBoxGapPx < 0.1]).toEqual([
      ...[4, true, true],
    ]);
    expect((await checkBundle(join(folder, 'bundle'))).files).toBe(2);
  },
);

it.each<[string, () => OnnxModel, Partial<ImportRequest>, RegExp]>([
  [
    'dynamic shapes',
    () => smallYolox({ side: 'side' }),
    {},
    /expected a fixed height and width for family yolox, found dynamic shapes; export with static shapes, --input makes others of it/,
  ],
  [
    'fewer class names than the graph has classes',
    () => smallYolox(),
    { classes: 'two.txt', keep: ['a'] },
    /expected 3 class names as the graph has, found 2 in --classes; name a file with one name a line/,
  ],
  [
    'a shape that its strides do not divide',
    () => smallYolox(),
    { inputs: [{ heightPx: 100, widthPx: 96 }] },
    /expected an --input whose sides are multiples of 32 and at least 64, found 100x96/,
  ],
  [
    'a graph without the Focus',
    () => {
      const model = smallYolox();
      model.graph.node[0]!.opType = 'Identity';
      model.graph.node[0]!.input = ['images'];
      return model;
    },
    {},
    /expected YOLOX's Focus \(four slices and a concat\) at the input "images", found .*; name the right --family/,
  ],
])('refuses %s in one sentence, and writes nothing', async (_, model, more, sentence) => {
  writeFileSync(join(folder, 'two.txt'), 'a\nb\n');
  const classes = join(folder, more.classes ?? 'names.txt');
  await expect(importInto(folder, model(), { ...more, classes })).rejects.toThrow(sentence);
  expect(existsSync(join(folder, 'bundle'))).toBe(false);
});
