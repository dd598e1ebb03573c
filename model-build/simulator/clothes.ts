import type { PersonLook, Top } from './look';
import { css } from './random';
import { fixed, limb, line, outline, shaded } from './shapes';
import type { Joint, Limb, Skeleton } from './skeleton';

/** @param shade of all colours, 1 is full light */
export function drawLeg(look: PersonLook, [hip, knee, ankle, toe]: Limb, shade: number): string {
  const { bottom, bottomColour, top, skin, shoeColour, folds } = look;
  const heel = { ...ankle, y: ankle.y + 0.018 };
  const sole = line([below(heel, 0.021), below(toe, 0.017)], css(shoeColour, 0.45), 0.007);
  const shoe = limb(heel, below(toe, 0.002), 0.023, 0.016, css(shoeColour, shade)) + sole;
  const cloth = css(bottomColour, shade);
  const bare = css(skin, shade);
  if (bottom === 'trousers') {
    const wide = 1 + 0.25 * folds[0]!;
    return `${shoe}${limb(knee, ankle, 0.041 * wide, 0.031 * wide, cloth, folds[1])}${limb(hip, knee, 0.062, 0.043 * wide, cloth, folds[2])}`;
  }
  const calf = limb(knee, ankle, 0.032, 0.021, top === 'coat' ? cloth : bare);
  if (bottom === 'skirt') return `${shoe}${calf}${limb(hip, knee, 0.055, 0.035, bare)}`;
  const short = limb(hip, between(hip, knee, 0.9), 0.062, 0.056, cloth, folds[2]);
  return `${shoe}${calf}${limb(hip, knee, 0.05, 0.032, bare)}${short}`;
}

/** @param shade of all colours, 1 is full light */
export function drawArm(
  look: PersonLook,
  [shoulder, elbow, wrist, tip]: Limb,
  shade: number,
): string {
  const { top, topColour, shirtColour, skin, folds } = look;
  const sleeve = css(top === 'vest' ? shirtColour : topColour, shade * 0.97);
  const bare = css(skin, shade);
  const hand = limb(wrist, tip, 0.019, 0.014, bare);
  if (top === 't-shirt') {
    const short = limb(shoulder, between(shoulder, elbow, 2 / 3), 0.042, 0.041, sleeve, folds[3]);
    return `${hand}${limb(elbow, wrist, 0.025, 0.018, bare)}${limb(shoulder, elbow, 0.03, 0.026, bare)}${short}`;
  }
  const thick = top === 'shirt' ? 1 : 1.1;
  return `${hand}${limb(elbow, wrist, 0.031 * thick, 0.024 * thick, sleeve, folds[3])}${limb(shoulder, elbow, 0.04 * thick, 0.034 * thick, sleeve, folds[4])}`;
}

/** A level of the trunk: how high, and half its width from the front and from the side. */
type Level = readonly [up: number, front: number, side: number];

const TRUNK: readonly Level[] = [
  [0.878, 0.03, 0.032],
  [0.868, 0.056, 0.046],
  [0.845, 0.112, 0.062],
  [0.81, 0.12, 0.072],
  [0.77, 0.116, 0.08],
  [0.7, 0.1, 0.082],
  [0.62, 0.092, 0.074],
  [0.53, 0.1, 0.08],
];
const HEMS: Readonly<Record<Top, Level>> = {
  shirt: [0.475, 0.1, 0.08],
  't-shirt': [0.47, 0.104, 0.084],
  jacket: [0.455, 0.108, 0.088],
  vest: [0.47, 0.108, 0.088],
  coat: [0.3, 0.122, 0.1],
};
const HI_VIS = [206, 220, 60] as const;

/** Hips, skirt and what is worn above, with its folds. */
export function drawTrunk(look: PersonLook, body: Skeleton, yaw: number): string {
  const { top, topColour, bottom, bottomColour, build, folds } = look;
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const edge = (side: -1 | 1, [up, front, depth]: Level, share = 1): Joint => {
    const middle = body.at(0, up, 0);
    const half = build * share * Math.hypot(front * cos, depth * sin);
    return { ...middle, x: middle.x + side * half };
  };
  const around = (levels: readonly Level[]): string =>
    outline([
      ...levels.map((level) => edge(1, level)),
      ...levels.toReversed().map((level) => edge(-1, level)),
    ]);
  const hem = 0.12 + 0.03 * folds[0]!;
  const below = around(
    bottom === 'skirt'
      ? [
          [0.58, 0.085, 0.075],
          [0.42, 0.112, 0.1],
          [0.3, hem, 0.115],
        ]
      : [
          [0.56, 0.09, 0.074],
          [0.44, 0.096, 0.082],
        ],
  );
  const trunk = around([...TRUNK, HEMS[top]]);
  const stripes = [0.68, 0.58].map((up): Level => [up, 0.098, 0.076]);
  const details = [
    cos > 0.15 ? drawFront(look, body, cos) : '',
    ...(top === 'vest'
      ? stripes.map((at) => line([edge(-1, at), edge(1, at)], '#d9dcd2', 0.022))
      : []),
    ...folds.map((fold, index) => {
      const up = 0.5 + 0.27 * fold;
      const isDark = index % 2 === 0;
      const from = edge(isDark ? 1 : -1, [up, 0.095, 0.075], 0.95);
      const rise = index < 2 ? 0.05 : -0.05;
      const to = edge(isDark ? 1 : -1, [up + rise, 0.095, 0.075], 0.15 + 0.4 * fold);
      return `<path d="M${fixed(from.x)},${fixed(from.y)} Q${fixed((from.x + to.x) / 2)},${fixed(to.y)} ${fixed(to.x)},${fixed(to.y)}" stroke="${isDark ? '#000' : '#fff'}" stroke-opacity="${isDark ? 0.3 : 0.14}" stroke-width="0.009" fill="none" stroke-linecap="round"/>`;
    }),
  ];
  const cloth = css(top === 'vest' ? HI_VIS : topColour);
  return `${shaded(below, css(bottomColour))}${shaded(trunk, cloth)}${details.join('')}<path d="${trunk}" fill="url(#fall)"/>`;
}

/** Collar and neck; of a jacket or coat also the shirt that it leaves open. */
function drawFront(look: PersonLook, body: Skeleton, cos: number): string {
  const { top, topColour, shirtColour, skin } = look;
  const front = (up: number, across = 0): Joint => body.at(across * cos, up, 0.07);
  const neckline = outline([front(0.86, -0.03), front(0.862, 0.03), front(0.815)]);
  const collar = [front(0.86, -0.036), front(0.81), front(0.86, 0.036)];
  const parts = [
    `<path d="${neckline}" fill="${css(skin, 0.8)}"/>`,
    line(collar, css(topColour, 0.55), 0.012),
  ];
  if (top !== 'jacket' && top !== 'coat') return parts.join('');
  const hem = HEMS[top][0];
  const shirt = [
    ...[front(0.86, -0.03), front(0.86, 0.03), front(0.7, 0.035)],
    ...[front(hem + 0.02, 0.04), front(hem + 0.02, -0.03), front(0.7, -0.025)],
  ];
  const edges = [
    [front(0.81, 0.03), front(hem, 0.042)],
    [front(0.81, -0.03), front(hem, -0.032)],
  ].map((points) => line(points, css(topColour, 0.5), 0.007));
  return [shaded(outline(shirt), css(shirtColour)), ...parts, ...edges].join('');
}

export function drawBag({ bag, bagColour, folds }: PersonLook, body: Skeleton): string {
  const fill = css(bagColour);
  const strap = css(bagColour, 0.7);
  if (bag === 'backpack')
    return limb(body.at(0, 0.81, -0.1), body.at(0, 0.63, -0.115), 0.062, 0.07, fill, folds[1]);
  if (bag === 'shoulder') {
    const [high, low] = [body.at(-0.115, 0.56, -0.02), body.at(-0.12, 0.47, -0.02)];
    return `${line([body.at(0.06, 0.84, 0), high], strap, 0.014, 'square')}${limb(high, low, 0.05, 0.055, fill)}`;
  }
  if (bag === 'none') return '';
  const hand = body.arms[1][3];
  const [left, right] = [-0.03, 0.03].map((dx) => ({ ...below(hand, 0.06), x: hand.x + dx }));
  const grip = line([left!, hand, right!], strap, 0.01, 'square');
  return `${grip}${limb(below(hand, 0.07), below(hand, 0.14), 0.045, 0.05, fill)}`;
}

function below(joint: Joint, by: number): Joint {
  return { ...joint, y: joint.y + by };
}

function between(a: Joint, b: Joint, share: number): Joint {
  return { ...a, x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
}
