import * as z from 'zod';

const ratio = z.number().min(0).max(1);

/** A rectangle `[x1, y1, x2, y2]`, each 0–1 of the picture, top left to bottom right. */
export const boxSchema = z
  .tuple([ratio, ratio, ratio, ratio])
  .refine(([x1, y1, x2, y2]) => x1 <= x2 && y1 <= y2, 'x1 must not exceed x2, nor y1 y2');
export type Box = z.infer<typeof boxSchema>;

/** A point `[x, y]`, each 0–1 of the picture. */
export type Point = readonly [number, number];

/** A closed polygon of at least three points `[x, y]`, each 0–1 of the picture. */
export const polygonSchema = z
  .array(z.tuple([ratio, ratio]))
  .min(3)
  .max(64)
  .describe('Polygon: at least three points [x, y], each 0-1 of the picture');
export type Polygon = readonly Point[];

export function boxArea([x1, y1, x2, y2]: Box): number {
  return (x2 - x1) * (y2 - y1);
}

/** Intersection over union of two boxes, 0–1; 0 where both are empty. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const shared = intersectionArea(a, b);
  return shared === 0 ? 0 : shared / (boxArea(a) + boxArea(b) - shared);
}

export function intersectionArea(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return Math.max(0, width) * Math.max(0, height);
}

/** Where a thing stands: the middle of its box's lower edge, the point that decides its zone. */
export function footPoint([x1, , x2, y2]: Box): Point {
  return [(x1 + x2) / 2, y2];
}

/** Even-odd rule; points on the upper and left edges count as inside. */
export function isInsidePolygon([x, y]: Point, polygon: Polygon): boolean {
  let isInside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i]!;
    const [xj, yj] = polygon[j]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) isInside = !isInside;
  }
  return isInside;
}
