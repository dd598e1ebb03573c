import type { Tensor } from 'onnxruntime-node';
import { ModelImportError } from '../errors';
import type { OnnxModel, OnnxValue } from '../onnx/model';
import type { PixelForm, PixelFormName } from './pixels';

export interface ImportShape {
  readonly heightPx: number;
  readonly widthPx: number;
}

export interface ImportTarget extends ImportShape {
  readonly pixels: PixelForm;
  /** Indexes of the classes that are kept, in the order of the new model's classes. */
  readonly keep: readonly number[];
  readonly maxDetections: number;
}

/** One answer of the original graph: its best kept class, and x1, y1, x2, y2 in px of the input. */
export interface Answer {
  readonly confidence: number;
  /** Places among those kept of its class, and of others that are as likely. */
  readonly classIndexes: readonly number[];
  readonly box: readonly [number, number, number, number];
}

/** What import must know about one way of exporting detectors. */
export interface Family {
  readonly name: string;
  /** What pictures its exports take; null: they differ and the graph does not say, so the user must. */
  readonly pixels: PixelFormName | null;
  /** Whether it takes other input shapes than the export's where that is fixed. */
  readonly isReshapeable: boolean;
  /** Whether the graph looks like this family's; decides `--family auto`. */
  fits(model: OnnxModel): boolean;
  /** @throws {ModelImportError} where the graph is not of this family, or has not so many classes */
  read(file: string, model: OnnxModel, names: readonly string[]): Reading;
}

/** A graph that was recognised. */
export interface Reading {
  /** How the outputs are taken, in a clause. */
  readonly says: string;
  readonly nms: { readonly iouThreshold: number } | null;
  /** Answers that the graph gives at every shape; null where it depends on the shape. */
  readonly answers: number | null;
  /** @throws {ModelImportError} naming what does not fit */
  rewrite(target: ImportTarget): OnnxModel;
  /** Every answer of the original's outputs, by their names, best first. @throws {ModelImportError} */
  decodeOriginal(
    outputs: Readonly<Record<string, Tensor>>,
    shape: ImportShape,
    keep: readonly number[],
  ): Answer[];
}

/** Sizes of a tensor, one an axis; 0 where a size is free. */
export function dimsOf(tensor: OnnxValue | undefined): number[] {
  const dims = tensor?.type?.tensorType.shape?.dim ?? [];
  return dims.map(({ dimValue }) => dimValue ?? 0);
}

/** Sizes of the first output where it is the only one. */
export function onlyOutputDims({ graph }: OnnxModel): number[] {
  return graph.output.length === 1 ? dimsOf(graph.output[0]) : [];
}

/** `name [1, 3, ?]` of every tensor, for sentences. */
export function describeTensors(tensors: readonly OnnxValue[]): string {
  return tensors
    .map(
      (one) =>
        `${one.name} [${dimsOf(one)
          .map((size) => size || '?')
          .join(', ')}]`,
    )
    .join(', ');
}

/** Confidences, and box sides over the longer side of the input, may differ so much. */
export const TOLERANCE = 1e-3;

/** The best of the kept classes at one answer. */
export function bestKept(
  keep: readonly number[],
  confidenceOf: (index: number) => number,
): Pick<Answer, 'confidence' | 'classIndexes'> {
  const confidences = keep.map(confidenceOf);
  const confidence = Math.max(...confidences);
  const classIndexes = [...confidences.keys()].filter(
    (place) => confidences[place]! >= confidence - 2 * TOLERANCE,
  );
  return { confidence, classIndexes };
}

/** The values of a float output. @throws {ModelImportError} where it is none */
export function floatsIn(outputs: Readonly<Record<string, Tensor>>, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (data instanceof Float32Array) return data;
  throw new ModelImportError(
    'wrong-family',
    `output "${name}": expected 32-bit floats, found ${outputs[name]?.type ?? 'none'}; export in fp32`,
  );
}

export function byConfidence(answers: Answer[]): Answer[] {
  return answers.sort((a, b) => b.confidence - a.confidence);
}

/** @throws {ModelImportError} where the graph has not as many classes as there are names */
export function requireNames(file: string, count: number, names: readonly string[]): void {
  if (count === names.length) return;
  throw new ModelImportError(
    'missing-classes',
    `"${file}": expected ${count} class names as the graph has, found ${names.length} in --classes; name a file with one name a line`,
  );
}
