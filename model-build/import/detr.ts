import { floatTensor, node } from '../onnx/model';
import { boxesAround, columns, PICKED } from './contract';
import type { Family } from './family';
import { findPair, MOST_QUERIES, type PairForm, readPair } from './pair';

const name = (part: string): string => `tierwatch/${part}`;

const FORM: PairForm = {
  family: 'detr',
  background: 'last',
  nms: null,
  boxesAre: 'centre and size, 0-1 of the input',
  boxNodes: (editor, { heightPx, widthPx }) => {
    editor.setConstant(floatTensor(name('sides'), [2], Float32Array.of(widthPx, heightPx)));
    return [
      columns(editor, PICKED, name('centre01'), [0, 2]),
      columns(editor, PICKED, name('size01'), [2, 4]),
      node('Mul', [name('centre01'), name('sides')], [name('centre')]),
      node('Mul', [name('size01'), name('sides')], [name('size')]),
      ...boxesAround(editor, name('centre'), name('size')),
    ];
  },
  boxOf: (row, { heightPx, widthPx }) => {
    const [x, y] = [row[0]! * widthPx, row[1]! * heightPx];
    const [w, h] = [(row[2]! * widthPx) / 2, (row[3]! * heightPx) / 2];
    return [x - w, y - h, x + w, y + h];
  },
  doubt: (boxes) =>
    boxes.every((side) => side >= -0.01 && side <= 1.01) ? null : 'export without post-processing',
};

/** DETR and its kin, RT-DETR among them: a set of queries, each one thing; no overlaps to suppress. */
export const DETR: Family = {
  name: FORM.family,
  pixels: null,
  isReshapeable: false,
  fits: (model) => {
    const pair = findPair(model);
    return pair !== null && pair.answers <= MOST_QUERIES;
  },
  read: (file, model, names) => readPair(file, model, { form: FORM, names }),
};
