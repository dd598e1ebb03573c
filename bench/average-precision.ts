import type { Detection } from '../core/detection';
import { intersectionOverUnion } from '../core/geometry';

export interface Truth {
  /** x1, y1, x2, y2, as the detections' boxes. */
  readonly box: Detection['box'];
  /** Neither asked for nor held against a detector. */
  readonly isIgnored: boolean;
}

/** Detections and truths of one class in one picture. */
export interface Judged<One extends Truth = Truth> {
  readonly detections: readonly Detection[];
  readonly truths: readonly One[];
}

const LEAST_IOU = 0.5;

/** COCO's AP at IoU 0.5 (101 recalls), 0-1; NaN where no truth is asked for. */
export function averagePrecision(pictures: readonly Judged[]): number {
  const asked = pictures.flatMap(({ truths }) => truths).filter((one) => !one.isIgnored).length;
  const found = pictures
    .flatMap((picture) => match(picture).filter(({ verdict }) => verdict !== 'ignored'))
    .sort((a, b) => b.confidence - a.confidence);
  let hits = 0;
  const points = found.map(({ verdict }, index) => {
    if (verdict === 'hit') hits++;
    return { recall: hits / asked, precision: hits / (index + 1) };
  });
  for (let index = points.length - 2; index >= 0; index--)
    points[index]!.precision = Math.max(points[index]!.precision, points[index + 1]!.precision);
  let sum = 0;
  for (let step = 0; step <= 100; step++)
    sum += points.find(({ recall }) => recall >= step / 100)?.precision ?? 0;
  return asked === 0 ? Number.NaN : sum / 101;
}

/** Truths that a detection from a confidence on hits. */
export function hitTruths<One extends Truth>(
  { detections, truths }: Judged<One>,
  confidence: number,
): One[] {
  const sure = detections.filter((one) => one.confidence >= confidence);
  return match({ detections: sure, truths }).flatMap(({ truth }) => truth ?? []);
}

interface Match<One extends Truth> {
  readonly confidence: number;
  readonly verdict: 'hit' | 'false' | 'ignored';
  readonly truth?: One;
}

/** As pycocotools matches: best detections first, each to the best truth that is left; ignored ones hold any number. */
function match<One extends Truth>({ detections, truths }: Judged<One>): Match<One>[] {
  const left = new Set(truths.filter((one) => !one.isIgnored));
  const ignored = truths.filter((one) => one.isIgnored);
  return [...detections]
    .sort((a, b) => b.confidence - a.confidence)
    .map(({ box, confidence }): Match<One> => {
      let best: One | undefined;
      let bestIou = LEAST_IOU;
      for (const truth of left) {
        const iou = intersectionOverUnion(truth.box, box);
        if (iou >= bestIou) [best, bestIou] = [truth, iou];
      }
      if (best) {
        left.delete(best);
        return { confidence, verdict: 'hit', truth: best };
      }
      const isIgnored = ignored.some((truth) => coveredBy(box, truth.box) >= LEAST_IOU);
      return { confidence, verdict: isIgnored ? 'ignored' : 'false' };
    });
}

/** Share of a box within another. */
function coveredBy(box: Detection['box'], other: Detection['box']): number {
  const width = Math.min(box[2], other[2]) - Math.max(box[0], other[0]);
  const height = Math.min(box[3], other[3]) - Math.max(box[1], other[1]);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / ((box[2] - box[0]) * (box[3] - box[1]));
}
