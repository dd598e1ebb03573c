import { ModelImportError } from '../errors';
import {
  FLOAT,
  floatsOf,
  floatTensor,
  integersAttribute,
  integersOf,
  node,
  type OnnxModel,
  type OnnxNode,
} from '../onnx/model';
import {
  type Answers,
  boxesAround,
  CHOSEN,
  chooseBest,
  columns,
  contractModel,
  PICKED,
} from './contract';
import type { ImportShape, ImportTarget } from './family';
import { GraphEditor } from './graph-editor';
import { exportedName } from './opset';

const FAMILY = 'yolox';
const STRIDES = [8, 16, 32] as const;

/** One scale of the head: tensors [N, 4 | 1 | classes, height, width]. */
interface HeadLevel {
  readonly boxes: string;
  readonly objectness: string;
  readonly classes: string;
  readonly classNode: OnnxNode;
}

/** Number of classes of a YOLOX graph. @throws {ModelImportError} where it is none */
export function yoloxClassCount(file: string, model: OnnxModel): number {
  const editor = new GraphEditor(file, model);
  const [level] = headLevels(editor);
  return editor.constant(level!.classNode.input[1]!)!.dims[0]!;
}

/**
 * Rewrites a raw YOLOX export (BGR 0–255 planes in, undecoded head out) into the bundle's contract:
 * `images` uint8 [N,H,W,3] RGB in; `boxes` [N,K,4] xyxy px, `confidences` [N,K], `classIndexes` [N,K] out.
 * @throws {ModelImportError} naming what does not fit
 */
export function rewriteYolox(
  file: string,
  model: OnnxModel,
  target: Omit<ImportTarget, 'pixels'>,
): OnnxModel {
  requireShape(file, target);
  const editor = new GraphEditor(file, model);
  const levels = headLevels(editor);
  for (const { classNode } of levels) cutClasses(editor, classNode, target.keep);
  const added = [...inputNodes(editor), ...headNodes(editor, levels, target)];
  return contractModel(editor, FAMILY, { added, target });
}

function requireShape(file: string, { heightPx, widthPx }: ImportShape): void {
  if (heightPx % 32 === 0 && widthPx % 32 === 0 && heightPx >= 64 && widthPx >= 64) return;
  throw new ModelImportError(
    'bad-input-shape',
    `"${file}": expected an --input whose sides are multiples of 32 and at least 64, found ${heightPx}x${widthPx}; 16:9 cameras take 256x416`,
  );
}

/** Walks back from the output: Transpose ← Concat ← a Reshape of a Concat [boxes, objectness, classes] a scale. */
function headLevels(editor: GraphEditor): HeadLevel[] {
  const output = editor.graph.output[0]?.name ?? '';
  const transposed = editor.producer(output, 'Transpose', FAMILY);
  const joined = editor.producer(transposed.input[0]!, 'Concat', FAMILY);
  if (joined.input.length !== STRIDES.length) {
    throw new ModelImportError(
      'wrong-family',
      `"${editor.file}": expected ${STRIDES.length} scales in "${joined.name}", found ${joined.input.length}; name the right --family`,
    );
  }
  return joined.input.map((flat) => {
    const reshaped = editor.producer(flat, 'Reshape', FAMILY);
    const level = editor.producer(reshaped.input[0]!, 'Concat', FAMILY);
    const [boxes, objectness, classes] = level.input as [string, string, string];
    const sigmoid = editor.producer(classes, 'Sigmoid', FAMILY);
    const classNode = editor.producer(sigmoid.input[0]!, 'Conv', FAMILY);
    return { boxes, objectness, classes, classNode };
  });
}

function cutClasses(editor: GraphEditor, conv: OnnxNode, keep: readonly number[]): void {
  for (const name of conv.input.slice(1)) {
    const tensor = editor.constant(name)!;
    const values = floatsOf(tensor);
    const size = values.length / tensor.dims[0]!;
    const rows = Float32Array.from({ length: keep.length * size }, (_, index) => {
      return values[keep[Math.floor(index / size)]! * size + (index % size)]!;
    });
    editor.setConstant(floatTensor(name, [keep.length, ...tensor.dims.slice(1)], rows));
  }
}

/** uint8 RGB rows in; YOLOX's Focus (four interleaved slices and a concat) becomes one 6×6 convolution. */
function inputNodes(editor: GraphEditor): OnnxNode[] {
  const image = editor.graph.input[0]!.name;
  const slices = editor.consumers(image);
  const focus = slices[0] && focusOf(editor, slices);
  if (!focus) {
    throw new ModelImportError(
      'wrong-family',
      `"${editor.file}": expected YOLOX's Focus (four slices and a concat) at the input "${exportedName(image)}", found ${slices.map((one) => one.opType).join(', ') || 'nothing'}; name the right --family`,
    );
  }
  const { conv, offsets } = focus;
  editor.setConstant(unfocusedWeights(editor, conv.input[1]!, offsets));
  const stem = node('Conv', ['tierwatch/planes', ...conv.input.slice(1)], [...conv.output], {
    dilations: [1, 1],
    group: 1,
    kernel_shape: [6, 6],
    pads: [2, 2, 2, 2],
    strides: [2, 2],
  });
  return [
    node('Transpose', ['images'], ['tierwatch/bytes'], { perm: [0, 3, 1, 2] }),
    node('Cast', ['tierwatch/bytes'], ['tierwatch/planes'], { to: FLOAT }),
    stem,
  ];
}

/** The first convolution and, for each quarter of its channels, the row and column offset it was cut at. */
function focusOf(editor: GraphEditor, rowSlices: readonly OnnxNode[]) {
  const offsetOf = (slice: OnnxNode): number => integersOf(editor.constant(slice.input[1]!)!)[0]!;
  if (!rowSlices.every((slice) => slice.opType === 'Slice')) return null;
  const byOutput = new Map<string, readonly [number, number]>();
  for (const rows of rowSlices) {
    for (const columns of editor.consumers(rows.output[0]!)) {
      byOutput.set(columns.output[0]!, [offsetOf(rows), offsetOf(columns)]);
    }
  }
  const [first] = byOutput.keys();
  const concat = first === undefined ? undefined : editor.consumers(first)[0];
  const conv = concat && editor.consumers(concat.output[0]!)[0];
  const offsets = concat?.input.map((name) => byOutput.get(name)) ?? [];
  const fits = conv?.opType === 'Conv' && offsets.length === 4 && offsets.every((offset) => offset);
  const isPlain = conv && integersAttribute(conv, 'kernel_shape')?.join() === '3,3';
  return fits && isPlain ? { conv, offsets: offsets as (readonly [number, number])[] } : null;
}

/** [out, 4·3, 3, 3] on quarter pictures in BGR → [out, 3, 6, 6] on the whole picture in RGB. */
function unfocusedWeights(
  editor: GraphEditor,
  name: string,
  offsets: readonly (readonly [number, number])[],
) {
  const tensor = editor.constant(name)!;
  const from = floatsOf(tensor);
  const outputs = tensor.dims[0]!;
  const to = new Float32Array(outputs * 3 * 36);
  for (let index = 0; index < from.length; index++) {
    const column = index % 3;
    const row = Math.floor(index / 3) % 3;
    const channel = Math.floor(index / 9) % 12;
    const output = Math.floor(index / 108);
    const [dy, dx] = offsets[Math.floor(channel / 3)]!;
    const rgb = 2 - (channel % 3);
    to[((output * 3 + rgb) * 6 + 2 * row + dy) * 6 + 2 * column + dx] = from[index]!;
  }
  return floatTensor(name, [outputs, 3, 6, 6], to);
}

/** Best class of each anchor, the K most confident anchors, and only their boxes decoded. */
function headNodes(
  editor: GraphEditor,
  levels: readonly HeadLevel[],
  { heightPx, widthPx, keep, maxDetections }: Omit<ImportTarget, 'pixels'>,
): OnnxNode[] {
  const name = (part: string): string => `tierwatch/${part}`;
  const anchors = anchorGrid(heightPx, widthPx);
  const grid = Float32Array.from(anchors.flat());
  editor.setConstant(floatTensor(name('grid'), [anchors.length, 3], grid));
  const flatten = (part: string, tensors: readonly string[], channels: number): OnnxNode[] => {
    const flat = tensors.map((_, level) => name(`${part}${level}`));
    const shape = editor.integers([0, channels, -1]);
    return [
      ...tensors.map((tensor, level) => node('Reshape', [tensor, shape], [flat[level]!])),
      node('Concat', flat, [name(part)], { axis: 2 }),
    ];
  };
  const partsOf = (key: 'boxes' | 'objectness' | 'classes'): string[] =>
    levels.map((level) => level[key]);
  const answers: Answers = {
    ...{ classes: name('classes'), classAxis: 1, objectness: name('object') },
    rows: name('rows'),
  };
  return [
    ...flatten('regression', partsOf('boxes'), 4),
    ...flatten('objectness', partsOf('objectness'), 1),
    ...flatten('classes', partsOf('classes'), keep.length),
    node('Squeeze', [name('objectness'), editor.integers([1])], [name('object')]),
    node('Transpose', [name('regression')], [name('rows')], { perm: [0, 2, 1] }),
    ...chooseBest(editor, answers, maxDetections),
    node('Gather', [name('grid'), CHOSEN], [name('cells')], { axis: 0 }),
    columns(editor, name('cells'), name('corner'), [0, 2]),
    columns(editor, name('cells'), name('stride'), [2, 3]),
    columns(editor, PICKED, name('offset'), [0, 2]),
    columns(editor, PICKED, name('logSize'), [2, 4]),
    node('Add', [name('offset'), name('corner')], [name('cell')]),
    node('Mul', [name('cell'), name('stride')], [name('centre')]),
    node('Exp', [name('logSize')], [name('extent')]),
    node('Mul', [name('extent'), name('stride')], [name('size')]),
    ...boxesAround(editor, name('centre'), name('size')),
  ];
}

/** `[column, row, stride]` of every anchor, scale by scale, row by row. */
function anchorGrid(heightPx: number, widthPx: number): number[][] {
  return STRIDES.flatMap((stride) => {
    const columns = widthPx / stride;
    return Array.from({ length: (heightPx / stride) * columns }, (_, index) => [
      index % columns,
      Math.floor(index / columns),
      stride,
    ]);
  });
}
