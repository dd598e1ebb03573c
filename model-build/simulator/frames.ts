import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Backdrop, drawBackdrop, type Place } from './background';
import { randomPerson } from './look';
import { type Drawn, drawPerson } from './person';
import { Random } from './random';
import { kindOf, type LightKind, randomLight, render } from './render';
import { classOfVehicle, drawVehicle, randomVehicle } from './vehicle';

export interface ScenesRequest {
  readonly count: number;
  readonly seed: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface FramesRequest extends ScenesRequest {
  readonly out: string;
  readonly onProgress?: (done: number) => void;
}

/** A picture and all that is in it. */
export interface Scene {
  readonly jpeg: Buffer;
  readonly light: LightKind;
  readonly things: readonly TrueThing[];
}

export interface TrueThing {
  readonly className: string;
  /** x, y, width, height in px, cut at the picture's edges. */
  readonly box: readonly [number, number, number, number];
  readonly areaPx: number;
  /** Share of the box behind things nearer to the camera, 0-1. */
  readonly coveredRatio: number;
  /** Too small, cut off or covered to be asked for. */
  readonly isIgnored: boolean;
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
/** So are things of which less is in the picture, or more is covered. */
const LEAST_SEEN = 0.3;
const MOST_COVERED = 0.6;
/** Nobody stands farther away than where people are this tall, of the picture's height: 24 px of 360. */
const LEAST_PERSON = 1 / 15;
const PICTURES_A_BACKDROP = 6;

interface Labelled {
  readonly className: string;
  readonly drawn: Drawn;
}

/** Training pictures without end: `images/*.jpg` and `annotations.json` in COCO's format. */
export async function writeFrames(request: FramesRequest): Promise<void> {
  const { out, widthPx, heightPx } = request;
  mkdirSync(join(out, 'images'), { recursive: true });
  const images: object[] = [];
  const annotations: object[] = [];
  for await (const { jpeg, light, things } of drawScenes(request)) {
    const id = images.length;
    const fileName = `${String(id).padStart(6, '0')}.jpg`;
    writeFileSync(join(out, 'images', fileName), jpeg);
    images.push({ id, file_name: fileName, width: widthPx, height: heightPx, light });
    for (const { className, box, areaPx, isIgnored } of things) {
      annotations.push({
        id: annotations.length + 1,
        image_id: id,
        category_id: CATEGORIES.find(({ name }) => name === className)?.id,
        bbox: box,
        area: areaPx,
        iscrowd: isIgnored ? 1 : 0,
      });
    }
    request.onProgress?.(images.length);
  }
  const file = join(out, 'annotations.json');
  writeFileSync(`${file}.part`, JSON.stringify({ images, annotations, categories: CATEGORIES }));
  renameSync(`${file}.part`, file);
}

/** Scenes of all places and lights with people, vehicles and clutter; the same seed draws the same ones. */
export async function* drawScenes(request: ScenesRequest): AsyncGenerator<Scene> {
  const { count, seed, widthPx, heightPx } = request;
  let backdrop: Backdrop | null = null;
  for (let index = 0; index < count; index++) {
    const random = new Random(seed * 1_000_003 + index);
    if (!backdrop || index % PICTURES_A_BACKDROP === 0) {
      const place = random.pick(PLACES);
      const clutter = random.whole(0, 14);
      backdrop = await drawBackdrop(random, { place, widthPx, heightPx, clutter });
    }
    const things = randomThings(random, { widthPx, heightPx, horizon: backdrop.horizon });
    const light = randomLight(random);
    const rgb = await render(
      { rgb: backdrop.rgb, widthPx, heightPx },
      things.map((one) => one.drawn),
      light,
      random,
    );
    const jpeg = await sharp(rgb, { raw: { width: widthPx, height: heightPx, channels: 3 } })
      .jpeg({ quality: random.whole(45, 92) })
      .toBuffer();
    const truths = things.map((one) => truthOf(one, things, { widthPx, heightPx }));
    yield { jpeg, light: kindOf(light), things: truths };
  }
}

function randomThings(
  random: Random,
  { widthPx, heightPx, horizon }: { widthPx: number; heightPx: number; horizon: number },
): Labelled[] {
  if (random.chance(0.2)) return [];
  const ground = horizon * heightPx;
  const nearness = (y: number): number => (y - ground * 0.8) / (heightPx - ground * 0.8);
  const tallest = random.between(0.35, 0.95) * heightPx;
  const foot = (farthest = ground): number =>
    farthest + (heightPx * 1.08 - farthest) * random.next() ** 1.2 + 2;
  const least = LEAST_PERSON * heightPx;
  const farthestPerson = Math.max(
    ground,
    ground * 0.8 + (least / tallest) * (heightPx - ground * 0.8),
  );
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
      const y = foot(farthestPerson);
      const pose = {
        x: random.next() * widthPx,
        y,
        heightPx: Math.max(least, tallest * nearness(y) * random.between(0.85, 1.15)),
        phase: random.between(0, 6.28),
        yaw: random.between(-Math.PI, Math.PI),
        isStanding: random.chance(0.25),
      };
      return { className: 'person', drawn: drawPerson(randomPerson(random), pose) };
    },
  );
  return [...vehicles, ...people];
}

function truthOf(
  { className, drawn }: Labelled,
  all: readonly Labelled[],
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
): TrueThing {
  const [x1, y1] = [Math.max(0, drawn.box[0]), Math.max(0, drawn.box[1])];
  const [x2, y2] = [Math.min(widthPx, drawn.box[2]), Math.min(heightPx, drawn.box[3])];
  const [width, height] = [Math.max(0, x2 - x1), Math.max(0, y2 - y1)];
  const whole = (drawn.box[2] - drawn.box[0]) * (drawn.box[3] - drawn.box[1]);
  const isTiny = width < LEAST_SIDE_PX || height < LEAST_SIDE_PX;
  const isCut = width * height < LEAST_SEEN * whole;
  const covered = coveredRatio([x1, y1, x2, y2], drawn, all);
  const tenth = (px: number): number => Math.round(px * 10) / 10;
  return {
    className,
    box: [tenth(x1), tenth(y1), tenth(width), tenth(height)],
    areaPx: Math.round(width * height),
    coveredRatio: covered,
    isIgnored: isTiny || isCut || covered > MOST_COVERED,
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
