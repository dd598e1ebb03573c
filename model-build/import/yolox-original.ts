import { ModelImportError } from '../errors';
import {
  type Answer,
  bestKept,
  byConfidence,
  type Family,
  floatsIn,
  type ImportShape,
  onlyOutputDims,
  requireNames,
} from './family';
import { rewriteYolox, yoloxClassCount } from './yolox';

const STRIDES = [8, 16, 32];

/** YOLOX: BGR 0–255 planes in, one undecoded output [1, anchors, 5 + classes]. */
export const YOLOX: Family = {
  name: 'yolox',
  pixels: 'bgr-255',
  isReshapeable: true,
  fits: (model) => {
    const [batch, anchors = 0, row = 0, ...rest] = onlyOutputDims(model);
    if (batch === undefined || rest.length > 0 || row < 6 || anchors <= row) return false;
    return isRawHead(model);
  },
  read: (file, model, names) => {
    requireNames(file, yoloxClassCount(file, model), names);
    const output = model.graph.output[0]!.name;
    return {
      says: `raw head "${output}" decoded at strides ${STRIDES.join(', ')}; confidence is objectness times class`,
      nms: { iouThreshold: 0.45 },
      answers: null,
      rewrite: (target) => rewriteYolox(file, model, target),
      decodeOriginal: (outputs, shape, keep) =>
        decodeHead(floatsIn(outputs, output), 5 + names.length, { shape, keep }),
    };
  },
};

function isRawHead(model: Parameters<Family['fits']>[0]): boolean {
  try {
    return yoloxClassCount('', model) > 0;
  } catch (error) {
    if (error instanceof ModelImportError) return false;
    throw error;
  }
}

/** YOLOX's head as its authors decode it: [anchors, 5 + classes] of offsets, log sizes, objectness, classes. */
function decodeHead(
  head: Float32Array,
  rowLength: number,
  { shape, keep }: { readonly shape: ImportShape; readonly keep: readonly number[] },
): Answer[] {
  const answers: Answer[] = [];
  let row = 0;
  for (const stride of STRIDES) {
    for (let y = 0; y < shape.heightPx / stride; y++) {
      for (let x = 0; x < shape.widthPx / stride; x++, row++) {
        const at = row * rowLength;
        const best = bestKept(keep, (index) => head[at + 4]! * head[at + 5 + index]!);
        const [cx, cy] = [(head[at]! + x) * stride, (head[at + 1]! + y) * stride];
        const [w, h] = [Math.exp(head[at + 2]!) * stride, Math.exp(head[at + 3]!) * stride];
        answers.push({ ...best, box: [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2] });
      }
    }
  }
  return byConfidence(answers);
}
