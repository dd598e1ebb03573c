import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundle } from '../../adapters/onnx/bundle';
import { checkBundle } from '../../adapters/onnx/check-bundle';
import { detectPicture } from '../../adapters/onnx/detect-picture';
import { OnnxDetector } from '../../adapters/onnx/onnx-detector';
import { compareShapes, meanOf } from '../../bench/compare-shapes';
import type { Manifest } from '../../core/manifest';
import { COCO_80 } from '../../model-build/import/class-names';
import { type ImportRequest, importModel } from '../../model-build/import/import-model';
import { PIXEL_FORMS } from '../../model-build/import/pixels';
import { proveEqual } from '../../model-build/import/proof';
import { proofPictures } from '../../model-build/import/proof-pictures';
import { rewriteYolox } from '../../model-build/import/yolox';
import { YOLOX } from '../../model-build/import/yolox-original';
import { decodeModel, encodeModel, floatsOf, floatTensor } from '../../model-build/onnx/model';
import { describeWithShared } from '../shared-folder';

const DEFAULT = join(__dirname, '../../model-build/default');
const SHAPE = { heightPx: 416, widthPx: 416 };
const KEEP = [0, 1, 2, 3, 5, 7];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-model-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the shipped model', () => {
  it('gives the recorded answers on its own pictures, in both variants', async () => {
    expect(await checkBundle(DEFAULT)).toEqual({ files: 2, images: 3, detections: 20 });
  });

  it('is demo grade, at most 3 MB, and says how a function picks its variant', () => {
    const { manifest } = readBundle(DEFAULT);
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    expect([manifest.grade, manifest.classes, bytes < 3e6, manifest.choice.length > 0]).toEqual([
      'demo',
      ['person', 'vehicle'],
      true,
      true,
    ]);
  });

  it('is not called good without its check pictures', async () => {
    const copy = join(folder, 'unproven');
    cpSync(DEFAULT, copy, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8'));
    writeFileSync(join(copy, 'manifest.json'), JSON.stringify({ ...manifest, checks: [] }));
    await expect(checkBundle(copy)).rejects.toThrow(
      `"${copy}": expected check pictures with recorded answers in manifest.json, found none, so nothing proves what the graphs answer; import or export the model again`,
    );
  });

  it('is refused once a byte of a graph, or the version of its manifest, is changed', async () => {
    const copy = join(folder, 'tampered');
    cpSync(DEFAULT, copy, { recursive: true });
    const graph = join(copy, readBundle(copy).manifest.files[0]!.file);
    const bytes = readFileSync(graph);
    bytes[1000] = bytes[1000]! ^ 1;
    writeFileSync(graph, bytes);
    await expect(checkBundle(copy)).rejects.toThrow(
      /expected sha256 .* found .*make the bundle again/,
    );
    const manifest = JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8'));
    writeFileSync(join(copy, 'manifest.json'), JSON.stringify({ ...manifest, schemaVersion: 2 }));
    expect(() => readBundle(copy)).toThrow(/made by a newer Tierwatch/);
  });
});

describe('weights that can’t be imported', () => {
  const request = (weights: string, more: Partial<ImportRequest> = {}): ImportRequest => ({
    weights,
    family: 'yolox',
    classes: 'coco80',
    keep: ['person'],
    inputs: [SHAPE],
    licence: 'x',
    source: 'x',
    name: 'x',
    out: join(folder, 'never'),
    ...more,
  });

  it.each([
    ['text', () => Buffer.from('not a model'), {}, /expected an ONNX model/],
    [
      'an unknown opset',
      () =>
        changed((model) => {
          model.opsetImport[0]!.version = 9;
        }),
      {},
      /expected opset 11 to 22, found 9/,
    ],
    [
      'a graph that has the contract already',
      () => readFileSync(join(DEFAULT, 'fp32-192x320.onnx')),
      {},
      /expected one input \[1, 3, height, width\], its sides both fixed or both free, found images \[\?, 192, 320, 3\]/,
    ],
    [
      'a family that is not known',
      () => readFileSync(join(DEFAULT, 'fp32-192x320.onnx')),
      { family: 'retinanet' },
      /expected yolox, yolov9, detr, ssd, fastestdet or auto, found a family that can't be imported/,
    ],
  ] as const)('%s: one sentence, and nothing is written', async (name, bytes, more, message) => {
    const weights = join(folder, `${name}.onnx`);
    writeFileSync(weights, bytes());
    await expect(importModel(request(weights, more))).rejects.toThrow(message);
    expect(existsSync(join(folder, 'never'))).toBe(false);
    expect(readdirSync(folder).filter((entry) => entry.endsWith('.part'))).toEqual([]);
  });

  function changed(change: (model: ReturnType<typeof decodeModel>) => void): Uint8Array {
    const model = decodeModel('default', readFileSync(join(DEFAULT, 'fp32-192x320.onnx')));
    change(model);
    model.graph.output = [
      {
        name: model.graph.node.at(-1)!.output[0]!,
        type: { tensorType: { elemType: 1, shape: { dim: [] } } },
      },
    ];
    model.graph.node = [
      {
        name: 't',
        opType: 'Transpose',
        input: ['a'],
        output: [model.graph.output[0]!.name],
        attribute: [],
      },
    ];
    return encodeModel(model);
  }
});

describeWithShared('YOLOX-Nano', (shared) => {
  const weights = join(shared, 'models/yolox_nano.onnx');
  const base = {
    weights,
    family: 'yolox',
    classes: 'coco80',
    licence: 'Apache-2.0',
    source: 'https://github.com/Megvii-BaseDetection/YOLOX',
    name: 'yolox-nano',
  };

  const read = (bytes: Uint8Array) => ({
    reading: YOLOX.read(weights, decodeModel(weights, bytes), COCO_80),
    pixels: PIXEL_FORMS['bgr-255'],
  });

  it('answers within 1e-3 of the original on twelve real pictures', async () => {
    const bytes = readFileSync(weights);
    const model = decodeModel(weights, bytes);
    const rewritten = encodeModel(
      rewriteYolox(weights, model, { ...SHAPE, keep: KEEP, maxDetections: 100 }),
    );
    const names = readdirSync(join(shared, 'coco/images')).sort().slice(0, 12);
    const pictures = await Promise.all(
      names.map((name) =>
        sharp(join(shared, 'coco/images', name))
          .removeAlpha()
          .toColourspace('srgb')
          .resize(416, 416, { fit: 'fill' })
          .raw()
          .toBuffer()
          .then((data) => new Uint8Array(data)),
      ),
    );
    const proof = await proveEqual(
      weights,
      { original: bytes, rewritten },
      { ...read(bytes), shape: SHAPE, keep: KEEP, pictures },
    );
    expect(proof.pictures).toBe(12);
    expect(proof.worstConfidenceGap).toBeLessThan(1e-3);
    expect(proof.worstBoxGapPx / 416).toBeLessThan(1e-3);
  });

  it('is refused where the rewritten graph would answer otherwise', async () => {
    const bytes = readFileSync(weights);
    const model = decodeModel(weights, bytes);
    const wrong = encodeModel(
      rewriteYolox(weights, model, { ...SHAPE, keep: [2, 1, 0, 3, 5, 7], maxDetections: 100 }),
    );
    const name = readdirSync(join(shared, 'coco/images')).sort()[0]!;
    const picture = new Uint8Array(
      await sharp(join(shared, 'coco/images', name))
        .removeAlpha()
        .toColourspace('srgb')
        .resize(416, 416, { fit: 'fill' })
        .raw()
        .toBuffer(),
    );
    await expect(
      proveEqual(
        weights,
        { original: bytes, rewritten: wrong },
        {
          ...read(bytes),
          shape: SHAPE,
          keep: KEEP,
          pictures: [picture, picture.map((level) => 255 - level)],
        },
      ),
    ).rejects.toThrow(/node "classIndexes" .* found \d+ of another class; /);
  });

  it('is refused with the name of the first node whose answer differs', async () => {
    const bytes = readFileSync(weights);
    const model = decodeModel(weights, bytes);
    const rewritten = rewriteYolox(weights, model, { ...SHAPE, keep: KEEP, maxDetections: 100 });
    const convolutions = rewritten.graph.node.filter(({ opType }) => opType === 'Conv');
    const broken = convolutions[9]!;
    const weight = rewritten.graph.initializer.find(({ name }) => name === broken.input[1])!;
    const values = floatsOf(weight).map((one) => one * 1.5);
    weight.rawData = floatTensor(weight.name, weight.dims, values).rawData!;
    await expect(
      proveEqual(
        weights,
        { original: bytes, rewritten: encodeModel(rewritten) },
        { ...read(bytes), shape: SHAPE, keep: KEEP, pictures: proofPictures(SHAPE, 1) },
      ),
    ).rejects.toThrow(`it differs first at Conv "${broken.name}" (tensor "${broken.output[0]}")`);
  });

  it('becomes a bundle of the same bytes each time, that sees the same people in both shapes', async () => {
    const out = join(folder, 'yolox');
    const inputs = [{ heightPx: 256, widthPx: 416 }, SHAPE];
    await importModel({ ...base, keep: ['person', 'car'], inputs, out });
    const first = readFileSync(join(out, 'manifest.json'), 'utf8');
    await importModel({ ...base, keep: ['person', 'car'], inputs, out });
    expect(readFileSync(join(out, 'manifest.json'), 'utf8')).toBe(first);
    const seen = (JSON.parse(first) as Manifest).checks.map(({ image, detections }) => [
      image,
      detections.map(({ className }) => className).toSorted(),
    ]);
    expect(seen).toEqual([
      ['check-1.jpg', ['person', 'person']],
      ['check-2.jpg', ['car']],
      ['check-3.jpg', ['person', 'person']],
    ]);
    expect(await checkBundle(out)).toEqual({ files: 2, images: 3, detections: 5 });
    const detector = await OnnxDetector.load(out);
    expect([detector.inputFor(1920, 1080, 'auto'), detector.inputFor(600, 600, 'auto')]).toEqual([
      { heightPx: 256, widthPx: 416, fill: 114 },
      { heightPx: 416, widthPx: 416, fill: 114 },
    ]);
    expect(() => detector.inputFor(600, 600, '64x64')).toThrow(
      /expected inputSize 256x416, 416x416, found 64x64/,
    );
    const annotations = JSON.parse(readFileSync(join(shared, 'coco/annotations.json'), 'utf8')) as {
      images: { id: number; file_name: string }[];
      annotations: { image_id: number; category_id: number; bbox: number[]; area: number }[];
    };
    const largest = annotations.annotations
      .filter((one) => one.category_id === 1)
      .sort((a, b) => b.area - a.area)[0]!;
    const file = annotations.images.find(({ id }) => id === largest.image_id)!.file_name;
    const found = await detectPicture(detector, readFileSync(join(shared, 'coco/images', file)), {
      minConfidence: 0.4,
    });
    expect(found.some(({ className }) => className === 'person')).toBe(true);
  });

  it('sees at 256x416 on 16:9 footage what it sees at 416x416: best confidence within 0.06, box IoU 0.99 on average', async () => {
    const out = join(folder, 'shapes');
    const inputs = [{ heightPx: 256, widthPx: 416 }, SHAPE];
    await importModel({ ...base, keep: ['person'], inputs, out });
    const video = join(shared, 'footage/one-by-one-person-detection.mp4');
    const { frames, gaps, overlaps } = await compareShapes(out, video, 20);
    expect([frames, overlaps.length > 10]).toEqual([20, true]);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(0.06);
    expect(meanOf(overlaps)).toBeGreaterThanOrEqual(0.99);
    // Single boxes move by up to two pixels of the input.
    expect(Math.min(...overlaps)).toBeGreaterThanOrEqual(0.97);
  });

  it('does not take 79 class names for 80 classes, nor classes it lacks', async () => {
    const names = join(folder, 'names.txt');
    writeFileSync(names, Array.from({ length: 79 }, (_, index) => `c${index}`).join('\n'));
    const out = join(folder, 'none');
    await expect(
      importModel({ ...base, classes: names, keep: ['c1'], inputs: [SHAPE], out }),
    ).rejects.toThrow(/expected 80 class names as the graph has, found 79/);
    await expect(importModel({ ...base, keep: ['persn'], inputs: [SHAPE], out })).rejects.toThrow(
      /found persn/,
    );
    await expect(
      importModel({ ...base, keep: ['person'], inputs: [{ heightPx: 250, widthPx: 416 }], out }),
    ).rejects.toThrow(/multiples of 32/);
    expect(existsSync(out)).toBe(false);
  });
});
