import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkBundle } from '../../adapters/onnx/check-bundle';
import { OnnxDetector } from '../../adapters/onnx/onnx-detector';
import { FLOAT, value } from '../../model-build/onnx/model';
import { importInto, smallYolov9 } from './exported';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-yolov9-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('auto takes [1, 4 + classes, anchors] for yolov9; the bundle answers as the export, two pictures at once too', async () => {
  const { manifest, proof, says } = await importInto(folder, smallYolov9());
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
  const { manifest, proof } = await importInto(folder, smallYolov9({ isDynamic: true }), {
    inputs,
  });
  expect(manifest.files.map(({ file }) => file)).toEqual(['fp32-64x104.onnx', 'fp32-128x96.onnx']);
  expect([proof.pictures, proof.worstConfidenceGap < 1e-5]).toEqual([8, true]);
  expect((await checkBundle(join(folder, 'bundle'))).files).toBe(2);
});

it('the road takes the bundle’s shape that fits a camera’s picture, and answers as that graph', async () => {
  const inputs = [
    { heightPx: 64, widthPx: 104 },
    { heightPx: 128, widthPx: 96 },
  ];
  await importInto(folder, smallYolov9({ isDynamic: true }), { inputs });
  const detector = await OnnxDetector.load(join(folder, 'bundle'));
  const inputOf = (widthPx: number, heightPx: number, inputSize = 'auto' as '64x104' | 'auto') =>
    detector.inputFor(widthPx, heightPx, inputSize);
  expect([inputOf(1920, 1080), inputOf(1080, 1440), inputOf(1080, 1440, '64x104')]).toEqual([
    { heightPx: 64, widthPx: 104, fill: 114 },
    { heightPx: 128, widthPx: 96, fill: 114 },
    { heightPx: 64, widthPx: 104, fill: 114 },
  ]);
  const kept = [inputOf(1920, 1080), inputOf(1080, 1440)].map(async (input) => {
    const [answer] = await detector.infer(
      new Uint8Array(input.heightPx * input.widthPx * 3),
      1,
      input,
    );
    return answer!.confidences.length;
  });
  expect(await Promise.all(kept)).toEqual([100, 100]);
});

it('refuses a place where no folder can be made, and a folder that is no bundle', async () => {
  const inFile = join(folder, 'weights.onnx', 'bundle');
  await expect(importInto(folder, smallYolov9(), { out: inFile })).rejects.toThrow(
    `"${inFile}": expected a place where a folder can be made, found none (ENOTDIR); choose another --out`,
  );
  await expect(importInto(folder, smallYolov9(), { out: folder })).rejects.toThrow(
    `"${folder}": expected a new folder or a bundle to replace, found something else; choose another --out`,
  );
  expect(readdirSync(folder).sort()).toEqual(['names.txt', 'weights.onnx']);
});

it('refuses another shape than a fixed export’s, and outputs that fit no family', async () => {
  const inputs = [{ heightPx: 128, widthPx: 128 }];
  await expect(importInto(folder, smallYolov9(), { inputs })).rejects.toThrow(
    /expected --input 96x96, which it was exported at, found 128x128; export the weights at that shape, or with dynamic height and width/,
  );
  const model = smallYolov9();
  model.graph.output.push(value('unit', FLOAT, [1, 7, 144]));
  await expect(importInto(folder, model)).rejects.toThrow(
    /expected outputs of one of yolox, yolov9, detr, ssd, fastestdet, found output0 \[1, 7, 144\], unit \[1, 7, 144\], which fit none/,
  );
  expect(readdirSync(folder)).not.toContain('bundle');
});
