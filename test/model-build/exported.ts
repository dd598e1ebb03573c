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
  integerTensor,
  node,
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

const YOLOV9_SIDE = 96;

/** As YOLOv9 and v8 export, three classes: `images` [1, 3, H, W] 0–1 in, [1, 4 + classes, anchors] out; free sizes by name. */
export function smallYolov9({ isDynamic = false } = {}): OnnxModel {
  const scale = Float32Array.of(YOLOV9_SIDE, YOLOV9_SIDE, 40, 40, 1, 1, 1);
  return modelOf({
    node: [
      node('Conv', ['images', 'weights'], ['cells'], { kernel_shape: [8, 8], strides: [8, 8] }),
      node('Reshape', ['cells', 'shape'], ['flat']),
      node('Sigmoid', ['flat'], ['unit']),
      node('Mul', ['unit', 'scale'], ['output0']),
    ],
    initializer: [
      wave('weights', [7, 3, 8, 8]),
      floatTensor('scale', [1, 7, 1], scale),
      integerTensor('shape', [3], isDynamic ? [0, 7, -1] : [1, 7, 144]),
    ],
    input: [isDynamic ? pictureInput('height', 'width') : pictureInput(YOLOV9_SIDE, YOLOV9_SIDE)],
    output: [value('output0', FLOAT, isDynamic ? ['batch', 7, 'anchors'] : [1, 7, 144])],
  });
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
