import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkBundle } from '../../adapters/onnx/check-bundle';
import { importModel } from '../../model-build/import/import-model';
import {
  encodeModel,
  FLOAT,
  floatTensor,
  integerTensor,
  node,
  type OnnxModel,
  value,
} from '../../model-build/onnx/model';

const SIDE = 96;
const ANCHORS = 144;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-yolov9-'));
  writeFileSync(join(folder, 'names.txt'), 'person\ndog\ncar\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As yolov9 and v8 export: `images` [1, 3, H, W] 0–1 in, [1, 4 + classes, anchors] out, batch of one. */
function exported(): OnnxModel {
  const weights = Float32Array.from(
    { length: 7 * 3 * 64 },
    (_, index) => Math.sin(index * 7.3) / 9,
  );
  const scale = Float32Array.of(SIDE, SIDE, 40, 40, 1, 1, 1);
  return {
    irVersion: 8,
    producerName: 'test',
    producerVersion: '1',
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'yolov9',
      node: [
        node('Conv', ['images', 'weights'], ['cells'], { kernel_shape: [8, 8], strides: [8, 8] }),
        node('Reshape', ['cells', 'shape'], ['flat']),
        node('Sigmoid', ['flat'], ['unit']),
        node('Mul', ['unit', 'scale'], ['output0']),
      ],
      initializer: [
        floatTensor('weights', [7, 3, 8, 8], weights),
        floatTensor('scale', [1, 7, 1], scale),
        integerTensor('shape', [3], [1, 7, ANCHORS]),
      ],
      input: [value('images', FLOAT, [1, 3, SIDE, SIDE])],
      output: [value('output0', FLOAT, [1, 7, ANCHORS])],
    },
  };
}

const importInto = (model: OnnxModel, out: string, side = SIDE) => {
  const weights = join(folder, 'weights.onnx');
  writeFileSync(weights, encodeModel(model));
  return importModel({
    ...{ weights, out, family: 'auto', classes: join(folder, 'names.txt'), licence: 'x' },
    ...{ keep: ['car', 'person'], inputs: [{ heightPx: side, widthPx: side }] },
    ...{ source: 'x', name: 'nine' },
  });
};

it('auto takes [1, 4 + classes, anchors] for yolov9; the bundle answers as the export, two pictures at once too', async () => {
  const out = join(folder, 'bundle');
  const { manifest, proof } = await importInto(exported(), out);
  expect([manifest.family, manifest.classes, proof.pictures]).toEqual([
    'yolov9',
    ['car', 'person'],
    4,
  ]);
  expect(proof.worstConfidenceGap).toBeLessThan(1e-3);
  expect((await checkBundle(out)).images).toBe(3);
});

it('refuses another shape than the export’s, and outputs that fit no family', async () => {
  const out = join(folder, 'never');
  await expect(importInto(exported(), out, 128)).rejects.toThrow(
    /expected --input 96x96, which it was exported at, found 128x128/,
  );
  const model = exported();
  model.graph.output.push(value('unit', FLOAT, [1, 7, ANCHORS]));
  await expect(importInto(model, out)).rejects.toThrow(
    /expected outputs of one of yolox, yolov9, found output0 \[1, 7, 144\], unit \[1, 7, 144\], which fit none/,
  );
  expect(readdirSync(folder)).not.toContain('never');
});
