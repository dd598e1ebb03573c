import sharp from 'sharp';
import { css, type Random, type Rgb } from './random';

export type Place = 'lobby' | 'car-park' | 'street' | 'yard';

export interface Backdrop {
  readonly rgb: Uint8Array;
  /** Where the floor meets the wall, 0–1 of the height. */
  readonly horizon: number;
}

const WALLS: readonly Rgb[] = [
  [188, 182, 170],
  [150, 110, 90],
  [120, 130, 140],
  [205, 205, 200],
  [100, 96, 92],
];
const FLOORS: readonly Rgb[] = [
  [120, 118, 114],
  [92, 94, 98],
  [150, 140, 122],
  [108, 116, 96],
  [170, 166, 160],
];

/** A backdrop is a little out of focus, px at 640 px of width. */
const BLUR = 1.2;

/** A fixed scene: perspective floor, wall, and things that are neither people nor vehicles. */
export async function drawBackdrop(
  random: Random,
  {
    place,
    widthPx,
    heightPx,
    clutter,
  }: { place: Place; widthPx: number; heightPx: number; clutter: number },
): Promise<Backdrop> {
  const horizon = place === 'lobby' ? random.between(0.3, 0.42) : random.between(0.22, 0.4);
  const [w, h, y] = [widthPx, heightPx, horizon * heightPx];
  const wall = random.pick(WALLS);
  const floor = random.pick(FLOORS);
  const parts = [
    `<defs><linearGradient id="f" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${css(floor, 0.75)}"/><stop offset="1" stop-color="${css(floor, 1.1)}"/></linearGradient><linearGradient id="w" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${css(wall, 1.1)}"/><stop offset="1" stop-color="${css(wall, 0.8)}"/></linearGradient></defs>`,
    `<rect width="${w}" height="${y}" fill="url(#w)"/><rect y="${y}" width="${w}" height="${h - y}" fill="url(#f)"/>`,
    wallDetails(random, place, w, y, wall),
    floorDetails(random, place, w, h, y, floor),
    ...Array.from({ length: clutter }, () => drawClutter(random, w, h, y)),
  ];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}">${parts.join('')}</svg>`;
  const rgb = new Uint8Array(
    await sharp(Buffer.from(svg))
      .removeAlpha()
      .blur((BLUR * w) / 640)
      .raw()
      .toBuffer(),
  );
  addTexture(random, rgb, w, h);
  return { rgb, horizon };
}

function wallDetails(random: Random, place: Place, w: number, y: number, wall: Rgb): string {
  if (place === 'yard') {
    const fence = Array.from(
      { length: Math.ceil(w / 14) },
      (_, i) =>
        `<rect x="${i * 14}" y="${y * 0.5}" width="11" height="${y * 0.5}" fill="${css([120, 92, 66], 0.8 + 0.3 * random.next())}"/>`,
    );
    return `<rect width="${w}" height="${y * 0.55}" fill="${css([170, 190, 210])}"/>${fence.join('')}`;
  }
  const columns = random.whole(2, 7);
  const windows = Array.from({ length: columns }, (_, i) => {
    const x = (w / columns) * (i + random.between(0.15, 0.3));
    const width = (w / columns) * random.between(0.35, 0.55);
    const glass = random.pick<Rgb>([
      [60, 80, 100],
      [40, 46, 56],
      [150, 170, 185],
      [210, 200, 150],
    ]);
    return `<rect x="${x}" y="${y * 0.2}" width="${width}" height="${y * random.between(0.4, 0.78)}" fill="${css(glass)}" stroke="${css(wall, 0.5)}" stroke-width="3"/><path d="M${x},${y * 0.45} h${width} M${x + width / 2},${y * 0.2} v${y * 0.4}" stroke="${css(wall, 0.6)}" stroke-width="2"/>`;
  });
  const courses = random.chance(0.5)
    ? Array.from(
        { length: Math.ceil(y / 9) },
        (_, i) => `<path d="M0,${i * 9} H${w}" stroke="${css(wall, 0.86)}" stroke-width="1"/>`,
      )
    : [];
  return courses.join('') + windows.join('');
}

function floorDetails(
  random: Random,
  place: Place,
  w: number,
  h: number,
  y: number,
  floor: Rgb,
): string {
  const vanish = random.between(0.3, 0.7) * w;
  const marks = place === 'lobby' ? css(floor, random.chance(0.5) ? 0.8 : 1.2) : '#d8d8d0';
  const rays = Array.from({ length: place === 'yard' ? 0 : random.whole(4, 10) }, (_, i) => {
    const to = (i / 6 - 0.3) * w * 1.4;
    return `<path d="M${vanish + (to - vanish) * 0.1},${y} L${to},${h}" stroke="${marks}" stroke-width="${random.between(1, 4)}" opacity="0.6"/>`;
  });
  const bands = Array.from({ length: random.whole(0, 4) }, (_, i) => {
    const at = y + (h - y) * ((i + 1) / 5) ** 1.5;
    return `<path d="M0,${at} H${w}" stroke="${css(floor, 0.75)}" stroke-width="${random.between(1, 5)}" opacity="0.5"/>`;
  });
  const stains = Array.from(
    { length: random.whole(2, 8) },
    () =>
      `<ellipse cx="${random.next() * w}" cy="${random.between(y, h)}" rx="${random.between(8, 70)}" ry="${random.between(3, 18)}" fill="${css(floor, random.between(0.6, 1.2))}" opacity="0.5"/>`,
  );
  return rays.join('') + bands.join('') + stains.join('');
}

/** Bins, posts, crates, trees, benches, signs, animals: what a detector must leave alone. */
function drawClutter(random: Random, w: number, h: number, y: number): string {
  const depth = random.next();
  const foot = y + (h - y) * depth * 0.9 + 4;
  const size = h * (0.08 + 0.3 * depth) * random.between(0.5, 1.3);
  const x = random.next() * w;
  const colour: Rgb = [random.between(20, 220), random.between(20, 220), random.between(20, 220)];
  const fill = css(colour);
  const dark = css(colour, 0.6);
  switch (random.whole(0, 9)) {
    case 0:
      return `<rect x="${x}" y="${foot - size}" width="${size * 0.55}" height="${size}" rx="${size * 0.06}" fill="${fill}"/><rect x="${x - size * 0.04}" y="${foot - size}" width="${size * 0.63}" height="${size * 0.12}" fill="${dark}"/>`;
    case 1:
      return `<rect x="${x}" y="${foot - size * 1.6}" width="${size * 0.09}" height="${size * 1.6}" fill="${dark}"/><circle cx="${x + size * 0.045}" cy="${foot - size * 1.6}" r="${size * 0.18}" fill="${fill}"/>`;
    case 2:
      return `<rect x="${x}" y="${foot - size * 0.8}" width="${size}" height="${size * 0.8}" fill="${fill}"/><path d="M${x},${foot - size * 0.8} l${size * 0.25},${-size * 0.2} h${size} l${-size * 0.25},${size * 0.2} Z" fill="${css(colour, 1.2)}"/><path d="M${x + size},${foot} l${size * 0.25},${-size * 0.2} v${-size * 0.8} l${-size * 0.25},${size * 0.2} Z" fill="${dark}"/>`;
    case 3: {
      const crown = Array.from(
        { length: 9 },
        () =>
          `<circle cx="${x + random.between(-0.4, 0.4) * size}" cy="${foot - size * random.between(0.9, 1.6)}" r="${size * random.between(0.15, 0.3)}" fill="${css([50, random.between(70, 120), 44], random.between(0.7, 1.2))}"/>`,
      );
      return `<rect x="${x - size * 0.05}" y="${foot - size}" width="${size * 0.1}" height="${size}" fill="#5b4632"/>${crown.join('')}`;
    }
    case 4:
      return `<rect x="${x}" y="${foot - size * 0.4}" width="${size * 1.4}" height="${size * 0.08}" fill="${fill}"/><rect x="${x}" y="${foot - size * 0.75}" width="${size * 1.4}" height="${size * 0.22}" fill="${dark}"/><path d="M${x + size * 0.1},${foot - size * 0.35} V${foot} M${x + size * 1.3},${foot - size * 0.35} V${foot}" stroke="#333" stroke-width="${size * 0.06}"/>`;
    case 5:
      return `<rect x="${x}" y="${y * random.between(0.2, 0.6)}" width="${size * 1.2}" height="${size * 0.7}" fill="${fill}"/><path d="M${x + 4},${y * 0.6} h${size} m${-size},8 h${size * 0.7}" stroke="#fff" stroke-width="3"/>`;
    case 6:
      return `<ellipse cx="${x}" cy="${foot - size * 0.25}" rx="${size * 0.35}" ry="${size * 0.15}" fill="${fill}"/><circle cx="${x + size * 0.36}" cy="${foot - size * 0.42}" r="${size * 0.12}" fill="${fill}"/><path d="M${x - size * 0.25},${foot - size * 0.2} v${size * 0.2} M${x + size * 0.22},${foot - size * 0.2} v${size * 0.2}" stroke="${dark}" stroke-width="${size * 0.07}"/>`;
    case 7:
      return `<path d="M${x},${foot} L${x + size * 0.2},${foot - size * 0.75} L${x + size * 0.4},${foot} Z" fill="#e06a1c"/><path d="M${x + size * 0.1},${foot - size * 0.35} h${size * 0.2}" stroke="#fff" stroke-width="${size * 0.1}"/>`;
    case 8:
      return `<ellipse cx="${x}" cy="${foot - size * 0.5}" rx="${size * random.between(0.2, 0.7)}" ry="${size * random.between(0.2, 0.6)}" fill="${fill}" opacity="0.9"/>`;
    default: {
      const points = Array.from(
        { length: 6 },
        (_, i) =>
          `${x + size * 0.6 * Math.cos(i + random.next())},${foot - size * 0.5 + size * 0.5 * Math.sin(i + random.next())}`,
      );
      return `<polygon points="${points.join(' ')}" fill="${fill}"/>`;
    }
  }
}

/** Fine grain and slow blotches, so that nothing is flat. */
function addTexture(random: Random, rgb: Uint8Array, w: number, h: number): void {
  const cell = 24;
  const columns = Math.ceil(w / cell) + 2;
  const grid = Array.from({ length: columns * (Math.ceil(h / cell) + 2) }, () =>
    random.between(-11, 11),
  );
  const grain = random.between(1, 6);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [gx, gy] = [x / cell, y / cell];
      const at = Math.floor(gy) * columns + Math.floor(gx);
      const [fx, fy] = [gx % 1, gy % 1];
      const top = grid[at]! * (1 - fx) + grid[at + 1]! * fx;
      const bottom = grid[at + columns]! * (1 - fx) + grid[at + columns + 1]! * fx;
      const shade = top * (1 - fy) + bottom * fy + (random.next() - 0.5) * 2 * grain;
      for (let c = 0; c < 3; c++) {
        const index = (y * w + x) * 3 + c;
        rgb[index] = Math.min(255, Math.max(0, rgb[index]! + shade));
      }
    }
  }
}
