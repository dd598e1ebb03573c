import type { LumaPicture } from './motion-gate';

/** A camera that shakes further than this between two pictures is not still (px of the gate's picture). */
const MOST_SHAKE_PX = 1;
/** What a quarter's edges must tell beyond their noise, in sigmas, before it has a say. */
const LEAST_SIGMAS = 4;

/** What the edges of one quarter of the picture say: sums of gradient products, and of gradient times change. */
interface Quarter {
  xx: number;
  xy: number;
  yy: number;
  xChange: number;
  yChange: number;
}

/**
 * How far the whole picture moved between two that are at most a pixel apart, |x| + |y| in px: a camera on a
 * pole in the wind. The shift that fits all edges best (Lucas and Kanade, one step) is believed only where
 * at least two quarters of the picture show it and none contradicts, so that what moves in one place is
 * never taken for the camera; anything else is 0.
 * @param shift brightening of the whole picture, levels
 * @param spread noise of a pixel, one sigma, levels
 */
export function shakePx(
  reference: LumaPicture,
  current: LumaPicture,
  {
    ignored,
    shift,
    spread,
  }: { readonly ignored: Uint8Array; readonly shift: number; readonly spread: number },
): number {
  const quarters = quartersOf(reference, current, ignored, shift);
  const whole = quarters.reduce(sum);
  const determinant = whole.xx * whole.yy - whole.xy ** 2;
  if (determinant <= 0) return 0;
  const x = (whole.yy * whole.xChange - whole.xy * whole.yChange) / determinant;
  const y = (whole.xx * whole.yChange - whole.xy * whole.xChange) / determinant;
  if (Math.abs(x) > MOST_SHAKE_PX || Math.abs(y) > MOST_SHAKE_PX) return 0;
  let showing = 0;
  for (const { xx, xy, yy, xChange, yChange } of quarters) {
    // What the quarter's edges change by under this shift (energy), and how much of that they did (found).
    const energy = x * x * xx + 2 * x * y * xy + y * y * yy;
    const found = x * xChange + y * yChange;
    const noise = Math.max(1, spread) * Math.sqrt(energy);
    if (found < energy / 2 - (LEAST_SIGMAS / 2) * noise) return 0;
    if (found >= energy / 2 && energy >= LEAST_SIGMAS * noise) showing++;
  }
  return showing >= 2 ? Math.abs(x) + Math.abs(y) : 0;
}

function quartersOf(
  { data: before, widthPx, heightPx }: LumaPicture,
  { data: after }: LumaPicture,
  ignored: Uint8Array,
  shift: number,
): Quarter[] {
  const quarters = Array.from({ length: 4 }, () => ({
    xx: 0,
    xy: 0,
    yy: 0,
    xChange: 0,
    yChange: 0,
  }));
  for (let row = 1; row < heightPx - 1; row++) {
    for (let column = 1; column < widthPx - 1; column++) {
      const i = row * widthPx + column;
      if (ignored[i] === 1) continue;
      const x = (before[i + 1]! - before[i - 1]!) / 2;
      const y = (before[i + widthPx]! - before[i - widthPx]!) / 2;
      const change = after[i]! - before[i]! - shift;
      const quarter = quarters[(row * 2 >= heightPx ? 2 : 0) + (column * 2 >= widthPx ? 1 : 0)]!;
      quarter.xx += x * x;
      quarter.xy += x * y;
      quarter.yy += y * y;
      quarter.xChange += x * change;
      quarter.yChange += y * change;
    }
  }
  return quarters;
}

function sum(a: Quarter, b: Quarter): Quarter {
  return {
    xx: a.xx + b.xx,
    xy: a.xy + b.xy,
    yy: a.yy + b.yy,
    xChange: a.xChange + b.xChange,
    yChange: a.yChange + b.yChange,
  };
}
