import {
  type Actor,
  type Clip,
  car,
  DAY,
  OVERCAST,
  person,
  type TrueEvent,
  truthOf,
} from './clips';
import { DAYLIGHT, type Light } from './render';

export interface ScriptRequest {
  readonly seed: number;
  readonly seconds: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
}

interface Script {
  readonly describes: string;
  readonly make: (request: ScriptRequest) => Omit<Clip, keyof ScriptRequest>;
}

/** Actors come again each minute, with other looks. */
const CYCLE_SECONDS = 60;

/** Scenes by name; what happens in them is known to the second. */
export const SCRIPTS: Readonly<Record<string, Script>> = {
  'street-day': {
    describes: 'a car and two people a minute, by day',
    make: (request) => ({
      place: 'street',
      clutter: 4,
      lightAt: DAY,
      actors: everyCycle(request, (at, seed) => [
        car(seed, 0.85, [
          { atSeconds: at + 5, x: -0.4, y: 0.74 },
          { atSeconds: at + 12, x: 1.4, y: 0.74 },
        ]),
        person(seed + 1, 0.66, [
          { atSeconds: at + 24, x: -0.1, y: 0.92 },
          { atSeconds: at + 34, x: 1.1, y: 0.9 },
        ]),
        person(seed + 2, 0.66, [
          { atSeconds: at + 47, x: 1.1, y: 0.94 },
          { atSeconds: at + 57, x: -0.1, y: 0.9 },
        ]),
      ]),
    }),
  },
  'street-night': {
    describes: 'infrared night with noise: headlights sweep over the scene, somebody walks by',
    make: (request) => ({
      place: 'street',
      clutter: 3,
      lightAt: (at) => ({ ...NIGHT, beam: beamAt(at % CYCLE_SECONDS) }),
      actors: everyCycle(request, (at, seed) => [
        person(seed + 1, 0.7, [
          { atSeconds: at + 34, x: -0.1, y: 0.93 },
          { atSeconds: at + 46, x: 1.1, y: 0.91 },
        ]),
      ]),
    }),
  },
  parking: {
    describes: 'a car arrives, parks and stays; each minute somebody passes by it',
    make: (request) => ({
      place: 'car-park',
      clutter: 4,
      lightAt: OVERCAST,
      actors: [
        car(request.seed + 5, 0.8, [
          { atSeconds: 6, x: -0.4, y: 0.76 },
          { atSeconds: 12, x: 0.4, y: 0.74 },
          { atSeconds: request.seconds, x: 0.4, y: 0.74 },
        ]),
        ...everyCycle(request, (at, seed) => [
          person(seed + 14, 0.62, [
            { atSeconds: at + 30, x: 1.08, y: 0.93 },
            { atSeconds: at + 42, x: -0.1, y: 0.95 },
          ]),
        ]),
      ],
    }),
  },
  crowd: {
    describes: 'four people come, meet, stand together and leave, each minute',
    make: (request) => ({
      place: 'lobby',
      clutter: 3,
      lightAt: DAY,
      actors: everyCycle(request, (at, seed) =>
        [0, 1, 2, 3].map((index) => {
          const side = index % 2 === 0 ? -0.1 : 1.1;
          const spot = 0.26 + index * 0.16;
          return person(seed + index, 0.7, [
            { atSeconds: at + 8 + index * 2, x: side, y: 0.88 + index * 0.02 },
            { atSeconds: at + 18 + index, x: spot, y: 0.86 + index * 0.02 },
            { atSeconds: at + 32 + index, x: spot, y: 0.86 + index * 0.02 },
            { atSeconds: at + 42 + index * 2, x: 1 - side, y: 0.88 + index * 0.02 },
          ]);
        }),
      ),
    }),
  },
  rain: {
    describes: 'heavy rain by day; each minute somebody hurries through it',
    make: (request) => ({
      place: 'yard',
      clutter: 4,
      lightAt: () => ({ ...DAYLIGHT, brightness: 0.85, noise: 3, rain: 60 }),
      actors: everyCycle(request, (at, seed) => [
        person(seed + 3, 0.72, [
          { atSeconds: at + 20, x: -0.1, y: 0.92 },
          { atSeconds: at + 30, x: 1.1, y: 0.9 },
        ]),
      ]),
    }),
  },
  'lighting-step': {
    describes: 'nobody; the light goes off and on again every half minute',
    make: () => ({
      place: 'lobby',
      clutter: 5,
      lightAt: (at) => ({ ...DAYLIGHT, brightness: Math.floor(at / 15) % 2 === 0 ? 1 : 0.45 }),
      actors: [],
    }),
  },
  shake: {
    describes: 'nobody; the camera shakes in the wind',
    make: () => ({ place: 'yard', clutter: 6, lightAt: DAY, actors: [], shakePx: 2 }),
  },
  quiet: {
    describes: 'nobody, for as long as you like: noise and clutter alone',
    make: () => ({ place: 'car-park', clutter: 8, lightAt: OVERCAST, actors: [] }),
  },
};

/** The clip of a script. @throws {RangeError} for a script that is not there */
export function clipOf(name: string, request: ScriptRequest): Clip {
  const script = Object.hasOwn(SCRIPTS, name) ? SCRIPTS[name] : undefined;
  if (!script) {
    throw new RangeError(
      `"${name}": expected one of ${Object.keys(SCRIPTS).join(', ')}, found another script`,
    );
  }
  return { ...request, ...script.make(request) };
}

/**
 * Events that the road should find: what is seen of a class, closed by the quiet gap.
 * @param quietGapSeconds as in the fleet file
 */
export function expectedEvents(clip: Clip, quietGapSeconds: number): TrueEvent[] {
  const events: TrueEvent[] = [];
  for (const seen of truthOf(clip)) {
    if (seen.fromSeconds >= clip.seconds) continue;
    const at = events.findLastIndex(({ className }) => className === seen.className);
    const last = events[at];
    if (last && seen.fromSeconds - last.toSeconds <= quietGapSeconds) {
      events[at] = { ...last, toSeconds: Math.max(last.toSeconds, seen.toSeconds) };
    } else events.push(seen);
  }
  return events;
}

const NIGHT: Light = { ...DAYLIGHT, brightness: 0.75, isInfrared: true, noise: 5 };
const BEAM_SECONDS = { from: 8, to: 12 } as const;

/** A car turns in the distance, twice a minute: its light passes over the picture. */
function beamAt(second: number): Light['beam'] {
  const { from, to } = BEAM_SECONDS;
  if (second < from || second > to) return undefined;
  return { x: (second - from) / (to - from), radius: 0.25, gain: 1.8 };
}

function everyCycle(
  { seconds, seed }: ScriptRequest,
  actorsAt: (atSeconds: number, seed: number) => readonly Actor[],
): Actor[] {
  return Array.from({ length: Math.ceil(seconds / CYCLE_SECONDS) }, (_, cycle) =>
    actorsAt(cycle * CYCLE_SECONDS, seed + cycle * 97),
  )
    .flat()
    .filter(({ path }) => path.at(-1)!.atSeconds <= seconds);
}
