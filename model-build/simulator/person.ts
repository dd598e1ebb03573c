import { drawArm, drawBag, drawLeg, drawTrunk } from './clothes';
import { drawHead } from './head';
import type { PersonLook } from './look';
import { fixed } from './shapes';
import { type Joint, type Limb, type Skeleton, skeletonOf, TILT } from './skeleton';

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
  /** Which way the person looks, radians: 0 towards the camera, a quarter turn to the right of the picture. */
  readonly yaw: number;
  readonly isStanding: boolean;
}

/** A person as SVG, in units of the person's height, feet at 0; `render` defines what it is shaded with. */
export function drawPerson(look: PersonLook, pose: PersonPose): Drawn {
  const { x, y, heightPx, yaw, phase, isStanding } = pose;
  const shoulders = 0.09 * look.build;
  const body = skeletonOf({ yaw, phase, isStanding, arms: look.arms, shoulders });
  const [farLeg, nearLeg] = byDepth(body.legs, 2);
  const [farArm, nearArm] = byDepth(body.arms, 0);
  const isFarArmBehind = farArm[0].near < -0.05;
  const isBagBehind = Math.cos(yaw) > -0.2;
  const head = drawHead(look, body, yaw);
  const parts = [
    drawGround(body),
    drawLeg(look, farLeg, 0.8),
    isFarArmBehind ? drawArm(look, farArm, 0.8) : '',
    drawLeg(look, nearLeg, 1),
    isBagBehind ? drawBag(look, body) : '',
    head.behind,
    drawTrunk(look, body, yaw),
    isFarArmBehind ? '' : drawArm(look, farArm, 0.94),
    isBagBehind ? '' : drawBag(look, body),
    drawArm(look, nearArm, 1),
    head.front,
  ];
  const [left, top, right, bottom] = boxOf(look, body, yaw);
  return {
    svg: `<g transform="translate(${x.toFixed(2)},${y.toFixed(2)}) scale(${heightPx.toFixed(2)})">${parts.join('')}</g>`,
    box: [x + left * heightPx, y + top * heightPx, x + right * heightPx, y + bottom * heightPx],
  };
}

/** Around all of a body, without what it carries, in units of its height. */
function boxOf(look: PersonLook, { legs, arms, neck, head }: Skeleton, yaw: number): Drawn['box'] {
  const half = 0.115 * look.build * Math.hypot(Math.cos(yaw), 0.6 * Math.sin(yaw));
  const ends = [...legs, ...arms].flatMap((limb) => limb.slice(1).map((joint) => joint.x));
  const xs = [...ends, neck.x - half, neck.x + half];
  const feet = legs.map(([, , ankle, toe]) => Math.max(ankle.y + 0.04, toe.y + 0.012));
  return [Math.min(...xs) - 0.018, head.y - 0.073, Math.max(...xs) + 0.018, Math.max(...feet)];
}

/** Two limbs, the farther first, by how near one of their joints is. */
function byDepth([a, b]: readonly [Limb, Limb], joint: 0 | 2): readonly [Limb, Limb] {
  return a[joint].near < b[joint].near ? [a, b] : [b, a];
}

/** The shadow that the light casts, and a dark spot where each foot stands. */
function drawGround({ legs }: Skeleton): string {
  const spot = ([, , ankle]: readonly Joint[]): string =>
    `<ellipse cx="${fixed(ankle!.x)}" cy="${fixed(ankle!.near * TILT)}" rx="0.085" ry="0.026" fill="url(#soft)"/>`;
  return `<use href="#cast"/>${legs.map(spot).join('')}`;
}
