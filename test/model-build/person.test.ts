import sharp from 'sharp';
import { expect, it } from 'vitest';
import { type PersonLook, randomPerson } from '../../model-build/simulator/look';
import { drawPerson } from '../../model-build/simulator/person';
import { Random } from '../../model-build/simulator/random';
import { skeletonOf } from '../../model-build/simulator/skeleton';

const SIDE = 400;
const HEIGHT_PX = 240;
/** How far a box may be from what is drawn, of the person's height: half a shoe's length. */
const NEAR = 0.045;

/** Left, top, right, bottom of what is drawn of somebody, without the shadow. */
async function extentOf(look: PersonLook, pose: { yaw: number; phase: number }) {
  const at = { x: SIDE / 2, y: 320, heightPx: HEIGHT_PX, isStanding: false };
  const { svg, box } = drawPerson(look, { ...at, ...pose });
  const body = svg.replaceAll(/<use [^>]*>|<ellipse [^>]*#soft[^>]*>/g, '');
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}">${body}</svg>`;
  const rgba = await sharp(Buffer.from(picture)).ensureAlpha().raw().toBuffer();
  const xs: number[] = [];
  const ys: number[] = [];
  for (let index = 0; index < SIDE * SIDE; index++) {
    if (rgba[index * 4 + 3]! < 128) continue;
    xs.push(index % SIDE);
    ys.push(Math.floor(index / SIDE));
  }
  const extent = [xs, ys].map((one) => one.reduce((a, b) => Math.min(a, b)));
  const ends = [xs, ys].map((one) => one.reduce((a, b) => Math.max(a, b)) + 1);
  return { box, drawn: [extent[0]!, extent[1]!, ends[0]!, ends[1]!] };
}

it('the box of a person is where the person is drawn, from every side and at every step', async () => {
  const random = new Random(3);
  for (let index = 0; index < 48; index++) {
    const look: PersonLook = { ...randomPerson(random), bag: 'none' };
    const pose = { yaw: (index / 8) * Math.PI, phase: random.between(0, 2 * Math.PI) };
    const { box, drawn } = await extentOf(look, pose);
    for (const [side, at] of drawn.entries()) {
      const off = Math.abs(box[side]! - at) / HEIGHT_PX;
      expect(off, `${JSON.stringify({ ...pose, side, box, drawn })}`).toBeLessThan(NEAR);
    }
  }
});

it('somebody who walks has a foot on the ground at every step and swings the other arm', () => {
  const walk = { yaw: Math.PI / 2, isStanding: false, arms: 'swing', shoulders: 0.09 } as const;
  for (let phase = 0; phase < 2 * Math.PI; phase += 0.2) {
    const { legs, arms } = skeletonOf({ ...walk, phase });
    const ankles = legs.map(([, , ankle]) => ankle.y - ankle.near * 0.22);
    expect(Math.max(...ankles)).toBeCloseTo(-0.04, 6);
    const [leftLeg, leftArm] = [legs[0][1].x - legs[0][0].x, arms[0][1].x - arms[0][0].x];
    if (Math.abs(leftLeg) > 0.05) expect(Math.sign(leftArm)).toBe(-Math.sign(leftLeg));
  }
});
