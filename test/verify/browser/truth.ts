import type { Box } from '../../../core/geometry';
import { DEMO_CAMERAS } from '../../../model-build/simulator/demo';

/** Where the feet of a camera’s actors stand at an instant, 0–1 of the picture. @param at ISO */
export function feetAt(
  camera: string,
  className: 'person' | 'vehicle',
  at: string,
): { readonly x: number; readonly y: number }[] {
  const { clip, startedAt } = DEMO_CAMERAS.find((one) => one.camera === camera)!;
  const seconds = (Date.parse(at) - Date.parse(startedAt)) / 1000;
  return clip.actors.flatMap((actor) => {
    const next = actor.path.findIndex((point) => point.atSeconds > seconds);
    if (actor.className !== className || next <= 0) return [];
    const [from, to] = [actor.path[next - 1]!, actor.path[next]!];
    const share = (seconds - from.atSeconds) / (to.atSeconds - from.atSeconds);
    return [{ x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }];
  });
}

/** How far a box’s foot point is from where the feet are, of the picture. */
export function distanceOf([x1, , x2, y2]: Box, feet: { x: number; y: number }): number {
  return Math.hypot((x1 + x2) / 2 - feet.x, y2 - feet.y);
}
