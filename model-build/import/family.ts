import type { Tensor } from 'onnxruntime-node';
import type { OnnxModel } from '../onnx/model';
import type { ImportShape, ImportTarget } from './yolox';

/** One answer of the original graph: its best kept class, and x1, y1, x2, y2 in px of the input. */
export interface Anchor {
  readonly confidence: number;
  readonly box: readonly [number, number, number, number];
}

/** What import must know about one way of exporting detectors. */
export interface Family {
  readonly name: string;
  /** Whether the outputs' shapes are this family's; decides `--family auto`. */
  fits(model: OnnxModel): boolean;
  /** @throws {ModelImportError} where the graph is not of this family */
  classCount(file: string, model: OnnxModel): number;
  /** @throws {ModelImportError} naming what does not fit */
  rewrite(file: string, model: OnnxModel, target: ImportTarget): OnnxModel;
  /** uint8 RGB rows → the original's float planes [3, height, width]. */
  toPlanes(pixels: Uint8Array, shape: ImportShape): Float32Array;
  /** Every answer of the original's first output, best first. */
  decodeOriginal(output: Tensor, shape: ImportShape, keep: readonly number[]): Anchor[];
}

/** Sizes of the first output where it is the only one; 0 where a size is free. */
export function onlyOutputDims({ graph }: OnnxModel): number[] {
  const dims = graph.output[0]?.type?.tensorType.shape?.dim ?? [];
  return graph.output.length === 1 ? dims.map(({ dimValue }) => dimValue ?? 0) : [];
}
