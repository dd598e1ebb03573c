import { createHash } from 'node:crypto';
import type { Detection } from '../../core/detection';
import { intersectionOverUnion } from '../../core/geometry';
import { chooseGpuVariant, type Device, type Variant } from '../../core/manifest';
import { readBundle, readFileOf, readGraph } from './bundle';
import { detectPicture } from './detect-picture';
import { ModelBundleError } from './errors';
import { OnnxDetector } from './onnx-detector';

/** Another scaler moves confidences and boxes a little; INT8 a little more. */
const CONFIDENCE_TOLERANCE = 0.12;
const LEAST_IOU = 0.8;
/** Recorded answers below this may fall under the threshold elsewhere. */
const SURE_CONFIDENCE = 0.55;
export const LEAST_CONFIDENCE = 0.4;

export interface CheckReport {
  readonly files: number;
  readonly images: number;
  readonly detections: number;
}

/**
 * Every sha256, and the recorded answers of the bundle's own pictures: on a CPU of every variant, on a GPU of the one that
 * a GPU takes. @throws {ModelBundleError}
 */
export async function checkBundle(folder: string, device: Device = 'cpu'): Promise<CheckReport> {
  const bundle = readBundle(folder);
  const { files, checks } = bundle.manifest;
  for (const file of files) readGraph(bundle, file);
  if (checks.length === 0) {
    throw new ModelBundleError(
      `"${folder}": expected check pictures with recorded answers in manifest.json, found none, so nothing proves what the graphs answer; import or export the model again`,
    );
  }
  let detections = 0;
  const variants =
    device === 'cuda' ? [chooseGpuVariant(bundle.manifest)] : files.map(({ variant }) => variant);
  for (const variant of new Set(variants)) {
    const detector = await OnnxDetector.load(folder, { variant, device });
    for (const { image, sha256, detections: recorded } of checks) {
      const bytes = readFileOf(folder, image);
      const found = createHash('sha256').update(bytes).digest('hex');
      if (found !== sha256) {
        throw new ModelBundleError(
          `"${image}": expected sha256 ${sha256}, found ${found}; make the bundle again`,
        );
      }
      const answers = await detectPicture(detector, bytes, { minConfidence: LEAST_CONFIDENCE });
      requireAnswers({ image, variant }, recorded, answers);
      detections += recorded.length;
    }
  }
  return { files: files.length, images: checks.length, detections };
}

/** Every sure answer that was recorded is there, and none that was not. */
function requireAnswers(
  { image, variant }: { image: string; variant: Variant },
  recorded: readonly Detection[],
  answers: readonly Detection[],
): void {
  for (const expected of recorded) {
    if (expected.confidence < SURE_CONFIDENCE || answers.some((one) => isSame(one, expected)))
      continue;
    throw new ModelBundleError(
      `"${image}" (${variant}): expected ${describe(expected)}, found ${answers.length} other answers; the runtime or the bundle changed`,
    );
  }
  for (const found of answers) {
    const isRecorded = recorded.some((one) => isSame(found, one));
    if (found.confidence < SURE_CONFIDENCE + CONFIDENCE_TOLERANCE || isRecorded) continue;
    throw new ModelBundleError(
      `"${image}" (${variant}): expected the ${recorded.length} recorded answers, found ${describe(found)} besides; the runtime or the bundle changed`,
    );
  }
}

function isSame(one: Detection, other: Detection): boolean {
  return (
    one.className === other.className &&
    intersectionOverUnion(one.box, other.box) >= LEAST_IOU &&
    Math.abs(one.confidence - other.confidence) <= CONFIDENCE_TOLERANCE
  );
}

function describe({ className, box, confidence }: Detection): string {
  return `${className} at ${box.join(' ')} with confidence ${confidence}`;
}
