import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { LEAST_CONFIDENCE } from '../../adapters/onnx/check-bundle';
import { detectPicture } from '../../adapters/onnx/detect-picture';
import { OnnxDetector } from '../../adapters/onnx/onnx-detector';
import type { Detection } from '../../core/detection';
import type { Manifest } from '../../core/manifest';
import { type BundleDraft, writeBundle } from '../bundle';
import { type Clip, car, DAY, framesOf, OVERCAST, person, type Waypoint } from '../simulator/clips';

const STILL = { fps: 1, seconds: 1, clutter: 2 };

/** Seeded scenes of one frame, plain to see; a wide, a 4:3 and a square one, so that a bundle’s shapes take turns. */
const SCENES: readonly Clip[] = [
  {
    ...STILL,
    place: 'street',
    seed: 105,
    widthPx: 640,
    heightPx: 360,
    lightAt: DAY,
    actors: [person(15, 0.85, walking(0.3, 0.95)), person(16, 0.75, walking(0.7, 0.9))],
  },
  {
    ...STILL,
    place: 'car-park',
    seed: 103,
    widthPx: 640,
    heightPx: 480,
    lightAt: OVERCAST,
    actors: [car(7, 0.8, walking(0.4, 0.78))],
  },
  {
    ...STILL,
    place: 'lobby',
    seed: 103,
    widthPx: 480,
    heightPx: 480,
    lightAt: DAY,
    actors: [person(9, 0.85, walking(0.3, 0.95)), person(20, 0.75, walking(0.7, 0.9))],
  },
];

function walking(x: number, y: number): Waypoint[] {
  return [
    { atSeconds: 0, x, y },
    { atSeconds: 10, x: x + 0.3, y },
  ];
}

/** Three drawn camera pictures (JPEG); the same bytes each time. */
async function drawCheckPictures(): Promise<BundleDraft['images'][number][]> {
  return Promise.all(
    SCENES.map(async (scene, index) => {
      const { widthPx: width, heightPx: height } = scene;
      const { value: rgb } = (await framesOf(scene).next()) as { value: Uint8Array };
      const raw = { width, height, channels: 3 as const };
      const bytes = await sharp(rgb, { raw }).jpeg({ quality: 90 }).toBuffer();
      return { file: `check-${index + 1}.jpg`, bytes };
    }),
  );
}

/** The draft with check pictures and what its first variant answers on them. @throws {ModelBundleError} */
export async function withCheckPictures(draft: BundleDraft): Promise<BundleDraft> {
  const images = await drawCheckPictures();
  const aside = mkdtempSync(join(tmpdir(), 'tierwatch-checks-'));
  try {
    const folder = join(aside, 'bundle');
    writeBundle(folder, draft);
    const variant = draft.graphs[0]!.variant;
    const detector = await OnnxDetector.load(folder, { variant });
    const checks: Manifest['checks'] = [];
    for (const { file: image, bytes } of images) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const found = await detectPicture(detector, bytes, { minConfidence: LEAST_CONFIDENCE });
      checks.push({ image, sha256, detections: found.map(rounded) });
    }
    return { ...draft, manifest: { ...draft.manifest, checks }, images };
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Four decimals: the last bits of a float differ between CPUs. */
function rounded({ className, confidence, box }: Detection): Detection {
  const round = (value: number): number => Math.round(value * 1e4) / 1e4;
  const [x1, y1, x2, y2] = box;
  return {
    className,
    confidence: round(confidence),
    box: [round(x1), round(y1), round(x2), round(y2)],
  };
}
