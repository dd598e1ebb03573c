import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkBundle } from '../../adapters/onnx/check-bundle';
import {
  FLOAT,
  floatTensor,
  integerTensor,
  node,
  type OnnxModel,
  value,
} from '../../model-build/onnx/model';
import { importInto, modelOf, pictureInput, wave } from './exported';

const SIDE = 96;
const ANCHORS = 144;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-yolov9-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As yolov9 and v8 export: `images` [1, 3, H, W] 0–1 in, [1, 4 + classes, anchors] out; free sizes by name. */
function exported(isDynamic = false): OnnxModel {
  const scale = Float32Array.of(SIDE, SIDE, 40, 40, 1, 1, 1);
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
      integerTensor('shape', [3], isDynamic ? [0, 7, -1] : [1, 7, ANCHORS]),
    ],
    input: [isDynamic ? pictureInput('height', 'width') : pictureInput(SIDE, SIDE)],
    output: [value('output0', FLOAT, isDynamic ? ['batch', 7, 'anchors'] : [1, 7, ANCHORS])],
  });
}

it('auto takes [1, 4 + classes, anchors] for yolov9; the bundle answers as the export, two pictures at once too', async () => {
  const { manifest, proof, says } = await importInto(folder, exported());
  expect([manifest.family, manifest.classes, says, proof.pictures]).toEqual([
    ...['yolov9', ['car', 'person']],
    '"output0" holds centres and sizes in px, then a confidence a class; pictures as rgb-1',
    4,
  ]);
  expect([proof.worstConfidenceGap < 1e-5, proof.worstBoxGapPx < 1e-3]).toEqual([true, true]);
  expect((await checkBundle(join(folder, 'bundle'))).images).toBe(3);
});

it('an export with free height and width takes every shape, each proven on its own', async () => {
  const inputs = [
    { heightPx: 64, widthPx: 104 },
    { heightPx: 128, widthPx: 96 },
  ];
  const { manifest, proof } = await importInto(folder, exported(true), { inputs });
  expect(manifest.files.map(({ file }) => file)).toEqual(['fp32-64x104.onnx', 'fp32-128x96.onnx']);
  expect([proof.pictures, proof.worstConfidenceGap < 1e-5]).toEqual([8, true]);
  expect((await checkBundle(join(folder, 'bundle'))).files).toBe(2);
});

it('refuses another shape than a fixed export’s, and outputs that fit no family', async () => {
  const inputs = [{ heightPx: 128, widthPx: 128 }];
  await expect(importInto(folder, exported(), { inputs })).rejects.toThrow(
    /expected --input 96x96, which it was exported at, found 128x128; export the weights at that shape, or with dynamic height and width/,
  );
  const model = exported();
  model.graph.output.push(value('unit', FLOAT, [1, 7, ANCHORS]));
  await expect(importInto(folder, model)).rejects.toThrow(
    /expected outputs of one of yolox, yolov9, detr, ssd, fastestdet, found output0 \[1, 7, 144\], unit \[1, 7, 144\], which fit none/,
  );
  expect(readdirSync(folder)).not.toContain('bundle');
});
