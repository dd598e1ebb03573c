import { ModelImportError } from '../errors';
import { node, type OnnxModel } from '../onnx/model';
import {
  boxesAround,
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
  type ImportTarget,
  onlyOutputDims,
  requireNames,
} from './family';
import { GraphEditor } from './graph-editor';
import { inputNodes } from './pixels';

const FAMILY = 'yolov9';
const name = (part: string): string => `tierwatch/${part}`;

/** YOLOv8, v9 and v11: RGB 0–1 planes in, one output [1, 4 + classes, anchors]: cx, cy, w, h in px, class confidences. */
export const YOLOV9: Family = {
  name: FAMILY,
  pixels: 'rgb-1',
  isReshapeable: false,
  fits: (model) => {
    const [batch, rows = 0, anchors = 0, ...rest] = onlyOutputDims(model);
    const hasAnchors = anchors === 0 || anchors > rows;
    return batch !== undefined && rest.length === 0 && rows >= 5 && hasAnchors;
  },
  read: (file, model, names) => {
    if (!YOLOV9.fits(model)) {
      throw new ModelImportError(
        'wrong-family',
        `"${file}": expected one output [1, 4 + classes, anchors] of family yolov9, found ${describeTensors(model.graph.output)}; name the right --family, or export without NMS`,
      );
    }
    const output = model.graph.output[0]!.name;
    const [, rows, anchors] = onlyOutputDims(model);
    requireNames(file, rows! - 4, names);
    return {
      says: `"${output}" holds centres and sizes in px, then a confidence a class`,
      nms: { iouThreshold: 0.45 },
      answers: anchors || null,
      rewrite: (target) => rewrite(file, model, target),
      decodeOriginal: (outputs, _shape, keep) => decode(floatsIn(outputs, output), rows!, keep),
    };
  },
};

function rewrite(file: string, model: OnnxModel, target: ImportTarget): OnnxModel {
  const editor = new GraphEditor(file, model);
  freeBatch(editor);
  const output = editor.graph.output[0]!.name;
  const [none, four, end, axis] = [0, 4, 1 << 30, 1].map((one) => editor.integers([one]));
  const added = [
    ...inputNodes(editor, target.pixels),
    node('Slice', [output, none!, four!, axis!], [name('regression')]),
    node('Slice', [output, four!, end!, axis!], [name('classes')]),
    keepClasses(editor, name('classes'), { keep: target.keep, axis: 1 }),
    node('Transpose', [name('regression')], [name('rows')], { perm: [0, 2, 1] }),
    ...chooseBest(
      editor,
      { classes: KEPT, classAxis: 1, rows: name('rows') },
      target.maxDetections,
    ),
    columns(editor, PICKED, name('centre'), [0, 2]),
    columns(editor, PICKED, name('size'), [2, 4]),
    ...boxesAround(editor, name('centre'), name('size')),
  ];
  return contractModel(editor, FAMILY, { added, target });
}

function decode(data: Float32Array, rows: number, keep: readonly number[]): Answer[] {
  const count = data.length / rows;
  const at = (row: number, anchor: number): number => data[row * count + anchor]!;
  const answers = Array.from({ length: count }, (_, anchor): Answer => {
    const [x, y] = [at(0, anchor), at(1, anchor)];
    const [w, h] = [at(2, anchor) / 2, at(3, anchor) / 2];
    const best = bestKept(keep, (index) => at(4 + index, anchor));
    return { ...best, box: [x - w, y - h, x + w, y + h] };
  });
  return byConfidence(answers);
}
