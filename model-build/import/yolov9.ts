import type { Tensor } from 'onnxruntime-node';
import { ModelImportError } from '../errors';
import {
  FLOAT,
  floatTensor,
  INT64,
  integersOf,
  integerTensor,
  node,
  type OnnxModel,
  type OnnxNode,
  UINT8,
  value,
} from '../onnx/model';
import { type Anchor, type Family, onlyOutputDims } from './family';
import { GraphEditor, requireSameOperators, TARGET_OPSET } from './graph-editor';
import type { ImportShape, ImportTarget } from './yolox';

const name = (part: string): string => `tierwatch/${part}`;

/** YOLOv8 and v9: RGB 0–1 planes in, one output [1, 4 + classes, anchors]: cx, cy, w, h in px, class confidences. */
export const YOLOV9: Family = {
  name: 'yolov9',
  fits: (model) => {
    const [batch, rows = 0, anchors = 0, ...rest] = onlyOutputDims(model);
    return batch !== undefined && rest.length === 0 && rows >= 5 && anchors > rows;
  },
  classCount,
  rewrite,
  toPlanes,
  decodeOriginal,
};

function classCount(file: string, model: OnnxModel): number {
  if (YOLOV9.fits(model)) return onlyOutputDims(model)[1]! - 4;
  throw new ModelImportError(
    'wrong-family',
    `"${file}": expected one output [1, 4 + classes, anchors] of family yolov9, found [${onlyOutputDims(model).join(', ')}]; name the right --family, or export without NMS`,
  );
}

function rewrite(file: string, model: OnnxModel, target: ImportTarget): OnnxModel {
  requireSameOperators(file, model);
  requireExportedShape(file, model, target);
  const editor = new GraphEditor(file, structuredClone(model.graph));
  const [input, output] = [editor.graph.input[0]!.name, editor.graph.output[0]!.name];
  for (const one of editor.graph.node) {
    one.input = one.input.map((tensor) => (tensor === input ? name('planes') : tensor));
    if (one.opType === 'Reshape') freeBatch(editor, one);
  }
  const { heightPx, widthPx, maxDetections, keep } = target;
  editor.setConstant(floatTensor(name('scale'), [], Float32Array.of(1 / 255)));
  editor.setConstant(floatTensor(name('half'), [], Float32Array.of(0.5)));
  editor.setConstant(integerTensor(name('keep'), [keep.length], keep));
  editor.setConstant(integerTensor(name('k'), [1], [maxDetections]));
  for (const [part, one] of Object.entries({ 0: 0, 2: 2, 4: 4, end: 1 << 30, axis1: 1, last: -1 }))
    editor.setConstant(integerTensor(name(part), [1], [one]));
  editor.setConstant(integerTensor(name('four'), [3], [1, 1, 4]));
  editor.setConstant(integerTensor(name('axis2'), [1], [2]));
  const added = [...inputNodes(), ...headNodes(output)];
  const kept = editor.finish(added, ['boxes', 'confidences', 'classIndexes']);
  return {
    irVersion: 8,
    producerName: 'tierwatch',
    producerVersion: '1',
    opsetImport: [{ domain: '', version: TARGET_OPSET }],
    graph: {
      name: YOLOV9.name,
      ...kept,
      input: [value('images', UINT8, ['N', heightPx, widthPx, 3])],
      output: [
        value('boxes', FLOAT, ['N', maxDetections, 4]),
        value('confidences', FLOAT, ['N', maxDetections]),
        value('classIndexes', INT64, ['N', maxDetections]),
      ],
    },
  };
}

/** The anchors' places are constants of the export, so another shape needs another export. */
function requireExportedShape(file: string, { graph }: OnnxModel, target: ImportTarget): void {
  const dims = graph.input[0]?.type?.tensorType.shape?.dim ?? [];
  const [height, width] = dims.slice(2).map(({ dimValue }) => dimValue ?? 0);
  if (height === target.heightPx && width === target.widthPx) return;
  throw new ModelImportError(
    'bad-input-shape',
    `"${file}": expected --input ${height}x${width}, which it was exported at, found ${target.heightPx}x${target.widthPx}; export the weights at that shape`,
  );
}

/** A first size of 1 becomes 0, "as it was", so that N is free; the proof runs a batch. */
function freeBatch(editor: GraphEditor, { input }: OnnxNode): void {
  const shape = editor.constant(input[1] ?? '');
  if (!shape) return;
  const [batch, ...sizes] = integersOf(shape);
  if (batch === 1) editor.setConstant(integerTensor(shape.name, shape.dims, [0, ...sizes]));
}

function inputNodes(): OnnxNode[] {
  return [
    node('Transpose', ['images'], [name('bytes')], { perm: [0, 3, 1, 2] }),
    node('Cast', [name('bytes')], [name('levels')], { to: FLOAT }),
    node('Mul', [name('levels'), name('scale')], [name('planes')]),
  ];
}

function headNodes(output: string): OnnxNode[] {
  const slice = (from: string, to: string, [start, end, axis]: readonly string[]): OnnxNode =>
    node('Slice', [from, name(start!), name(end!), name(axis!)], [name(to)]);
  return [
    slice(output, 'regression', ['0', '4', 'axis1']),
    slice(output, 'allClasses', ['4', 'end', 'axis1']),
    node('Gather', [name('allClasses'), name('keep')], [name('classes')], { axis: 1 }),
    node('ReduceMax', [name('classes')], [name('confidence')], { axes: [1], keepdims: 0 }),
    node('ArgMax', [name('classes')], [name('bestClass')], { axis: 1, keepdims: 0 }),
    node('TopK', [name('confidence'), name('k')], ['confidences', name('anchors')], { axis: -1 }),
    node('GatherElements', [name('bestClass'), name('anchors')], ['classIndexes'], { axis: 1 }),
    node('Unsqueeze', [name('anchors'), name('last')], [name('anchor1')]),
    node('Tile', [name('anchor1'), name('four')], [name('anchor4')]),
    node('Transpose', [name('regression')], [name('rows')], { perm: [0, 2, 1] }),
    node('GatherElements', [name('rows'), name('anchor4')], [name('picked')], { axis: 1 }),
    slice(name('picked'), 'centre', ['0', '2', 'axis2']),
    slice(name('picked'), 'extent', ['2', '4', 'axis2']),
    node('Mul', [name('extent'), name('half')], [name('reach')]),
    node('Sub', [name('centre'), name('reach')], [name('topLeft')]),
    node('Add', [name('centre'), name('reach')], [name('bottomRight')]),
    node('Concat', [name('topLeft'), name('bottomRight')], ['boxes'], { axis: 2 }),
  ];
}

function toPlanes(pixels: Uint8Array, { heightPx, widthPx }: ImportShape): Float32Array {
  const area = heightPx * widthPx;
  return Float32Array.from({ length: 3 * area }, (_, index) => {
    return pixels[(index % area) * 3 + Math.floor(index / area)]! / 255;
  });
}

function decodeOriginal(output: Tensor, _shape: ImportShape, keep: readonly number[]): Anchor[] {
  const data = output.data as Float32Array;
  const count = output.dims[2]!;
  const at = (row: number, anchor: number): number => data[row * count + anchor]!;
  return Array.from({ length: count }, (_, anchor): Anchor => {
    const [x, y] = [at(0, anchor), at(1, anchor)];
    const [w, h] = [at(2, anchor) / 2, at(3, anchor) / 2];
    const confidence = Math.max(...keep.map((index) => at(4 + index, anchor)));
    return { confidence, box: [x - w, y - h, x + w, y + h] };
  }).sort((a, b) => b.confidence - a.confidence);
}
