import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkBundle } from '../../adapters/onnx/check-bundle';
import { detectPicture } from '../../adapters/onnx/detect-picture';
import { OnnxDetector } from '../../adapters/onnx/onnx-detector';
import { COCO_80 } from '../../model-build/import/class-names';
import { FASTESTDET } from '../../model-build/import/fastestdet';
import { importModel } from '../../model-build/import/import-model';
import { PIXEL_FORMS } from '../../model-build/import/pixels';
import { proveEqual } from '../../model-build/import/proof';
import { decodeModel, encodeModel } from '../../model-build/onnx/model';
import { describeWithShared } from '../shared-folder';

const SHAPE = { heightPx: 352, widthPx: 352 };
const KEEP = [0, 1, 2, 3, 5, 7];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-fastestdet-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeWithShared('FastestDet', (shared) => {
  const weights = join(shared, 'models/FastestDet.onnx');
  const images = join(shared, 'coco/images');

  it('is recognised, becomes a bundle that takes any number of pictures, and finds a real person', async () => {
    const out = join(folder, 'bundle');
    const { manifest, proof, says } = await importModel({
      ...{ weights, out, family: 'auto', classes: 'coco80', licence: 'BSD-3-Clause' },
      ...{ source: 'https://github.com/dog-qiuqiu/FastestDet', name: 'fastestdet' },
    });
    expect([manifest.family, manifest.classes.length, says, proof.pictures]).toEqual([
      ...['fastestdet', 6],
      'cells of "758" decoded; confidence is objectness^0.6 times class^0.4; pictures as bgr-1',
      4,
    ]);
    expect(await checkBundle(out)).toEqual({ files: 1, images: 3, detections: 5 });
    const labels = JSON.parse(readFileSync(join(shared, 'coco/annotations.json'), 'utf8')) as {
      images: { id: number; file_name: string }[];
      annotations: { image_id: number; category_id: number; area: number }[];
    };
    const largest = labels.annotations
      .filter((one) => one.category_id === 1)
      .sort((a, b) => b.area - a.area)[0]!;
    const file = labels.images.find(({ id }) => id === largest.image_id)!.file_name;
    const detector = await OnnxDetector.load(out);
    const found = await detectPicture(detector, readFileSync(join(images, file)), {
      minConfidence: 0.4,
    });
    expect(found[0]?.className).toBe('person');
  });

  it('answers within 1e-3 of the original on twelve real pictures', async () => {
    const original = readFileSync(weights);
    const reading = FASTESTDET.read(weights, decodeModel(weights, original), COCO_80);
    const pixels = PIXEL_FORMS['bgr-1'];
    const target = { ...SHAPE, pixels, keep: KEEP, maxDetections: 100 };
    const rewritten = encodeModel(reading.rewrite(target));
    const pictures = await Promise.all(
      readdirSync(images)
        .sort()
        .slice(0, 12)
        .map(async (name) => {
          const picture = sharp(join(images, name)).removeAlpha().toColourspace('srgb');
          const { heightPx, widthPx } = SHAPE;
          const raw = picture.resize(widthPx, heightPx, { fit: 'fill' }).raw();
          return new Uint8Array(await raw.toBuffer());
        }),
    );
    const proof = await proveEqual(
      weights,
      { original, rewritten },
      { reading, pixels, shape: SHAPE, keep: KEEP, pictures },
    );
    expect([proof.pictures, proof.worstConfidenceGap < 1e-3, proof.worstBoxGapPx < 0.352]).toEqual([
      ...[12, true, true],
    ]);
  });
});
