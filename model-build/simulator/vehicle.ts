import type { Drawn } from './person';
import { css, type Random, type Rgb } from './random';

const PAINT: readonly Rgb[] = [
  [225, 226, 228],
  [30, 32, 36],
  [120, 124, 130],
  [160, 24, 30],
  [30, 60, 120],
  [180, 184, 190],
  [70, 84, 70],
  [60, 60, 64],
  [200, 160, 60],
  [20, 90, 110],
];

export type VehicleKind = 'car' | 'van' | 'truck' | 'bus';

export interface VehicleLook {
  readonly kind: VehicleKind;
  readonly paint: Rgb;
  readonly roof: number;
}

export function randomVehicle(random: Random, kind?: VehicleKind): VehicleLook {
  const weighted: readonly VehicleKind[] = ['car', 'car', 'car', 'car', 'van', 'truck', 'bus'];
  return {
    kind: kind ?? random.pick(weighted),
    paint: random.pick(PAINT),
    roof: random.between(0.9, 1.1),
  };
}

/** The class that detectors trained on COCO give a kind. */
export function classOfVehicle(kind: VehicleKind): 'car' | 'truck' | 'bus' {
  return kind === 'van' ? 'car' : kind;
}

export interface VehiclePose {
  /** Middle of the lower edge, px. */
  readonly x: number;
  readonly y: number;
  /** Of the whole vehicle seen from the side, px; end views are drawn to the same scale. */
  readonly lengthPx: number;
  /** -1 drives left, 1 right; 0 shows its end, towards or away from the camera. */
  readonly facing: -1 | 0 | 1;
  readonly isFront: boolean;
  readonly hasLights: boolean;
}

/** A vehicle as SVG, in units of its length. */
export function drawVehicle(look: VehicleLook, pose: VehiclePose): Drawn {
  const shape = pose.facing === 0 ? drawEnd(look, pose) : drawSide(look, pose);
  const mirror = pose.facing === -1 ? -1 : 1;
  const { x, y, lengthPx } = pose;
  const half = (shape.width * lengthPx) / 2;
  return {
    svg: `<g transform="translate(${x.toFixed(2)},${y.toFixed(2)}) scale(${(mirror * lengthPx).toFixed(2)},${lengthPx.toFixed(2)})">${shape.svg}</g>`,
    box: [x - half, y - shape.height * lengthPx, x + half, y],
  };
}

interface Shape {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

const GLASS = '#1d2731';

function drawSide({ kind, paint, roof }: VehicleLook, { hasLights }: VehiclePose): Shape {
  const body = css(paint);
  const dark = css(paint, 0.6);
  const light = css(paint, 1.25);
  const sheened = (shape: string): string =>
    `${shape} fill="${body}"/>${shape} fill="url(#sheen)"/>`;
  const wheel = (cx: number, r: number): string =>
    `<circle cx="${cx}" cy="${-r}" r="${r}" fill="#141414"/><circle cx="${cx}" cy="${-r}" r="${r * 0.6}" fill="#8a8d90"/><circle cx="${cx}" cy="${-r}" r="${r * 0.22}" fill="#333"/>`;
  const lamps = (front: number, back: number, y: number): string =>
    `<rect x="${front - 0.035}" y="${y}" width="0.04" height="0.028" rx="0.01" fill="${hasLights ? '#fffbe0' : '#d8dcdc'}"/><rect x="${back}" y="${y}" width="0.025" height="0.035" fill="#b01818"/>`;
  const shadow = '<ellipse cx="0" cy="-0.005" rx="0.58" ry="0.045" fill="url(#soft)"/>';
  if (kind === 'car') {
    const top = -0.325 * roof;
    const path = `M-0.49,-0.075 Q-0.505,-0.16 -0.475,-0.2 Q-0.43,-0.225 -0.33,-0.225 L-0.22,${top + 0.02} Q-0.19,${top} -0.12,${top} L0.08,${top} Q0.15,${top} 0.2,${top + 0.035} L0.3,-0.215 Q0.43,-0.2 0.475,-0.17 Q0.5,-0.14 0.49,-0.075 Z`;
    const glass = `M-0.28,-0.222 L-0.195,${top + 0.035} Q-0.18,${top + 0.022} -0.14,${top + 0.022} L-0.03,${top + 0.022} L-0.03,-0.218 Z M0,-0.216 L0,${top + 0.022} L0.09,${top + 0.022} Q0.14,${top + 0.025} 0.175,${top + 0.05} L0.25,-0.212 Z`;
    return {
      svg: `${shadow}${sheened(`<path d="${path}"`)}<path d="M-0.495,-0.13 L0.492,-0.13 L0.49,-0.075 L-0.49,-0.075 Z" fill="${dark}"/><path d="M-0.42,-0.2 L0.4,-0.19" stroke="${light}" stroke-width="0.012"/><path d="${glass}" fill="${GLASS}"/><path d="M-0.24,-0.225 L-0.18,${top + 0.035} L-0.14,${top + 0.03} L-0.2,-0.222 Z" fill="#9fb3c0" opacity="0.5"/><path d="M-0.015,-0.21 L-0.015,-0.09 M0.2,-0.2 L0.19,-0.09" stroke="${css(paint, 0.45)}" stroke-width="0.005"/>${lamps(0.485, -0.495, -0.185)}<circle cx="-0.31" cy="-0.075" r="0.088" fill="#0b0b0b"/><circle cx="0.31" cy="-0.075" r="0.088" fill="#0b0b0b"/>${wheel(-0.31, 0.075)}${wheel(0.31, 0.075)}`,
      width: 1,
      height: -top,
    };
  }
  if (kind === 'van') {
    return {
      svg: `${shadow}${sheened(`<path d="M-0.49,-0.07 L-0.49,-0.38 Q-0.48,-0.42 -0.44,-0.42 L0.2,-0.42 Q0.27,-0.42 0.31,-0.37 L0.39,-0.24 Q0.48,-0.22 0.49,-0.17 L0.49,-0.07 Z"`)}<path d="M-0.49,-0.12 L0.49,-0.12 L0.49,-0.07 L-0.49,-0.07 Z" fill="${dark}"/><path d="M0.1,-0.38 L0.22,-0.38 L0.33,-0.25 L0.1,-0.25 Z" fill="${GLASS}"/><path d="M0.07,-0.4 L0.07,-0.09 M-0.2,-0.4 L-0.2,-0.09" stroke="${css(paint, 0.6)}" stroke-width="0.006"/><path d="M-0.46,-0.4 L0.18,-0.4" stroke="${light}" stroke-width="0.014"/>${lamps(0.485, -0.49, -0.2)}${wheel(-0.3, 0.072)}${wheel(0.31, 0.072)}`,
      width: 1,
      height: 0.42,
    };
  }
  if (kind === 'truck') {
    return {
      svg: `${shadow}<rect x="-0.5" y="-0.43" width="0.7" height="0.35" fill="${css([205, 205, 200], 1)}"/><path d="M-0.5,-0.43 L0.2,-0.43 L0.2,-0.4 L-0.5,-0.4 Z" fill="#eee"/><rect x="-0.5" y="-0.09" width="0.98" height="0.03" fill="#2a2a2a"/>${sheened(`<path d="M0.22,-0.08 L0.22,-0.36 Q0.23,-0.38 0.27,-0.38 L0.38,-0.38 Q0.42,-0.38 0.44,-0.33 L0.48,-0.22 Q0.5,-0.2 0.5,-0.16 L0.5,-0.08 Z"`)}<rect x="-0.5" y="-0.43" width="0.7" height="0.35" fill="url(#sheen)"/><path d="M0.3,-0.345 L0.39,-0.345 L0.45,-0.22 L0.3,-0.22 Z" fill="${GLASS}"/>${lamps(0.5, -0.5, -0.14)}${wheel(-0.36, 0.06)}${wheel(-0.22, 0.06)}${wheel(0.36, 0.06)}`,
      width: 1,
      height: 0.43,
    };
  }
  const windows = Array.from(
    { length: 7 },
    (_, i) =>
      `<rect x="${-0.45 + i * 0.125}" y="-0.255" width="0.11" height="0.095" rx="0.008" fill="${GLASS}"/>`,
  ).join('');
  return {
    svg: `${shadow}${sheened('<rect x="-0.5" y="-0.3" width="1" height="0.26" rx="0.03"')}<rect x="-0.5" y="-0.13" width="1" height="0.035" fill="${dark}"/><rect x="-0.47" y="-0.295" width="0.94" height="0.014" fill="${light}"/>${windows}<rect x="0.43" y="-0.265" width="0.068" height="0.15" rx="0.01" fill="#26323c"/>${lamps(0.5, -0.5, -0.09)}${wheel(-0.3, 0.042)}${wheel(0.32, 0.042)}`,
    width: 1,
    height: 0.3,
  };
}

const END_SIZES: Readonly<Record<VehicleKind, readonly [number, number]>> = {
  car: [0.42, 0.33],
  van: [0.42, 0.44],
  truck: [0.36, 0.46],
  bus: [0.24, 0.31],
};

function drawEnd({ kind, paint }: VehicleLook, { isFront, hasLights }: VehiclePose): Shape {
  const [width, height] = END_SIZES[kind];
  const w = width / 2;
  const lamp = isFront ? (hasLights ? '#fffde8' : '#cfd6da') : '#a81515';
  const cabin = kind === 'car' ? 0.72 : 0.96;
  const belt = height * (kind === 'car' ? 0.58 : 0.5);
  return {
    svg: `<ellipse cx="0" cy="-0.005" rx="${w * 1.2}" ry="0.04" fill="url(#soft)"/>
<rect x="${-w * 0.95}" y="-0.07" width="${w * 0.32}" height="0.07" rx="0.012" fill="#111"/><rect x="${w * 0.63}" y="-0.07" width="${w * 0.32}" height="0.07" rx="0.012" fill="#111"/>
<path d="M${-w},-0.05 L${-w},${-belt * 0.85} Q${-w},${-belt} ${-w * 0.93},${-belt} L${w * 0.93},${-belt} Q${w},${-belt} ${w},${-belt * 0.85} L${w},-0.05 Z" fill="${css(paint)}"/><rect x="${-w}" y="${-belt}" width="${width}" height="${belt - 0.05}" rx="0.01" fill="url(#sheen)"/>
<path d="M${-w * 0.93},${-belt} L${-w * cabin},${-height * 0.95} Q${-w * cabin * 0.97},${-height} ${-w * cabin * 0.85},${-height} L${w * cabin * 0.85},${-height} Q${w * cabin * 0.97},${-height} ${w * cabin},${-height * 0.95} L${w * 0.93},${-belt} Z" fill="${css(paint, 0.9)}"/>
<path d="M${-w * 0.82},${-belt * 1.03} L${-w * cabin * 0.88},${-height * 0.93} L${w * cabin * 0.88},${-height * 0.93} L${w * 0.82},${-belt * 1.03} Z" fill="${GLASS}"/>
<path d="M${-w * 0.7},${-belt * 1.05} L${-w * cabin * 0.7},${-height * 0.92} L${-w * cabin * 0.3},${-height * 0.92} L${-w * 0.4},${-belt * 1.05} Z" fill="#a9bcc8" opacity="0.35"/>
<rect x="${-w * 0.92}" y="${-belt * 0.85}" width="${w * 0.36}" height="0.04" rx="0.012" fill="${lamp}"/><rect x="${w * 0.56}" y="${-belt * 0.85}" width="${w * 0.36}" height="0.04" rx="0.012" fill="${lamp}"/>
<rect x="${-w * 0.45}" y="${-belt * 0.72}" width="${w * 0.9}" height="0.05" rx="0.008" fill="${isFront ? '#222' : css(paint, 0.6)}"/>
<rect x="${-w * 0.26}" y="-0.105" width="${w * 0.52}" height="0.026" fill="#e8e8df"/><rect x="${-w}" y="-0.075" width="${width}" height="0.03" fill="${css(paint, 0.5)}"/>`,
    width,
    height,
  };
}
