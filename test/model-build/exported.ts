import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Imported,
  type ImportRequest,
  importModel,
} from '../../model-build/import/import-model';
import {
  encodeModel,
  FLOAT,
  floatTensor,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  value,
} from '../../model-build/onnx/model';

/** Classes of the small graphs. */
export const NAMES = ['person', 'dog', 'car'];

/** A model of a graph as an exporter writes it. */
export function modelOf(
  parts: { node: OnnxNode[]; initializer: OnnxTensor[]; input: OnnxValue[]; output: OnnxValue[] },
  opset = 17,
): OnnxModel {
  return {
    irVersion: 8,
    producerName: 'test',
    producerVersion: '1',
    opsetImport: [{ domain: '', version: opset }],
    graph: {
      name: 'exported',
      ...parts,
      node: parts.node.map((one) => ({ ...one, name: `/model/${one.output[0]}` })),
    },
  };
}

/** `images` [1, 3, height, width]; names for sizes that are free. */
export function pictureInput(height: number | string, width: number | string): OnnxValue {
  return value('images', FLOAT, [typeof height === 'string' ? 'batch' : 1, 3, height, width]);
}

/** Weights without chance: a wave. */
export function wave(name: string, dims: number[], gain = 1 / 9): OnnxTensor {
  const size = dims.reduce((product, one) => product * one, 1);
  const values = Float32Array.from({ length: size }, (_, at) => Math.sin(at * 7.3 + 1) * gain);
  return floatTensor(name, dims, values);
}

/** Imports a model from and into a folder that has names.txt. */
export function importInto(
  folder: string,
  model: OnnxModel,
  more: Partial<ImportRequest> = {},
): Promise<Imported> {
  const weights = join(folder, 'weights.onnx');
  writeFileSync(join(folder, 'names.txt'), `${NAMES.join('\n')}\n`);
  writeFileSync(weights, encodeModel(model));
  return importModel({
    ...{ weights, out: join(folder, 'bundle'), family: 'auto', classes: join(folder, 'names.txt') },
    ...{ keep: ['car', 'person'], licence: 'x', source: 'x', name: 'small', ...more },
  });
}
