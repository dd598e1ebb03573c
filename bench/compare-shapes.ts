import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectPicture } from '../adapters/onnx/detect-picture';
import { OnnxDetector } from '../adapters/onnx/onnx-detector';
import { intersectionOverUnion } from '../core/geometry';
import type { Detector } from '../core/ports';
import { extractVideoFrames } from '../model-build/video-frames';

/** Of YOLOX-Nano's best answers on 16:9 footage: confidences at most so far apart, boxes' mean IoU at least. */
export const SHAPE_GOALS = { gap: 0.06, meanIou: 0.99 };
const MOST_FRAMES = 70;
/** Boxes are compared where somebody is seen at all. */
const SEEN_CONFIDENCE = 0.4;

export interface ShapeComparison {
  readonly frames: number;
  /** Between the best confidences of each frame, 0-1. */
  readonly gaps: readonly number[];
  /** IoU of the best boxes where the square shape sees somebody. */
  readonly overlaps: readonly number[];
}

/** How far the best answer of a 16:9 picture moves from 416x416 to 256x416, over frames spread over a video. */
export async function compareShapes(
  bundle: string,
  video: string,
  most = MOST_FRAMES,
): Promise<ShapeComparison> {
  const detector = await OnnxDetector.load(bundle);
  const [atSquare, atWide] = [atShape(detector, '416x416'), atShape(detector, '256x416')];
  const out = mkdtempSync(join(tmpdir(), 'tierwatch-shapes-'));
  try {
    const frames = await extractVideoFrames({ video, out, everySeconds: 1, most });
    const [gaps, overlaps]: [number[], number[]] = [[], []];
    for (const { file } of frames) {
      const jpeg = readFileSync(join(out, file));
      const [square] = await detectPicture(atSquare, jpeg, { minConfidence: 0.01 });
      const [wide] = await detectPicture(atWide, jpeg, { minConfidence: 0.01 });
      gaps.push(Math.abs((square?.confidence ?? 0) - (wide?.confidence ?? 0)));
      if (square && square.confidence >= SEEN_CONFIDENCE)
        overlaps.push(wide ? intersectionOverUnion(square.box, wide.box) : 0);
    }
    return { frames: frames.length, gaps, overlaps };
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** The detector with one of its shapes for every picture. */
export function atShape(detector: OnnxDetector, shape: string): Detector {
  const { model, modelSha256, classes, nms, maxBatch } = detector;
  return {
    ...{ model, modelSha256, classes, nms, maxBatch },
    inputFor: (widthPx, heightPx) => detector.inputFor(widthPx, heightPx, shape),
    infer: (pixels, count, input) => detector.infer(pixels, count, input),
  };
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
