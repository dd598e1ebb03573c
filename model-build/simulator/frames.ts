import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Backdrop, drawBackdrop, type Place } from './background';
import { type Drawn, drawPerson, randomPerson } from './person';
import { Random } from './random';
import { randomLight, render } from './render';
import { classOfVehicle, drawVehicle, randomVehicle } from './vehicle';

export interface FramesRequest {
  readonly out: string;
  readonly count: number;
  readonly seed: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly onProgress?: (done: number) => void;
}

/** COCO's ids, so that detectors trained on COCO can be judged on these pictures. */
const CATEGORIES = [
  { id: 1, name: 'person' },
  { id: 3, name: 'car' },
  { id: 6, name: 'bus' },
  { id: 8, name: 'truck' },
] as const;
const PLACES: readonly Place[] = ['lobby', 'car-park', 'street', 'yard'];
/** Boxes with a side below this are marked crowd: not asked for, not counted as false. */
const LEAST_SIDE_PX = 6;
const PICTURES_A_BACKDROP = 6;

interface Labelled {
  readonly className: string;
  readonly drawn: Drawn;
}

/** Training pictures without end: `images/*.jpg` and `annotations.json` in COCO's format. */
export async function writeFrames(request: FramesRequest): Promise<void> {
  const { out, count, seed, widthPx, heightPx } = request;
  mkdirSync(join(out, 'images'), { recursive: true });
  const images: object[] = [];
  const annotations: object[] = [];
  let backdrop: Backdrop | null = null;
  for (let index = 0; index < count; index++) {
    const random = new Random(seed * 1_000_003 + index);
    if (!backdrop || index % PICTURES_A_BACKDROP === 0) {
      const place = random.pick(PLACES);
      backdrop = await drawBackdrop(random, {
        place,
        widthPx,
        heightPx,
        clutter: random.whole(0, 14),
      });
    }
    const things = randomThings(random, { widthPx, heightPx, horizon: backdrop.horizon });
    const rgb = await render(
      { rgb: backdrop.rgb, widthPx, heightPx },
      things.map((one) => one.drawn),
      randomLight(random),
      random,
    );
    const fileName = `${String(index).padStart(6, '0')}.jpg`;
    await sharp(rgb, { raw: { width: widthPx, height: heightPx, channels: 3 } })
      .jpeg({ quality: random.whole(45, 92) })
      .toFile(join(out, 'images', fileName));
    images.push({ id: index, file_name: fileName, width: widthPx, height: heightPx });
    for (const one of things) {
      annotations.push({
        id: annotations.length + 1,
        image_id: index,
        ...annotationOf(one, things, { widthPx, heightPx }),
      });
    }
    request.onProgress?.(index + 1);
  }
  const file = join(out, 'annotations.json');
  writeFileSync(`${file}.part`, JSON.stringify({ images, annotations, categories: CATEGORIES }));
  renameSync(`${file}.part`, file);
}

function randomThings(
  random: Random,
  { widthPx, heightPx, horizon }: { widthPx: number; heightPx: number; horizon: number },
): Labelled[] {
  if (random.chance(0.2)) return [];
  const ground = horizon * heightPx;
  const foot = (): number => ground + (heightPx * 1.08 - ground) * random.next() ** 1.2 + 2;
  const nearness = (y: number): number => (y - ground * 0.8) / (heightPx - ground * 0.8);
  const tallest = random.between(0.35, 0.95) * heightPx;
  const vehicles = Array.from(
    { length: random.chance(0.65) ? random.whole(1, 4) : 0 },
    (): Labelled => {
      const y = foot();
      const look = randomVehicle(random);
      const scale = look.kind === 'bus' || look.kind === 'truck' ? 1.7 : 1;
      const facing = random.pick([-1, 0, 1] as const);
      const lengthPx = Math.max(20, tallest * 2.2 * nearness(y) * scale * random.between(0.8, 1.2));
      const pose = {
        x: random.next() * widthPx,
        y,
        lengthPx,
        facing,
        isFront: random.chance(0.5),
        hasLights: random.chance(0.3),
      };
      return { className: classOfVehicle(look.kind), drawn: drawVehicle(look, pose) };
    },
  );
  const people = Array.from(
    { length: random.chance(0.75) ? random.whole(1, 5) : 0 },
    (): Labelled => {
      const y = foot();
      const pose = {
        x: random.next() * widthPx,
        y,
        heightPx: Math.max(14, tallest * nearness(y) * random.between(0.85, 1.15)),
        phase: random.between(0, 6.28),
        facing: random.pick([-1, 0, 1] as const),
        isStanding: random.chance(0.25),
      };
      return { className: 'person', drawn: drawPerson(randomPerson(random), pose) };
    },
  );
  return [...vehicles, ...people];
}

function annotationOf(
  { className, drawn }: Labelled,
  all: readonly Labelled[],
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
): object {
  const [x1, y1] = [Math.max(0, drawn.box[0]), Math.max(0, drawn.box[1])];
  const [x2, y2] = [Math.min(widthPx, drawn.box[2]), Math.min(heightPx, drawn.box[3])];
  const [width, height] = [Math.max(0, x2 - x1), Math.max(0, y2 - y1)];
  const whole = (drawn.box[2] - drawn.box[0]) * (drawn.box[3] - drawn.box[1]);
  const isTiny = width < LEAST_SIDE_PX || height < LEAST_SIDE_PX;
  const isCut = width * height < 0.3 * whole;
  const category = CATEGORIES.find(({ name }) => name === className);
  return {
    category_id: category?.id,
    bbox: [x1, y1, width, height].map((value) => Math.round(value * 10) / 10),
    area: Math.round(width * height),
    iscrowd: isTiny || isCut || coveredRatio([x1, y1, x2, y2], drawn, all) > 0.6 ? 1 : 0,
  };
}

/** Share of a box that things nearer to the camera cover, on a grid of 12 by 12 points. */
function coveredRatio(
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  drawn: Drawn,
  all: readonly Labelled[],
): number {
  const nearer = all.map((one) => one.drawn.box).filter((box) => box[3] > drawn.box[3]);
  let covered = 0;
  for (let index = 0; index < 144; index++) {
    const x = x1 + ((index % 12) + 0.5) * ((x2 - x1) / 12);
    const y = y1 + (Math.floor(index / 12) + 0.5) * ((y2 - y1) / 12);
    if (nearer.some((box) => x > box[0] && x < box[2] && y > box[1] && y < box[3])) covered++;
  }
  return covered / 144;
}
