import type { Point, Polygon } from '../../core/geometry';

export type AreaKind = 'zones' | 'masks' | 'privacyMasks';

/** What a camera has now of a kind of area, and which layer of the fleet file set it. */
export interface PresentAreas {
  readonly camera: string;
  readonly zones: Readonly<Record<string, Polygon>>;
  readonly masks: readonly Polygon[];
  readonly privacyMasks: readonly Polygon[];
  readonly origins: Readonly<Record<string, string>>;
}

export interface NewArea {
  readonly kind: AreaKind;
  /** Of a zone. */
  readonly name: string;
  readonly polygon: Polygon;
}

const ZONE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const MAX_POINTS = 64;

/** Why an area can't go into a fleet file; null where it can. */
export function areaProblem({ kind, name, polygon }: NewArea): string | null {
  if (polygon.length < 3) return 'Three points make an area: set more.';
  if (polygon.length > MAX_POINTS)
    return `An area has at most ${MAX_POINTS} points: take some out.`;
  if (kind !== 'zones') return null;
  if (name === 'frame') return '“frame” is the whole picture: choose another name.';
  return ZONE_NAME.test(name)
    ? null
    : 'A zone’s name has small letters, digits and hyphens, such as “loading-bay”.';
}

/**
 * The lines of a fleet file that add an area to a camera. Zones and lists of the camera replace those of weaker
 * layers, so what holds now is written out with it; masks that others set are kept by `masks+`.
 */
export function areaYaml(present: PresentAreas, area: NewArea): string {
  return ['cameras:', `  ${present.camera}:`, ...linesOf(present, area).map((one) => `    ${one}`)]
    .join('\n')
    .concat('\n');
}

function linesOf(present: PresentAreas, { kind, name, polygon }: NewArea): string[] {
  if (kind === 'zones') {
    const zones = { ...present.zones, [name]: polygon };
    return [
      'zones:',
      ...Object.entries(zones).map(([zone, points]) => `  ${zone}: ${flow(points)}`),
    ];
  }
  const isOwn = present.origins[kind]?.split(', ').includes('camera') === true;
  const own = present.origins[kind] === 'camera';
  const inherited = present[kind].length > 0 && !isOwn;
  if (inherited) return [`${kind}+:`, `  - ${flow(polygon)}`];
  const all = [...present[kind], polygon];
  const note = isOwn && !own ? [`# replaces ${kind}+ of this camera`] : [];
  return [...note, `${kind}:`, ...all.map((points) => `  - ${flow(points)}`)];
}

function flow(polygon: Polygon): string {
  return `[${polygon.map(([x, y]) => `[${rounded(x)}, ${rounded(y)}]`).join(', ')}]`;
}

/** A point inside the picture, to a thousandth of it. */
export function pointAt(x: number, y: number): Point {
  return [rounded(x), rounded(y)];
}

function rounded(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
}
