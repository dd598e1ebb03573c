import type { PersonLook } from './look';
import { css } from './random';
import { fixed, limb, line, outline, shaded } from './shapes';
import type { Joint, Skeleton } from './skeleton';

/** What the head's parts are drawn by. */
interface View {
  readonly head: Joint;
  readonly cos: number;
  readonly sin: number;
  /** Half the width of the skull, in heights. */
  readonly wide: number;
  /** Middle of the face, and half its width. */
  readonly faceX: number;
  readonly faceWide: number;
}

/** Head and neck: what hangs behind the trunk and what is drawn over it. */
export function drawHead(
  look: PersonLook,
  { head, neck }: Skeleton,
  yaw: number,
): { readonly behind: string; readonly front: string } {
  const { skin, hair, hairCut } = look;
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const wide = Math.hypot(0.047 * cos, 0.056 * sin);
  const faceWide = wide * (0.72 + 0.16 * Math.max(0, cos));
  const view: View = { head, cos, sin, wide, faceX: head.x + 0.02 * sin, faceWide };
  const isLong = hairCut === 'long';
  const nape = 0.006 * Math.max(0, -cos);
  const throat = limb(
    { x: (neck.x + head.x) / 2, y: head.y + 0.035 },
    { x: neck.x, y: neck.y + 0.012 },
    ...([0.032, 0.046, css(skin, 0.74)] as const),
  );
  const skull = oval(
    { x: head.x - 0.008 * sin, y: head.y - 0.008 + nape },
    ...([wide * 1.06, 0.064 + nape, coverOf(look)] as const),
  );
  return {
    behind: isLong && cos >= 0 ? locks(view, css(hair, 0.75)) : '',
    front: `${throat}${isLong && cos < 0 ? locks(view, css(hair, 0.9)) : ''}${skull}${cos > -0.55 ? drawFace(look, view) : ''}`,
  };
}

/** Colour of what covers the skull. */
function coverOf({ hairCut, hair, skin, topColour, shirtColour }: PersonLook): string {
  if (hairCut === 'hood') return css(topColour, 0.9);
  if (hairCut === 'cap') return css(shirtColour, 0.8);
  return css(hairCut === 'bald' ? skin : hair);
}

/** Long hair, down to the shoulders. */
function locks({ head: { x, y }, wide, sin }: View, fill: string): string {
  const at = (side: number, shift: number, down: number): Pick<Joint, 'x' | 'y'> => ({
    x: x + side * wide - shift * sin,
    y: y + down,
  });
  const points = [
    ...[at(-1.12, 0.012, -0.03), at(1.12, 0.012, -0.03)],
    ...[at(1.25, 0.03, 0.12), at(-1.25, 0.03, 0.12)],
  ];
  return shaded(outline(points), fill);
}

function drawFace(look: PersonLook, view: View): string {
  const { skin, hairCut, shirtColour } = look;
  const { head, sin, wide, faceX, faceWide } = view;
  const { x, y } = head;
  const fringe = outline([
    { x: x - wide * 1.04 - 0.008 * sin, y: y - 0.012 },
    { x: x - wide * 1.04 - 0.008 * sin, y: y - 0.08 },
    { x: x + wide * 1.04 - 0.004 * sin, y: y - 0.08 },
    { x: x + wide * 1.04 - 0.004 * sin, y: y - 0.012 },
    { x: faceX + faceWide * 0.5, y: y - 0.034 },
    { x: faceX - faceWide * 0.5, y: y - 0.034 },
  ]);
  const hasEar = Math.abs(sin) > 0.3 && hairCut !== 'hood' && hairCut !== 'long';
  const brim = `<path d="M${fixed(faceX - faceWide)},${fixed(y - 0.026)} Q${fixed(x + 0.06 * sin)},${fixed(y - 0.012)} ${fixed(faceX + faceWide + 0.03 * sin)},${fixed(y - 0.026)} L${fixed(faceX)},${fixed(y - 0.04)} Z" fill="${css(shirtColour, 0.5)}"/>`;
  return [
    oval({ x: faceX, y: y + 0.012 }, faceWide, 0.056, css(skin)),
    ...([-1, 1] as const).map((side) => drawEye(look, view, side)),
    drawNoseAndMouth(look, view),
    hairCut === 'bald' ? '' : shaded(fringe, coverOf(look)),
    hasEar ? ellipse({ x: x - 0.012 * sin, y: y + 0.004 }, 0.01, 0.016, css(skin, 0.78)) : '',
    hairCut === 'cap' ? brim : '',
  ].join('');
}

/** An eye and its brow, where that side of the face is seen. */
function drawEye({ hair }: PersonLook, { head, cos, sin }: View, side: -1 | 1): string {
  const x = head.x + side * 0.019 * cos + 0.036 * sin;
  if (0.036 * cos - side * 0.019 * sin < 0) return '';
  const [brow, y] = [head.y - 0.013, head.y - 0.002];
  const ends = [
    { x: x - 0.011, y: brow },
    { x: x + 0.011, y: brow },
  ];
  return `<ellipse cx="${fixed(x)}" cy="${fixed(y)}" rx="0.0085" ry="0.005" fill="#1a1310" opacity="0.75"/>${line(ends, css(hair, 0.7), 0.005, 'square')}`;
}

function drawNoseAndMouth({ skin }: PersonLook, { head: { x, y }, cos, sin }: View): string {
  const nose = x + 0.044 * sin;
  const half = 0.014 * Math.max(0.3, cos);
  const lips = [nose - half, nose + half].map((at) => ({ x: at, y: y + 0.036 }));
  return `<path d="M${fixed(nose - 0.003)},${fixed(y)} L${fixed(nose + 0.007 * sin)},${fixed(y + 0.02)} L${fixed(nose - 0.006)},${fixed(y + 0.022)}" fill="${css(skin, 0.68)}"/>${line(lips, css(skin, 0.5), 0.007, 'square')}`;
}

function oval({ x, y }: Pick<Joint, 'x' | 'y'>, rx: number, ry: number, fill: string): string {
  const path = `M${fixed(x - rx)},${fixed(y)} a${fixed(rx)},${fixed(ry)} 0 1 1 ${fixed(2 * rx)},0 a${fixed(rx)},${fixed(ry)} 0 1 1 ${fixed(-2 * rx)},0 Z`;
  return shaded(path, fill);
}

function ellipse({ x, y }: Pick<Joint, 'x' | 'y'>, rx: number, ry: number, fill: string): string {
  return `<ellipse cx="${fixed(x)}" cy="${fixed(y)}" rx="${rx}" ry="${ry}" fill="${fill}"/>`;
}
