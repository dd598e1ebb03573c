import { css, type Random, type Rgb } from './random';

const SKIN: readonly Rgb[] = [
  [236, 200, 172],
  [205, 160, 125],
  [160, 112, 80],
  [98, 66, 46],
];
const HAIR: readonly Rgb[] = [
  [30, 24, 20],
  [70, 48, 30],
  [120, 90, 55],
  [150, 150, 150],
];
const CLOTHES: readonly Rgb[] = [
  [38, 42, 54],
  [60, 70, 110],
  [130, 40, 40],
  [210, 205, 196],
  [70, 90, 60],
  [150, 120, 70],
  [24, 24, 26],
  [90, 110, 150],
  [180, 60, 90],
  [220, 190, 60],
  [100, 100, 104],
  [40, 110, 120],
];

export interface PersonLook {
  readonly skin: Rgb;
  readonly hair: Rgb;
  readonly top: Rgb;
  readonly legs: Rgb;
  readonly build: number;
  readonly hasBag: boolean;
  readonly hasSkirt: boolean;
}

export function randomPerson(random: Random): PersonLook {
  return {
    skin: random.pick(SKIN),
    hair: random.pick(HAIR),
    top: random.pick(CLOTHES),
    legs: random.pick(CLOTHES),
    build: random.between(0.85, 1.25),
    hasBag: random.chance(0.3),
    hasSkirt: random.chance(0.15),
  };
}

export interface Drawn {
  readonly svg: string;
  /** x1, y1, x2, y2 in px of the picture. */
  readonly box: readonly [number, number, number, number];
}

export interface PersonPose {
  /** Where the feet stand, px. */
  readonly x: number;
  readonly y: number;
  readonly heightPx: number;
  /** Of the stride, radians. */
  readonly phase: number;
  /** -1 walks left, 1 right, 0 towards or away from the camera. */
  readonly facing: -1 | 0 | 1;
  readonly isStanding: boolean;
}

type Joint = readonly [number, number];

/** A walking person as SVG, in units of the person's height, feet at 0. */
export function drawPerson(look: PersonLook, pose: PersonPose): Drawn {
  const { x, y, heightPx, facing } = pose;
  const swing = pose.isStanding ? 0.05 : 0.3 * Math.sin(pose.phase);
  const side = facing === 0 ? 0.35 : 1;
  const wide = 0.105 * look.build * (facing === 0 ? 1.25 : 1);
  const hip: Joint = [0, -0.48];
  const shoulder: Joint = [0.012 * facing, -0.8];
  const stance = facing === 0 ? 0.055 : 0.012;
  const leg = (angle: number, offset: number): Joint[] => {
    const knee: Joint = [hip[0] + offset + Math.sin(angle) * 0.24 * side, hip[1] + 0.24];
    const bend = Math.max(0, -angle * (facing || 1)) * 0.5;
    const foot: Joint = [
      knee[0] + Math.sin(angle - bend * (facing || 1)) * 0.23 * side,
      -0.025 - bend * 0.12,
    ];
    return [[hip[0] + offset, hip[1]], knee, foot];
  };
  const arm = (angle: number, offset: number): Joint[] => {
    const elbow: Joint = [shoulder[0] + offset + Math.sin(angle) * 0.16 * side, shoulder[1] + 0.17];
    return [
      [shoulder[0] + offset, shoulder[1] + 0.02],
      elbow,
      [elbow[0] + Math.sin(angle + 0.35 * (facing || 0.3)) * 0.14 * side, elbow[1] + 0.14],
    ];
  };
  const armOffset = facing === 0 ? wide * 1.05 : 0;
  const legs = [leg(-swing, -stance), leg(swing, stance)];
  const arms = [arm(swing, -armOffset), arm(-swing, armOffset)];
  const line = (joints: readonly Joint[], width: number, colour: string): string =>
    `<polyline points="${joints.map(([jx, jy]) => `${jx.toFixed(3)},${jy.toFixed(3)}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
  const shoe = ([fx, fy]: Joint): string =>
    `<ellipse cx="${fx + 0.025 * facing}" cy="${fy + 0.008}" rx="0.042" ry="0.018" fill="${css(look.legs, 0.35)}"/>`;
  const torso = `<path d="M${-wide},-0.8 Q0,-0.86 ${wide},-0.8 L${wide * 0.86},-0.6 L${wide * 0.9},-0.45 L${-wide * 0.9},-0.45 L${-wide * 0.86},-0.6 Z" fill="${css(look.top)}"/>
<path d="M${wide * 0.2},-0.83 L${wide},-0.8 L${wide * 0.86},-0.6 L${wide * 0.9},-0.45 L${wide * 0.3},-0.45 Z" fill="${css(look.top, 0.72)}" opacity="0.75"/>`;
  const head = `<rect x="-0.022" y="-0.87" width="0.044" height="0.06" fill="${css(look.skin, 0.8)}"/>
<ellipse cx="${0.01 * facing}" cy="-0.925" rx="0.05" ry="0.066" fill="${css(look.skin)}"/>
<path d="M-0.053,-0.915 Q-0.058,-1 0,-0.998 Q0.058,-1 0.053,-0.93 Q${0.02 - 0.03 * facing},-0.965 -0.02,-0.955 Z" fill="${css(look.hair)}"/>`;
  const skirt = look.hasSkirt
    ? `<path d="M${-wide},-0.5 L${wide},-0.5 L${wide * 1.35},-0.27 L${-wide * 1.35},-0.27 Z" fill="${css(look.legs)}"/>`
    : '';
  const bag = look.hasBag
    ? `<rect x="${-wide * 1.5 * (facing || 1) - 0.05}" y="-0.78" width="0.1" height="0.2" rx="0.03" fill="${css(look.legs, 0.6)}"/>`
    : '';
  const body = [
    `<ellipse cx="0.03" cy="0" rx="0.17" ry="0.035" fill="#000" opacity="0.28"/>`,
    line(arms[0]!, 0.055, css(look.top, 0.6)),
    line(legs[0]!, 0.085, css(look.legs, 0.65)),
    shoe(legs[0]![2]!),
    line(legs[1]!, 0.085, css(look.legs)),
    shoe(legs[1]![2]!),
    facing === 0 ? '' : bag,
    skirt,
    torso,
    facing === 0 ? bag : '',
    head,
    line(arms[1]!, 0.055, css(look.top, 0.88)),
    `<circle cx="${arms[1]![2]![0]}" cy="${arms[1]![2]![1]}" r="0.024" fill="${css(look.skin)}"/>`,
  ].join('');
  const joints = [...legs.flat(), ...arms.flat()].map(([jx]) => jx);
  const [left, right] = [Math.min(-wide, ...joints) - 0.04, Math.max(wide, ...joints) + 0.04];
  return {
    svg: `<g transform="translate(${x.toFixed(2)},${y.toFixed(2)}) scale(${heightPx.toFixed(2)})">${body}</g>`,
    box: [x + left * heightPx, y - heightPx, x + right * heightPx, y],
  };
}
