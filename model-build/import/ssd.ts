import { floatTensor, node } from '../onnx/model';
import { PICKED } from './contract';
import type { Family } from './family';
import { findPair, MOST_QUERIES, type PairForm, readPair } from './pair';

/** Of the default boxes so many must be boxes at all: offsets to them are as often inside out. */
const LEAST_WHOLE = 0.9;
/** Corners leave the picture by its own size at most. */
const MOST_REACH = 2;

const FORM: PairForm = {
  family: 'ssd',
  background: 'first',
  nms: { iouThreshold: 0.45 },
  boxesAre: 'corners x1, y1, x2, y2, 0-1 of the input',
  boxNodes: (editor, { heightPx, widthPx }) => {
    const sides = Float32Array.of(widthPx, heightPx, widthPx, heightPx);
    editor.setConstant(floatTensor('tierwatch/sides', [4], sides));
    return [node('Mul', [PICKED, 'tierwatch/sides'], ['boxes'])];
  },
  boxOf: (row, { heightPx, widthPx }) => [
    row[0]! * widthPx,
    row[1]! * heightPx,
    row[2]! * widthPx,
    row[3]! * heightPx,
  ],
  doubt: (boxes) => {
    const count = boxes.length / 4;
    let [whole, near] = [0, 0];
    for (let at = 0; at < boxes.length; at += 4) {
      const [x1, y1, x2, y2] = boxes.subarray(at, at + 4) as unknown as [
        number,
        number,
        number,
        number,
      ];
      if (x1 <= x2 && y1 <= y2) whole++;
      if (Math.max(Math.abs(x1), Math.abs(y1), Math.abs(x2), Math.abs(y2)) <= MOST_REACH) near++;
    }
    if (whole < LEAST_WHOLE * count)
      return 'export the boxes decoded, not as offsets to the default boxes';
    return near < LEAST_WHOLE * count
      ? 'divide them by the sides of the input in the export'
      : null;
  },
};

/** SSD with its boxes decoded and before suppression, as pytorch-ssd exports it, or torchvision's through docs/models.md. */
export const SSD: Family = {
  name: FORM.family,
  pixels: null,
  isReshapeable: false,
  fits: (model) => {
    const pair = findPair(model);
    return pair !== null && pair.answers > MOST_QUERIES;
  },
  read: (file, model, names) => readPair(file, model, { form: FORM, names }),
};
