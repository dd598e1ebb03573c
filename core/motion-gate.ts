import { shakePx } from './camera-shake';
import { isInsidePolygon, type Polygon } from './geometry';

/** A small luma picture: one byte a pixel, row by row. */
export interface LumaPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly data: Uint8Array;
}

/** Width of the gate's picture; the height follows the camera's. A person 60 px tall in 432 is 12 px tall here. */
export const GATE_WIDTH_PX = 160;

/** Least change of a pixel, in levels of 255, after the picture's own shift in brightness is taken out. */
const LEAST_CHANGE = 9;
/** Changed pixels, each with at least two changed neighbours, that open the gate. */
const LEAST_CHANGED_PX = 4;
/** Share of changed pixels from which a change is one of light, not of things. */
const LIGHTING_RATIO = 0.8;

export type MotionVerdict = 'still' | 'moved' | 'relit';

/** Height of the gate's picture for a camera's picture, at least 16 px. */
export function gateHeightPx(widthPx: number, heightPx: number): number {
  return Math.max(16, Math.round((GATE_WIDTH_PX * heightPx) / widthPx));
}

/** Pixels that the gate must not look at: 1 inside any polygon, else 0. */
export function ignoredPixels(
  widthPx: number,
  heightPx: number,
  polygons: readonly Polygon[],
): Uint8Array {
  const ignored = new Uint8Array(widthPx * heightPx);
  for (let index = 0; polygons.length > 0 && index < ignored.length; index++) {
    const x = ((index % widthPx) + 0.5) / widthPx;
    const y = (Math.floor(index / widthPx) + 0.5) / heightPx;
    if (polygons.some((polygon) => isInsidePolygon([x, y], polygon))) ignored[index] = 1;
  }
  return ignored;
}

/**
 * Compares a picture with the last inferred one. A shift of the whole picture's brightness is not
 * motion; a change of more than 80 % of the picture is one of light (`relit`). What a shaking camera
 * changes along edges is not motion either.
 * Both pictures have the same size; `ignored` comes from `ignoredPixels`.
 */
export function judgeMotion(
  reference: LumaPicture,
  current: LumaPicture,
  ignored: Uint8Array,
): MotionVerdict {
  const { shift, spread, watchedPx } = shiftOf(reference.data, current.data, ignored);
  const threshold = Math.max(LEAST_CHANGE, 6 * spread);
  const changed = new Uint8Array(current.data.length);
  let changedPx = 0;
  for (let i = 0; i < changed.length; i++) {
    if (ignored[i] === 1) continue;
    if (Math.abs(current.data[i]! - reference.data[i]! - shift) <= threshold) continue;
    changed[i] = 1;
    changedPx++;
  }
  if (changedPx >= LIGHTING_RATIO * watchedPx && watchedPx > 0) return 'relit';
  if (Math.abs(shift) >= RELIT_SHIFT) return 'relit';
  if (!hasCluster(changed, current.widthPx)) return 'still';
  if (changedPx > SHAKEN_RATIO * watchedPx) return 'moved';
  const shake = shakePx(reference, current, { ignored, shift, spread });
  if (shake === 0) return 'moved';
  for (let i = 0; i < changed.length; i++) {
    if (changed[i] === 0) continue;
    const change = Math.abs(current.data[i]! - reference.data[i]! - shift);
    // What came or went has even ground in one of the two pictures: no allowance there.
    const range = Math.min(rangeAround(reference, i), rangeAround(current, i));
    if (change <= threshold + shake * range) changed[i] = 0;
  }
  return hasCluster(changed, current.widthPx) ? 'moved' : 'still';
}

/** Most of a picture that is edges: more changed pixels than this are no camera's shake. */
const SHAKEN_RATIO = 0.03;

/** Brightest less darkest of a pixel and those around it: what a shift by one pixel may change it by. */
function rangeAround({ data, widthPx, heightPx }: LumaPicture, index: number): number {
  const [column, row] = [index % widthPx, Math.floor(index / widthPx)];
  let [least, most] = [255, 0];
  for (let y = Math.max(0, row - 1); y <= Math.min(heightPx - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(widthPx - 1, column + 1); x++) {
      least = Math.min(least, data[y * widthPx + x]!);
      most = Math.max(most, data[y * widthPx + x]!);
    }
  }
  return most - least;
}

/** A shift this large (IR switch, lights on) changes what a detector sees: look again. */
const RELIT_SHIFT = 24;

/** Median difference and its MAD in sigmas, over the watched pixels: robust to things that move. */
function shiftOf(
  reference: Uint8Array,
  current: Uint8Array,
  ignored: Uint8Array,
): { shift: number; spread: number; watchedPx: number } {
  const histogram = new Uint32Array(511);
  let watchedPx = 0;
  for (let i = 0; i < current.length; i++) {
    if (ignored[i] === 1) continue;
    histogram[current[i]! - reference[i]! + 255]!++;
    watchedPx++;
  }
  const shift = quantile(histogram, watchedPx / 2) - 255;
  const deviations = new Uint32Array(511);
  for (let bin = 0; bin < 511; bin++) deviations[Math.abs(bin - 255 - shift)]! += histogram[bin]!;
  return { shift, spread: 1.48 * Math.max(0, quantile(deviations, watchedPx / 2)), watchedPx };
}

function quantile(histogram: Uint32Array, rank: number): number {
  let seen = 0;
  for (let bin = 0; bin < histogram.length; bin++) {
    seen += histogram[bin]!;
    if (seen >= rank && seen > 0) return bin;
  }
  return 0;
}

/** Whether enough changed pixels stand together; single ones are noise. */
function hasCluster(changed: Uint8Array, widthPx: number): boolean {
  let clustered = 0;
  for (let i = widthPx + 1; i < changed.length - widthPx - 1; i++) {
    if (changed[i] === 0) continue;
    const neighbours =
      changed[i - 1]! +
      changed[i + 1]! +
      changed[i - widthPx]! +
      changed[i + widthPx]! +
      changed[i - widthPx - 1]! +
      changed[i - widthPx + 1]! +
      changed[i + widthPx - 1]! +
      changed[i + widthPx + 1]!;
    if (neighbours >= 2 && ++clustered >= LEAST_CHANGED_PX) return true;
  }
  return false;
}
