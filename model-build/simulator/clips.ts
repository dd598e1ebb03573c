import { drawBackdrop, type Place } from './background';
import { type PersonLook, randomPerson } from './look';
import { type Drawn, drawPerson } from './person';
import { Random } from './random';
import { DAYLIGHT, type Light, moved, render } from './render';
import { drawVehicle, randomVehicle, type VehicleLook } from './vehicle';

/** Where an actor is, in fractions of the picture; between two of these it moves in a straight line. */
export interface Waypoint {
  readonly atSeconds: number;
  readonly x: number;
  readonly y: number;
}

export interface Actor {
  readonly className: 'person' | 'vehicle';
  readonly look: PersonLook | VehicleLook;
  /** Height of a person, length of a vehicle, at the lower edge of the picture, in picture heights. */
  readonly size: number;
  readonly path: readonly Waypoint[];
}

export interface Clip {
  readonly place: Place;
  readonly seed: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
  readonly seconds: number;
  readonly clutter: number;
  readonly lightAt: (seconds: number) => Light;
  readonly actors: readonly Actor[];
  /** The camera moves at most this far, px. @default 0 */
  readonly shakePx?: number;
}

/** What is in the picture and when: from the first to past the last instant an actor is seen. */
export interface TrueEvent {
  readonly className: 'person' | 'vehicle';
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

export function person(seed: number, size: number, path: readonly Waypoint[]): Actor {
  return { className: 'person', look: randomPerson(new Random(seed)), size, path };
}

export function car(seed: number, size: number, path: readonly Waypoint[]): Actor {
  return { className: 'vehicle', look: randomVehicle(new Random(seed), 'car'), size, path };
}

/** Draws a clip frame by frame: RGB [height, width, 3]. */
export async function* framesOf(clip: Clip): AsyncGenerator<Uint8Array> {
  const { place, widthPx, heightPx, clutter, fps, seconds, seed, shakePx = 0 } = clip;
  const shaking = new Random(seed + 1);
  const random = new Random(seed);
  const { rgb, horizon } = await drawBackdrop(random, { place, widthPx, heightPx, clutter });
  for (let index = 0; index < Math.round(seconds * fps); index++) {
    const at = index / fps;
    const things = clip.actors.flatMap((actor) => {
      const drawn = drawActor(actor, at, { clip, horizon });
      return drawn ? [drawn] : [];
    });
    const picture = await render({ rgb, widthPx, heightPx }, things, clip.lightAt(at), random);
    yield shakePx === 0
      ? picture
      : moved(
          picture,
          { widthPx, heightPx },
          shaking.whole(-shakePx, shakePx),
          shaking.whole(-shakePx, shakePx),
        );
  }
}

/** Exact events of a clip, by start. */
export function truthOf(clip: Clip): TrueEvent[] {
  return clip.actors
    .map(({ className, path }) => ({
      className,
      fromSeconds: path[0]!.atSeconds,
      toSeconds: Math.min(clip.seconds, path.at(-1)!.atSeconds),
    }))
    .sort((a, b) => a.fromSeconds - b.fromSeconds);
}

function drawActor(
  { className, look, size, path }: Actor,
  atSeconds: number,
  { clip, horizon }: { readonly clip: Clip; readonly horizon: number },
): Drawn | null {
  const next = path.findIndex((point) => point.atSeconds > atSeconds);
  if (next <= 0) return null;
  const [from, to] = [path[next - 1]!, path[next]!];
  const share = (atSeconds - from.atSeconds) / (to.atSeconds - from.atSeconds);
  const x = (from.x + (to.x - from.x) * share) * clip.widthPx;
  const y = (from.y + (to.y - from.y) * share) * clip.heightPx;
  const nearness = (y / clip.heightPx - horizon * 0.7) / (1 - horizon * 0.7);
  const sizePx = size * clip.heightPx * Math.max(0.1, nearness);
  const isStanding = from.x === to.x && from.y === to.y;
  const facing = Math.abs(to.x - from.x) < 0.02 ? 0 : to.x > from.x ? 1 : -1;
  if (className === 'person') {
    const phase = isStanding ? 0 : atSeconds * 7.5;
    const yaw = Math.atan2(to.x - from.x, to.y - from.y);
    return drawPerson(look as PersonLook, { x, y, heightPx: sizePx, phase, yaw, isStanding });
  }
  const kept = isStanding ? lastFacing(path, next) : facing;
  return drawVehicle(look as VehicleLook, {
    x,
    y,
    lengthPx: sizePx,
    facing: kept,
    isFront: true,
    hasLights: !isStanding,
  });
}

/** A parked car keeps the way it drove in. */
function lastFacing(path: readonly Waypoint[], next: number): -1 | 0 | 1 {
  for (let index = next - 1; index > 0; index--) {
    const dx = path[index]!.x - path[index - 1]!.x;
    if (Math.abs(dx) >= 0.02) return dx > 0 ? 1 : -1;
  }
  return 1;
}

export const DAY = (): Light => DAYLIGHT;
export const DUSK = (): Light => ({
  ...DAYLIGHT,
  brightness: 0.62,
  noise: 3,
  tint: [1.05, 0.97, 0.9],
});
export const OVERCAST = (): Light => ({
  ...DAYLIGHT,
  brightness: 0.92,
  noise: 2,
  tint: [0.97, 1, 1.04],
});
