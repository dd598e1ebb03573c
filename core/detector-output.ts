import type { Detection } from './detection';
import { intersectionOverUnion } from './geometry';
import { fitInto } from './letterbox';
import type { ModelInput, RawDetections } from './ports';

export interface OutputContext {
  readonly classes: readonly string[];
  readonly input: ModelInput;
  readonly pictureWidthPx: number;
  readonly pictureHeightPx: number;
  /** Boxes below are dropped, 0–1. */
  readonly minConfidence: number;
  readonly nms: { readonly iouThreshold: number } | null;
}

/** Boxes in input pixels become detections in 0–1 of the picture, best first, overlaps of a class removed. */
export function toDetections(raw: RawDetections, context: OutputContext): Detection[] {
  const { classes, input, minConfidence, nms } = context;
  const fitted = fitInto(
    { widthPx: context.pictureWidthPx, heightPx: context.pictureHeightPx },
    input,
  );
  const detections: Detection[] = [];
  for (const [index, confidence] of raw.confidences.entries()) {
    const className = classes[raw.classIndexes[index]!];
    if (!(confidence >= minConfidence) || className === undefined) continue;
    const at = index * 4;
    const [x1, x2] = [raw.boxes[at]!, raw.boxes[at + 2]!].map((x) => clamp(x / fitted.widthPx));
    const [y1, y2] = [raw.boxes[at + 1]!, raw.boxes[at + 3]!].map((y) =>
      clamp(y / fitted.heightPx),
    );
    if (!(x1! < x2!) || !(y1! < y2!)) continue;
    detections.push({
      className,
      confidence: round(Math.min(1, confidence)),
      box: [x1!, y1!, x2!, y2!],
    });
  }
  detections.sort((a, b) => b.confidence - a.confidence);
  return nms ? suppressOverlaps(detections, nms.iouThreshold) : detections;
}

/** Greedy non-maximum suppression within each class; the input is sorted best first. */
export function suppressOverlaps(
  detections: readonly Detection[],
  iouThreshold: number,
): Detection[] {
  const kept: Detection[] = [];
  for (const candidate of detections) {
    const isCovered = kept.some(
      (better) =>
        better.className === candidate.className &&
        intersectionOverUnion(better.box, candidate.box) > iouThreshold,
    );
    if (!isCovered) kept.push(candidate);
  }
  return kept;
}

/** What leaves the picture is cut at its edge: boxes are 0–1 by contract. */
function clamp(ratio: number): number {
  return round(Math.min(1, Math.max(0, ratio)));
}

function round(ratio: number): number {
  return Math.round(ratio * 1e4) / 1e4;
}
