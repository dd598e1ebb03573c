import { createHash } from 'node:crypto';
import type { Detection } from '../../core/detection';
import { intersectionOverUnion } from '../../core/geometry';
import type { Variant } from '../../core/manifest';
import { ModelBundleError, readBundle, readFileOf, readGraph } from './bundle';
import { detectPicture } from './detect-picture';
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

/** Every sha256, and on every variant the recorded answers of the bundle's own pictures. @throws {ModelBundleError} */
export async function checkBundle(folder: string): Promise<CheckReport> {
  const bundle = readBundle(folder);
  const { files, checks } = bundle.manifest;
  for (const file of files) readGraph(bundle, file);
  if (checks.length === 0) {
    throw new ModelBundleError(
      `"${folder}": expected check pictures with recorded answers in manifest.json, found none, so nothing proves what the graphs answer; import or export the model again`,
    );
  }
  let detections = 0;
  for (const variant of new Set(files.map((file) => file.variant))) {
    const detector = await OnnxDetector.load(folder, { variant });
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

function requireAnswers(
  { image, variant }: { image: string; variant: Variant },
  recorded: readonly Detection[],
  answers: readonly Detection[],
): void {
  for (const expected of recorded) {
    if (expected.confidence < SURE_CONFIDENCE) continue;
    const isThere = answers.some(
      (answer) =>
        answer.className === expected.className &&
        intersectionOverUnion(answer.box, expected.box) >= LEAST_IOU &&
        Math.abs(answer.confidence - expected.confidence) <= CONFIDENCE_TOLERANCE,
    );
    if (isThere) continue;
    throw new ModelBundleError(
      `"${image}" (${variant}): expected ${expected.className} at ${expected.box.join(' ')} with confidence ${expected.confidence}, found ${answers.length} other answers; the runtime or the bundle changed`,
    );
  }
}
