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
import type { ImportTarget } from './family';
import type { GraphEditor } from './graph-editor';

const part = (name: string): string => `tierwatch/${name}`;

/** Where a graph's answers lie, before the best are chosen. */
export interface Answers {
  /** Confidences 0-1 of the kept classes: [N, classes, answers] (axis 1) or [N, answers, classes] (axis 2). */
  readonly classes: string;
  readonly classAxis: 1 | 2;
  /** One number an answer [N, answers] that its best class is multiplied with. */
  readonly objectness?: string;
  /** Four numbers an answer: [N, answers, 4]. */
  readonly rows: string;
}

/** What {@link chooseBest} makes: the rows of the best answers [N, K, 4] and which they were [N, K]. */
export const PICKED = part('picked');
export const CHOSEN = part('chosen');

/** Best class of each answer and the K most confident answers: `confidences`, `classIndexes`, and their rows. */
export function chooseBest(
  editor: GraphEditor,
  { classes, classAxis, objectness, rows }: Answers,
  maxDetections: number,
): OnnxNode[] {
  const best = objectness === undefined ? part('confidence') : part('best');
  const k = editor.integers([maxDetections]);
  return [
    editor.largest(classes, classAxis, best),
    node('ArgMax', [classes], [part('bestClass')], { axis: classAxis, keepdims: 0 }),
    ...(objectness === undefined ? [] : [node('Mul', [best, objectness], [part('confidence')])]),
    node('TopK', [part('confidence'), k], ['confidences', CHOSEN], { axis: -1 }),
    node('GatherElements', [part('bestClass'), CHOSEN], ['classIndexes'], { axis: 1 }),
    node('Unsqueeze', [CHOSEN, editor.integers([-1])], [part('chosen1')]),
    node('Tile', [part('chosen1'), editor.integers([1, 1, 4])], [part('chosen4')]),
    node('GatherElements', [rows, part('chosen4')], [PICKED], { axis: 1 }),
  ];
}

/** Columns `start` to `end` of the last of three axes. */
export function columns(
  editor: GraphEditor,
  tensor: string,
  output: string,
  [start, end]: readonly [number, number],
): OnnxNode {
  const [from, to, axis] = [[start], [end], [2]].map((one) => editor.integers(one));
  return node('Slice', [tensor, from!, to!, axis!], [output]);
}

/** Middles and sizes [N, K, 2] become `boxes` x1, y1, x2, y2 [N, K, 4]. */
export function boxesAround(editor: GraphEditor, centre: string, size: string): OnnxNode[] {
  editor.setConstant(floatTensor(part('half'), [], Float32Array.of(0.5)));
  return [
    node('Mul', [size, part('half')], [part('reach')]),
    node('Sub', [centre, part('reach')], [part('topLeft')]),
    node('Add', [centre, part('reach')], [part('bottomRight')]),
    node('Concat', [part('topLeft'), part('bottomRight')], ['boxes'], { axis: 2 }),
  ];
}

/** Of a graph's classes those that are kept, in their order. */
export function keepClasses(
  editor: GraphEditor,
  classes: string,
  { keep, axis }: { readonly keep: readonly number[]; readonly axis: 1 | 2 },
): OnnxNode {
  return node('Gather', [classes, editor.integers(keep)], [part('kept')], { axis });
}
export const KEPT = part('kept');

/** The model whose graph is what the contract's outputs need of the editor's graph and the added nodes. */
export function contractModel(
  editor: GraphEditor,
  family: string,
  {
    added,
    target,
  }: { readonly added: readonly OnnxNode[]; readonly target: Omit<ImportTarget, 'pixels'> },
): OnnxModel {
  const { heightPx, widthPx, maxDetections } = target;
  return {
    irVersion: editor.opset > 20 ? 10 : 8,
    producerName: 'tierwatch',
    producerVersion: '1',
    opsetImport: [{ domain: '', version: editor.opset }],
    graph: {
      name: family,
      ...editor.finish(added, ['boxes', 'confidences', 'classIndexes']),
      input: [value('images', UINT8, ['N', heightPx, widthPx, 3])],
      output: [
        value('boxes', FLOAT, ['N', maxDetections, 4]),
        value('confidences', FLOAT, ['N', maxDetections]),
        value('classIndexes', INT64, ['N', maxDetections]),
      ],
    },
  };
}

/**
 * Reshapes to constant sizes of one picture take N: the first size follows from the others, or is kept as it
 * was. The proof runs two pictures at once.
 */
export function freeBatch(editor: GraphEditor): void {
  for (const one of editor.graph.node) {
    const shape = one.opType === 'Reshape' ? editor.constant(one.input[1] ?? '') : undefined;
    if (!shape) continue;
    const [first, ...rest] = integersOf(shape);
    const isOpen = rest.includes(-1);
    if (first === undefined || first <= 0 || (isOpen && first !== 1)) continue;
    const name = `${shape.name}/N`;
    editor.setConstant(integerTensor(name, shape.dims, [isOpen ? 0 : -1, ...rest]));
    one.input = [one.input[0]!, name];
  }
}
