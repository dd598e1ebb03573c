import type { AnalysisSettings } from './camera-settings';
import type { Detection } from './detection';
import { boxArea, footPoint, isInsidePolygon } from './geometry';

/** Keeps what the camera's settings count: classes, confidence, size and shape by class, not in a mask. */
export function filterDetections(
  detections: readonly Detection[],
  { classes, minConfidence, classFilters, masks }: AnalysisSettings,
  picture: { readonly widthPx: number; readonly heightPx: number },
): Detection[] {
  return detections.filter(({ className, confidence, box }) => {
    if (!classes.includes(className)) return false;
    const filter = classFilters[className] ?? {};
    if (confidence < (filter.minConfidence ?? minConfidence)) return false;
    const area = boxArea(box);
    if (area < (filter.minArea ?? 0) || area > (filter.maxArea ?? 1)) return false;
    const aspect = ((box[2] - box[0]) * picture.widthPx) / ((box[3] - box[1]) * picture.heightPx);
    if (filter.aspect && (aspect < filter.aspect[0] || aspect > filter.aspect[1])) return false;
    const foot = footPoint(box);
    return !masks.some((mask) => isInsidePolygon(foot, mask));
  });
}
