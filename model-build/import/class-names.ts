import { readFileSync } from 'node:fs';
import { ModelImportError } from '../errors';

/** The 80 classes of COCO 2017 in the order of its detectors. Source: cocodataset.org */
export const COCO_80 = (
  'person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,' +
  'parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,' +
  'handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,' +
  'skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple,' +
  'sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,' +
  'dining table,toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,' +
  'refrigerator,book,clock,vase,scissors,teddy bear,hair drier,toothbrush'
).split(',');

export const ROAD_CLASSES = ['person', 'bicycle', 'car', 'motorcycle', 'bus', 'truck'];

/** COCO's own numbers 0 to 90, as DETR, torchvision and TensorFlow count: N/A where there is no class. */
export const COCO_91: readonly string[] = withGaps([0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83]);

function withGaps(gaps: readonly number[]): string[] {
  const names = COCO_80.values();
  return Array.from({ length: 91 }, (_, id) => (gaps.includes(id) ? 'N/A' : names.next().value!));
}

const LISTS: Readonly<Record<string, readonly string[]>> = { coco80: COCO_80, coco91: COCO_91 };

/** Classes that are kept where nobody says: the road's of COCO, all of a file. */
export function defaultClasses(given: string, names: readonly string[]): readonly string[] {
  return Object.hasOwn(LISTS, given) ? ROAD_CLASSES : names;
}

/** `coco80`, `coco91`, or a file with one class name a line. @throws {ModelImportError} */
export function readClassNames(given: string): readonly string[] {
  if (Object.hasOwn(LISTS, given)) return LISTS[given]!;
  let text: string;
  try {
    text = readFileSync(given, 'utf8');
  } catch (cause) {
    throw new ModelImportError(
      'missing-classes',
      `"${given}": expected coco80, coco91 or a file with one class name a line, found no such file; check the path`,
      cause,
    );
  }
  const names = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  if (names.length > 0) return names;
  throw new ModelImportError(
    'missing-classes',
    `"${given}": expected one class name a line, found none`,
  );
}

/** Indexes of the classes to keep. @throws {ModelImportError} naming those that the model lacks */
export function keptIndexes(names: readonly string[], keep: readonly string[]): number[] {
  const twice = keep.find((name, index) => keep.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ModelImportError(
      'missing-classes',
      `"--keep ${keep.join(',')}": expected each class once, found ${twice} twice`,
    );
  }
  const missing = keep.filter((name) => !names.includes(name));
  if (missing.length === 0 && keep.length > 0) return keep.map((name) => names.indexOf(name));
  throw new ModelImportError(
    'missing-classes',
    `"--keep ${keep.join(',')}": expected classes of the model, found ${missing.join(', ') || 'none'}; it knows ${names.slice(0, 8).join(', ')}…`,
  );
}
