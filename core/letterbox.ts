import { isInsidePolygon, type Polygon } from './geometry';

interface SizePx {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Largest size of the picture's shape inside the input: what is scaled to the input's top left. */
export function fitInto(picture: SizePx, input: SizePx): SizePx {
  const ratio = Math.min(input.widthPx / picture.widthPx, input.heightPx / picture.heightPx);
  return {
    widthPx: Math.max(1, Math.min(input.widthPx, Math.round(picture.widthPx * ratio))),
    heightPx: Math.max(1, Math.min(input.heightPx, Math.round(picture.heightPx * ratio))),
  };
}

/** Sets what the fitted picture leaves of the input: right of it and below it (RGB). */
export function fillBeside(
  rgb: Uint8Array,
  fitted: SizePx,
  { widthPx, heightPx, fill }: SizePx & { readonly fill: number },
): void {
  const strideBytes = widthPx * 3;
  for (let y = 0; y < fitted.heightPx && fitted.widthPx < widthPx; y++) {
    rgb.fill(fill, y * strideBytes + fitted.widthPx * 3, (y + 1) * strideBytes);
  }
  rgb.fill(fill, fitted.heightPx * strideBytes, heightPx * strideBytes);
}

/** Sets every RGB pixel that a polygon (0–1 of the picture) covers to 0, half a pixel beyond its edge. */
export function blackOut(
  rgb: Uint8Array,
  { widthPx, heightPx, strideBytes }: SizePx & { readonly strideBytes: number },
  polygons: readonly Polygon[],
): void {
  for (const polygon of polygons) {
    const columns = polygon.map(([x]) => x * widthPx);
    const rows = polygon.map(([, y]) => y * heightPx);
    const [left, right] = [Math.floor(Math.min(...columns)), Math.ceil(Math.max(...columns))];
    const [top, bottom] = [Math.floor(Math.min(...rows)), Math.ceil(Math.max(...rows))];
    for (let y = Math.max(0, top); y < Math.min(heightPx, bottom); y++) {
      for (let x = Math.max(0, left); x < Math.min(widthPx, right); x++) {
        if (touches(x, y, polygon, { widthPx, heightPx })) {
          rgb.fill(0, y * strideBytes + x * 3, y * strideBytes + x * 3 + 3);
        }
      }
    }
  }
}

/** A pixel that a polygon touches at all is private: its corners and centre are asked. */
function touches(x: number, y: number, polygon: Polygon, { widthPx, heightPx }: SizePx): boolean {
  return PROBES.some(([dx, dy]) =>
    isInsidePolygon([(x + dx) / widthPx, (y + dy) / heightPx], polygon),
  );
}

const PROBES = [
  [0.5, 0.5],
  [0.01, 0.01],
  [0.99, 0.01],
  [0.01, 0.99],
  [0.99, 0.99],
] as const;
