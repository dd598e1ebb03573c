import { ModelImportError } from '../errors';
import { floatTensor, node, type OnnxModel } from '../onnx/model';
import {
  type Answers,
  boxesAround,
  CHOSEN,
  chooseBest,
  columns,
  contractModel,
  freeBatch,
  KEPT,
  keepClasses,
  PICKED,
} from './contract';
import {
  type Answer,
  bestKept,
  byConfidence,
  describeTensors,
  type Family,
  floatsIn,
  type ImportShape,
  type ImportTarget,
  onlyOutputDims,
  requireNames,
} from './family';
import { GraphEditor } from './graph-editor';
import { inputNodes } from './pixels';

const FAMILY = 'fastestdet';
/** Its authors weigh the two parts of a confidence so. */
const OBJECT_POWER = 0.6;
const CLASS_POWER = 0.4;
const name = (part: string): string => `tierwatch/${part}`;

/** FastestDet: BGR 0–1 planes in, one output [1, 5 + classes, rows, columns]: objectness, a raw box, classes by softmax. */
export const FASTESTDET: Family = {
  name: FAMILY,
  pixels: 'bgr-1',
  isReshapeable: false,
  fits: (model) => {
    const [batch, channels = 0, rows = 0, columnCount = 0, ...rest] = onlyOutputDims(model);
    if (batch === undefined || rest.length > 0 || channels < 6 || !rows || !columnCount)
      return false;
    const output = model.graph.output[0]!.name;
    const maker = model.graph.node.find((one) => one.output.includes(output));
    return maker?.opType === 'Concat' && maker.input.length === 3;
  },
  read: (file, model, names) => {
    if (!FASTESTDET.fits(model)) {
      throw new ModelImportError(
        'wrong-family',
        `"${file}": expected one output [1, 5 + classes, rows, columns] of family fastestdet, found ${describeTensors(model.graph.output)}; name the right --family`,
      );
    }
    const output = model.graph.output[0]!.name;
    const [, channels, rows, columnCount] = onlyOutputDims(model) as [
      number,
      number,
      number,
      number,
    ];
    requireNames(file, channels - 5, names);
    const grid = { rows, columnCount };
    return {
      says: `cells of "${output}" decoded; confidence is objectness^${OBJECT_POWER} times class^${CLASS_POWER}`,
      nms: { iouThreshold: 0.45 },
      answers: rows * columnCount,
      rewrite: (target) => rewrite(file, model, { target, grid }),
      decodeOriginal: (outputs, shape, keep) =>
        decode(floatsIn(outputs, output), { grid, shape, keep }),
    };
  },
};

interface Grid {
  readonly rows: number;
  readonly columnCount: number;
}

function rewrite(
  file: string,
  model: OnnxModel,
  { target, grid }: { readonly target: ImportTarget; readonly grid: Grid },
): OnnxModel {
  const editor = new GraphEditor(file, model);
  freeBatch(editor);
  const output = editor.graph.output[0]!.name;
  const constant = (key: string, dims: number[], values: readonly number[]): string => {
    editor.setConstant(floatTensor(name(key), dims, Float32Array.from(values)));
    return name(key);
  };
  const cells = cellsOf(grid);
  const corners = constant('cells', [cells.length, 2], cells.flat());
  const cellPx = constant('cellPx', [2], cellSides(grid, target));
  const sidesPx = constant('sidesPx', [2], [target.widthPx, target.heightPx]);
  const part = (key: string, start: number, end: number) =>
    node(
      'Slice',
      [name('flat'), ...[start, end, 1].map((one) => editor.integers([one]))],
      [name(key)],
    );
  const answers: Answers = {
    ...{ classes: name('classes'), classAxis: 1, objectness: name('object') },
    rows: name('rows'),
  };
  const added = [
    ...inputNodes(editor, target.pixels),
    node('Reshape', [output, editor.integers([0, 0, -1])], [name('flat')]),
    part('objectness', 0, 1),
    part('regression', 1, 5),
    part('allClasses', 5, 1 << 30),
    keepClasses(editor, name('allClasses'), { keep: target.keep, axis: 1 }),
    node('Pow', [KEPT, constant('classPower', [], [CLASS_POWER])], [name('classes')]),
    node('Squeeze', [name('objectness'), editor.integers([1])], [name('object1')]),
    node('Pow', [name('object1'), constant('objectPower', [], [OBJECT_POWER])], [name('object')]),
    node('Transpose', [name('regression')], [name('rows')], { perm: [0, 2, 1] }),
    ...chooseBest(editor, answers, target.maxDetections),
    node('Gather', [corners, CHOSEN], [name('corner')], { axis: 0 }),
    columns(editor, PICKED, name('rawOffset'), [0, 2]),
    columns(editor, PICKED, name('rawSize'), [2, 4]),
    node('Tanh', [name('rawOffset')], [name('offset')]),
    node('Sigmoid', [name('rawSize')], [name('size01')]),
    node('Add', [name('offset'), name('corner')], [name('cell')]),
    node('Mul', [name('cell'), cellPx], [name('centre')]),
    node('Mul', [name('size01'), sidesPx], [name('size')]),
    ...boxesAround(editor, name('centre'), name('size')),
  ];
  return contractModel(editor, FAMILY, { added, target });
}

/** `[column, row]` of every cell, row by row. */
function cellsOf({ rows, columnCount }: Grid): [number, number][] {
  return Array.from({ length: rows * columnCount }, (_, index) => [
    index % columnCount,
    Math.floor(index / columnCount),
  ]);
}

/** Width and height of a cell, px. */
function cellSides({ rows, columnCount }: Grid, shape: ImportShape): [number, number] {
  return [shape.widthPx / columnCount, shape.heightPx / rows];
}

function decode(
  data: Float32Array,
  context: { readonly grid: Grid; readonly shape: ImportShape; readonly keep: readonly number[] },
): Answer[] {
  const { grid, shape, keep } = context;
  const cells = cellsOf(grid);
  const at = (channel: number, cell: number): number => data[channel * cells.length + cell]!;
  const [cellWidth, cellHeight] = cellSides(grid, shape);
  const sigmoid = (raw: number): number => 1 / (1 + Math.exp(-raw));
  const answers = cells.map(([column, row], cell): Answer => {
    const object = at(0, cell) ** OBJECT_POWER;
    const best = bestKept(keep, (index) => object * at(5 + index, cell) ** CLASS_POWER);
    const x = (Math.tanh(at(1, cell)) + column) * cellWidth;
    const y = (Math.tanh(at(2, cell)) + row) * cellHeight;
    const [w, h] = [sigmoid(at(3, cell)) * shape.widthPx, sigmoid(at(4, cell)) * shape.heightPx];
    return { ...best, box: [x - w / 2, y - h / 2, x + w / 2, y + h / 2] };
  });
  return byConfidence(answers);
}
