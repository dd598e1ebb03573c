import sharp from 'sharp';
import type { Drawn } from './person';
import type { Random } from './random';

export interface Light {
  /** 1 is day, 0.3 dusk. */
  readonly brightness: number;
  /** Infrared night: grey, grainy. */
  readonly isInfrared: boolean;
  /** Deviation of the sensor's noise, levels of 255. */
  readonly noise: number;
  readonly tint: readonly [number, number, number];
  /** Where the light comes from: -1 left, 1 right, 0 from everywhere. */
  readonly sun: number;
  /** Streaks a picture. */
  readonly rain: number;
  /** Headlights that pass: where (0-1 of the width), how wide (0-1), how much brighter in the middle. */
  readonly beam?:
    | { readonly x: number; readonly radius: number; readonly gain: number }
    | undefined;
}

const DARKEST_DAY = 0.75;

export const DAYLIGHT: Light = {
  brightness: 1,
  isInfrared: false,
  noise: 2,
  tint: [1, 1, 1],
  rain: 0,
  sun: 0.4,
};

export interface Canvas {
  readonly rgb: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Draws things over a backdrop, far ones first, then the light, the rain and the sensor's noise. */
export async function render(
  backdrop: Canvas,
  things: readonly Drawn[],
  light: Light,
  random: Random,
): Promise<Uint8Array> {
  const { widthPx, heightPx } = backdrop;
  const sorted = [...things].sort((a, b) => a.box[3] - b.box[3]);
  const streaks = Array.from({ length: light.rain }, () => {
    const [x, y] = [random.next() * widthPx, random.next() * heightPx];
    return `<path d="M${x.toFixed(1)},${y.toFixed(1)} l-3,${random.between(8, 22).toFixed(1)}" stroke="#dfe6ee" stroke-width="0.9" opacity="0.45"/>`;
  });
  let rgb = backdrop.rgb;
  if (sorted.length + streaks.length > 0) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}">${shading(light)}${sorted.map((thing) => thing.svg).join('')}${streaks.join('')}</svg>`;
    rgb = await sharp(backdrop.rgb, { raw: { width: widthPx, height: heightPx, channels: 3 } })
      .composite([{ input: Buffer.from(svg), top: 0, left: 0 }])
      .removeAlpha()
      .raw()
      .toBuffer();
  }
  return expose(lit(rgb, { widthPx, heightPx }, light.beam), light, random);
}

/** What people and vehicles are shaded with: `round` across a limb, `fall` down a trunk, `soft` and `cast` on the ground. */
function shading({ sun }: Light): string {
  const bright = 0.06 + 0.14 * Math.abs(sun);
  const dark = 0.3 + 0.22 * Math.abs(sun);
  const [left, right] = sun < 0 ? [0.14, dark] : [dark, 0.14];
  const stop = (at: number, colour: string, opacity: number): string =>
    `<stop offset="${at}" stop-color="${colour}" stop-opacity="${opacity.toFixed(3)}"/>`;
  const peak = 0.5 + 0.22 * sun;
  return `<defs><linearGradient id="round">${stop(0, '#000', left)}${stop(peak / 2, '#000', left / 3)}${stop(peak, '#fff', bright)}${stop((1 + peak) / 2, '#000', right / 3)}${stop(1, '#000', right)}</linearGradient>
<linearGradient id="fall" x2="0" y2="1">${stop(0, '#fff', 0.1)}${stop(0.4, '#000', 0)}${stop(1, '#000', 0.3)}</linearGradient>
<linearGradient id="sheen" x2="0" y2="1">${stop(0, '#fff', 0.2)}${stop(0.4, '#fff', 0)}${stop(0.6, '#000', 0)}${stop(1, '#000', 0.25)}</linearGradient>
<radialGradient id="soft">${stop(0, '#000', 0.6)}${stop(0.5, '#000', 0.35)}${stop(1, '#000', 0)}</radialGradient>
<ellipse id="cast" cx="${(-0.25 * sun).toFixed(3)}" cy="-0.01" rx="${(0.16 + 0.24 * Math.abs(sun)).toFixed(3)}" ry="0.04" fill="url(#soft)"/></defs>`;
}

type Size = Pick<Canvas, 'widthPx' | 'heightPx'>;

/** The picture with a column of it brighter: light that passes. */
function lit(from: Uint8Array, { widthPx }: Size, beam: Light['beam']): Uint8Array {
  if (!beam) return from;
  const to = Uint8Array.from(from);
  for (let at = 0; at < to.length; at++) {
    const x = (Math.floor(at / 3) % widthPx) / widthPx;
    const near = Math.max(0, 1 - Math.abs(x - beam.x) / beam.radius);
    to[at] = level(from[at]! * (1 + (beam.gain - 1) * near));
  }
  return to;
}

/** The picture moved by whole pixels; what comes in at an edge repeats it. */
export function moved(
  from: Uint8Array,
  { widthPx, heightPx }: Size,
  dx: number,
  dy: number,
): Uint8Array {
  const to = new Uint8Array(from.length);
  const within = (value: number, size: number): number => Math.min(size - 1, Math.max(0, value));
  for (let y = 0; y < heightPx; y++) {
    const row = within(y - dy, heightPx) * widthPx;
    for (let x = 0; x < widthPx; x++) {
      const source = (row + within(x - dx, widthPx)) * 3;
      to.set(from.subarray(source, source + 3), (y * widthPx + x) * 3);
    }
  }
  return to;
}

function expose(from: Uint8Array, light: Light, random: Random): Uint8Array {
  const to = new Uint8Array(from.length);
  const gains = light.tint.map((channel) => channel * light.brightness);
  for (let at = 0; at < from.length; at += 3) {
    let [r, g, b] = [from[at]! * gains[0]!, from[at + 1]! * gains[1]!, from[at + 2]! * gains[2]!];
    if (light.isInfrared) r = g = b = 0.3 * r + 0.59 * g + 0.11 * b;
    const grain = (random.next() + random.next() - 1) * 2.4 * light.noise;
    to[at] = level(r + grain);
    to[at + 1] = level(g + grain);
    to[at + 2] = level(b + grain);
  }
  return to;
}

function level(value: number): number {
  return value < 0 ? 0 : Math.min(value, 255);
}

export function randomLight(random: Random): Light {
  const kind = random.next();
  if (kind < 0.2) {
    return {
      brightness: random.between(0.4, 0.9),
      isInfrared: true,
      noise: random.between(3, 10),
      tint: [1, 1, 1],
      rain: 0,
      sun: 0,
    };
  }
  const isDusk = kind < 0.35;
  return {
    brightness: isDusk ? random.between(0.3, 0.6) : random.between(DARKEST_DAY, 1.25),
    isInfrared: false,
    noise: random.between(0.5, isDusk ? 8 : 5),
    tint: [random.between(0.88, 1.12), 1, random.between(0.85, 1.15)],
    rain: random.chance(0.1) ? random.whole(20, 120) : 0,
    sun: random.between(-1, 1),
  };
}

export const LIGHT_KINDS = ['day', 'rain', 'dusk', 'infrared'] as const;
export type LightKind = (typeof LIGHT_KINDS)[number];

/** Which of {@link randomLight}'s kinds a light is. */
export function kindOf({ isInfrared, rain, brightness }: Light): LightKind {
  if (isInfrared) return 'infrared';
  if (brightness < DARKEST_DAY) return 'dusk';
  return rain > 0 ? 'rain' : 'day';
}
