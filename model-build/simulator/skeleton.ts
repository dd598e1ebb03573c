/** A point of the picture in units of the person's height: x to the right, y down, near: towards the camera. */
export interface Joint {
  readonly x: number;
  readonly y: number;
  readonly near: number;
}

/** Hip, knee, ankle, toe; or shoulder, elbow, wrist, fingertips. */
export type Limb = readonly [Joint, Joint, Joint, Joint];

export interface Skeleton {
  /** Left, right. */
  readonly legs: readonly [Limb, Limb];
  readonly arms: readonly [Limb, Limb];
  readonly neck: Joint;
  readonly head: Joint;
  /** A point of the trunk by the body's own axes, in heights: to its left, up, forwards. */
  readonly at: (left: number, up: number, forwards: number) => Joint;
}

/** What the arms do. */
export type Arms = 'swing' | 'pockets' | 'phone' | 'carry';

export interface Gait {
  /** Which way the body looks, radians: 0 towards the camera, a quarter turn to the right of the picture. */
  readonly yaw: number;
  /** Of the stride, radians. */
  readonly phase: number;
  readonly isStanding: boolean;
  readonly arms: Arms;
  /** Half the width of the shoulders, in heights. */
  readonly shoulders: number;
}

/** Cameras hang above people: what is nearer is lower in the picture. */
export const TILT = 0.22;
const [THIGH, SHANK, FOOT] = [0.245, 0.235, 0.095];
const [UPPER_ARM, FOREARM, HAND] = [0.175, 0.145, 0.06];

type Project = (left: number, up: number, forwards: number) => Joint;

/** One side of a stride: which, and how thigh and shank stand against the vertical, radians. */
interface Stride {
  readonly side: 1 | -1;
  readonly thigh: number;
  readonly shank: number;
}

/** Where the joints of somebody who walks or stands are; the lower foot is on the ground (y = 0). */
export function skeletonOf({ yaw, phase, isStanding, arms, shoulders }: Gait): Skeleton {
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const at: Project = (left, up, forwards) => {
    const near = forwards * cos - left * sin;
    return { x: left * cos + forwards * sin, y: -up + near * TILT, near };
  };
  const [left, right] = [strideOf(1, phase, isStanding), strideOf(-1, phase, isStanding)];
  const reach = ({ thigh, shank }: Stride): number =>
    THIGH * Math.cos(thigh) + SHANK * Math.cos(shank);
  const hip = Math.max(reach(left), reach(right)) + 0.04;
  const shoulder = hip + 0.295;
  const lean = isStanding ? 0 : 0.02;
  const arm = (stride: Stride): Limb => {
    const swing = isStanding ? 0.02 : -0.85 * (stride.thigh - 0.04);
    return armOf(stride.side, armAngles(arms, stride.side, swing), {
      ...{ at, shoulder, shoulders, lean },
    });
  };
  return {
    legs: [legOf(left, hip, at), legOf(right, hip, at)],
    arms: [arm(left), arm(right)],
    neck: at(0, shoulder + 0.04, lean * 1.2),
    head: at(0, shoulder + 0.118, lean * 1.6 + 0.014),
    at: (toLeft, up, forwards) =>
      at(toLeft, up * (hip / 0.52), forwards + lean * Math.max(0, up - 0.5)),
  };
}

function strideOf(side: 1 | -1, phase: number, isStanding: boolean): Stride {
  const turn = phase + (side === 1 ? 0 : Math.PI);
  const thigh = 0.04 + (isStanding ? 0.08 : 0.5) * Math.sin(turn);
  const knee = isStanding ? 0.05 : 0.1 + 0.95 * Math.max(0, Math.cos(turn)) ** 1.3;
  return { side, thigh, shank: thigh - knee };
}

function legOf({ side, thigh, shank }: Stride, hip: number, at: Project): Limb {
  const left = side * 0.052;
  const knee = [hip - THIGH * Math.cos(thigh), THIGH * Math.sin(thigh)] as const;
  const ankle = [knee[0] - SHANK * Math.cos(shank), knee[1] + SHANK * Math.sin(shank)] as const;
  const pitch = Math.min(0, shank) * 0.8;
  const toe = [
    ankle[0] - 0.022 + FOOT * Math.sin(pitch),
    ankle[1] + FOOT * Math.cos(pitch),
  ] as const;
  return [at(left, hip, 0), at(left * 1.05, ...knee), at(left, ...ankle), at(left * 1.3, ...toe)];
}

interface ArmAngles {
  /** Against the vertical, radians. */
  readonly upper: number;
  readonly lower: number;
  /** How far the elbow stands off the body and the wrist comes back to it, heights. */
  readonly outwards: number;
  readonly inwards: number;
}

function armAngles(arms: Arms, side: 1 | -1, swing: number): ArmAngles {
  if (arms === 'pockets') return { upper: -0.3, lower: 0.45, outwards: 0.045, inwards: 0.05 };
  if (arms === 'carry') return { upper: 0.1, lower: 1.35, outwards: 0.02, inwards: 0.06 };
  if (arms === 'phone' && side === 1)
    return { upper: 0.5, lower: 2.75, outwards: 0.04, inwards: 0.09 };
  const lower = swing + 0.22 + 0.5 * Math.max(0, swing);
  return { upper: swing, lower, outwards: 0.022, inwards: 0.008 };
}

function armOf(
  side: 1 | -1,
  { upper, lower, outwards, inwards }: ArmAngles,
  body: {
    readonly at: Project;
    readonly shoulder: number;
    readonly shoulders: number;
    readonly lean: number;
  },
): Limb {
  const { at, shoulder, shoulders, lean } = body;
  const elbow = [
    shoulder - UPPER_ARM * Math.cos(upper),
    lean + UPPER_ARM * Math.sin(upper),
  ] as const;
  const wrist = [
    elbow[0] - FOREARM * Math.cos(lower),
    elbow[1] + FOREARM * Math.sin(lower),
  ] as const;
  const tip = [wrist[0] - HAND * Math.cos(lower), wrist[1] + HAND * Math.sin(lower)] as const;
  const wristLeft = side * (shoulders + outwards - inwards);
  return [
    at(side * shoulders * 0.93, shoulder - 0.008, lean),
    at(side * (shoulders + outwards), ...elbow),
    at(wristLeft, ...wrist),
    at(wristLeft - side * inwards * 0.3, ...tip),
  ];
}
