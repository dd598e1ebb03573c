import type { Joint } from './skeleton';

type Point = Pick<Joint, 'x' | 'y'>;

/** A number of an SVG whose unit is a person's height. */
export function fixed(value: number): string {
  return value.toFixed(4);
}

export function line(
  points: readonly Point[],
  colour: string,
  width: number,
  ends: 'round' | 'square' = 'round',
): string {
  const round = ends === 'round' ? ' stroke-linecap="round" stroke-linejoin="round"' : '';
  const joined = points.map(({ x, y }) => `${fixed(x)},${fixed(y)}`).join(' ');
  return `<polyline points="${joined}" fill="none" stroke="${colour}" stroke-width="${width}"${round}/>`;
}

/** A closed path through the middles between points: nothing of a body has corners. */
export function outline(points: readonly Point[]): string {
  const middle = (a: Point, b: Point): string =>
    `${fixed((a.x + b.x) / 2)},${fixed((a.y + b.y) / 2)}`;
  const curves = points.map((point, index) => {
    const next = points[(index + 1) % points.length]!;
    return `Q${fixed(point.x)},${fixed(point.y)} ${middle(point, next)}`;
  });
  return `M${middle(points.at(-1)!, points[0]!)} ${curves.join(' ')} Z`;
}

/** A path with light on one side and shadow on the other. */
export function shaded(path: string, fill: string): string {
  return `<path d="${path}" fill="${fill}"/><path d="${path}" fill="url(#round)"/>`;
}

/**
 * A part of an arm or a leg: round, as thick as `from` at one end and `to` at the other, in heights.
 * @param fold where the cloth is creased, 0-1 of the length; none is bare skin
 */
export function limb(
  a: Point,
  b: Point,
  from: number,
  to: number,
  fill: string,
  fold?: number,
): string {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  const degrees = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI - 90;
  const path = `M${fixed(-from)},0 A${fixed(from)},${fixed(from)} 0 0 1 ${fixed(from)},0 L${fixed(to)},${fixed(length)} A${fixed(to)},${fixed(to)} 0 0 1 ${fixed(-to)},${fixed(length)} Z`;
  const creases = fold === undefined ? '' : creased(length, from, to, fold);
  return `<g transform="translate(${fixed(a.x)},${fixed(a.y)}) rotate(${degrees.toFixed(1)})">${shaded(path, fill)}${creases}</g>`;
}

/** Two dark curves across: one where `fold` says, one at the joint. */
function creased(length: number, from: number, to: number, fold: number): string {
  const at = (share: number): string => fixed(length * share);
  return `<path d="M${fixed(-from * 0.9)},${at(0.15 + 0.3 * fold)} Q0,${at(0.35 + 0.3 * fold)} ${fixed(to)},${at(0.2 + 0.5 * fold)} M${fixed(-to)},${at(0.95)} Q0,${at(1.02)} ${fixed(to * 0.9)},${at(0.86)}" stroke="#000" stroke-opacity="0.25" stroke-width="0.008" fill="none"/>`;
}
