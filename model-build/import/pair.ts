import type { Tensor } from 'onnxruntime-node';
import { ModelImportError } from '../errors';
import type { OnnxModel, OnnxNode, OnnxValue } from '../onnx/model';
import { activate, activationOf, activeRow } from './activation';
import { chooseBest, contractModel, freeBatch, KEPT, keepClasses } from './contract';
import {
  type Answer,
  bestKept,
  byConfidence,
  describeTensors,
  dimsOf,
  floatsIn,
  type ImportTarget,
  type Reading,
} from './family';
import { GraphEditor } from './graph-editor';
import { besideContract } from './opset';
import { inputNodes } from './pixels';

/** DETR's queries are some hundreds, SSD's default boxes are thousands. */
export const MOST_QUERIES = 1000;

/** Two outputs for the same answers: numbers a class [N, answers, channels] and boxes [N, answers, 4]. */
export interface Pair {
  readonly classes: string;
  readonly boxes: string;
  readonly channels: number;
  /** 0 where the graph leaves it open. */
  readonly answers: number;
}

/** What a family makes of a pair. */
export interface PairForm {
  readonly family: string;
  readonly background: 'first' | 'last';
  readonly nms: Reading['nms'];
  readonly boxesAre: string;
  /** From the best rows to `boxes` in px. */
  boxNodes(editor: GraphEditor, target: ImportTarget): OnnxNode[];
  /** The same in TypeScript: four numbers of the graph, with the input's sides. */
  boxOf(row: Float32Array, sidesPx: { heightPx: number; widthPx: number }): Answer['box'];
  /** Whether the numbers can be such boxes; else what to do. */
  doubt(boxes: Float32Array): string | null;
}

/** The pair among a graph's outputs, if there is exactly one. */
export function findPair({ graph }: OnnxModel): Pair | null {
  const threes = graph.output.filter((one) => dimsOf(one).length === 3);
  const boxes = only(threes, (one) => dimsOf(one)[2] === 4, /box/i);
  if (!boxes) return null;
  const answers = dimsOf(boxes)[1]!;
  const rest = threes.filter((one) => one !== boxes && dimsOf(one)[1] === answers);
  const classes = only(rest, (one) => dimsOf(one)[2]! >= 1, /logit|score|class|conf/i);
  if (!classes) return null;
  return { classes: classes.name, boxes: boxes.name, channels: dimsOf(classes)[2]!, answers };
}

function only(
  among: readonly OnnxValue[],
  fits: (one: OnnxValue) => boolean,
  name: RegExp,
): OnnxValue | null {
  const fitting = among.filter(fits);
  const named = fitting.filter((one) => name.test(one.name));
  const chosen = fitting.length > 1 ? named : fitting;
  return chosen.length === 1 ? chosen[0]! : null;
}

/** @throws {ModelImportError} where the graph has no such outputs */
export function readPair(
  file: string,
  model: OnnxModel,
  { form, names }: { readonly form: PairForm; readonly names: readonly string[] },
): Reading {
  const pair = findPair(model);
  if (!pair) {
    throw new ModelImportError(
      'wrong-family',
      `"${file}": expected outputs [1, answers, classes] and [1, answers, 4] of family ${form.family}, found ${describeTensors(model.graph.output)}; name the right --family, or export without post-processing`,
    );
  }
  const { channels, background } = { ...pair, background: form.background };
  const activation = activationOf(new GraphEditor(file, model), besideContract(pair.classes), {
    ...{ channels, names, background },
  });
  const taken = activation.kind === 'none' ? 'as they are' : `by ${activation.kind}`;
  return {
    says: `confidences from "${pair.classes}" ${taken}, boxes from "${pair.boxes}" as ${form.boxesAre}`,
    nms: form.nms,
    answers: pair.answers || null,
    rewrite: (target) => {
      const editor = new GraphEditor(file, model);
      freeBatch(editor);
      const [active, confidences] = activate(besideContract(pair.classes), activation);
      const keep = target.keep.map((index) => index + activation.firstChannel);
      const answers = { classes: KEPT, classAxis: 2, rows: besideContract(pair.boxes) } as const;
      const added = [
        ...inputNodes(editor, target.pixels),
        ...active,
        keepClasses(editor, confidences, { keep, axis: 2 }),
        ...chooseBest(editor, answers, target.maxDetections),
        ...form.boxNodes(editor, target),
      ];
      return contractModel(editor, form.family, { added, target });
    },
    decodeOriginal: (outputs, shape, keep) => {
      const [classes, boxes] = valuesOf(file, outputs, { pair, form });
      const answers = Array.from({ length: boxes.length / 4 }, (_, index): Answer => {
        const channelsOf = classes.subarray(index * channels, (index + 1) * channels);
        const row = activeRow(channelsOf, activation);
        const best = bestKept(keep, (one) => row[one + activation.firstChannel]!);
        return { ...best, box: form.boxOf(boxes.subarray(index * 4, index * 4 + 4), shape) };
      });
      return byConfidence(answers);
    },
  };
}

function valuesOf(
  file: string,
  outputs: Readonly<Record<string, Tensor>>,
  { pair, form }: { readonly pair: Pair; readonly form: PairForm },
): readonly [Float32Array, Float32Array] {
  const boxes = floatsIn(outputs, pair.boxes);
  const todo = form.doubt(boxes);
  if (todo === null) return [floatsIn(outputs, pair.classes), boxes];
  throw new ModelImportError(
    'wrong-family',
    `"${file}": expected ${form.boxesAre} in "${pair.boxes}", found other numbers; ${todo}`,
  );
}
