import { parseArgs } from 'node:util';
import { readBundle } from '../adapters/onnx/bundle';
import { detectPicture } from '../adapters/onnx/detect-picture';
import { OnnxDetector } from '../adapters/onnx/onnx-detector';
import type { Detection } from '../core/detection';
import type { Detector } from '../core/ports';
import { drawScenes, type TrueThing } from '../model-build/simulator/frames';
import { LIGHT_KINDS, type LightKind } from '../model-build/simulator/render';
import { averagePrecision, hitTruths, type Judged, type Truth } from './average-precision';
import { atShape } from './compare-shapes';
import { describeMachine, printMachine } from './machine';

/** As `model evaluate` keeps them: the tail of a precision-recall curve. */
const LEAST_CONFIDENCE = 0.01;
const GOALS = { person: 0.8, vehicle: 0.6 };
type Kind = keyof typeof GOALS;
const VEHICLES = new Set(['car', 'motorcycle', 'bus', 'truck', 'vehicle']);

interface SceneTruth extends Truth {
  readonly heightPx: number;
  readonly coveredRatio: number;
}

interface Picture {
  readonly light: LightKind;
  readonly judged: Readonly<Record<Kind, Judged<SceneTruth>>>;
}

/**
 * How well a detector that knows nothing of the simulator finds what it draws: AP50 by light at every input
 * of the bundle, and what it finds by height and by how much stands before it.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      model: { type: 'string' },
      count: { type: 'string', default: '600' },
      seed: { type: 'string', default: '7777' },
      size: { type: 'string', default: '640x360' },
      confidence: { type: 'string', default: '0.4' },
    },
  });
  const { model, count, seed, size } = values;
  if (!model) throw new Error('bench simulator: expected --model DIR of a bundle, found none');
  const [widthPx, heightPx] = size.split('x').map(Number) as [number, number];
  const request = { count: Number(count), seed: Number(seed), widthPx, heightPx };
  printMachine(describeMachine());
  console.log(`${count} pictures of ${size}, seed ${seed}; ${model}`);
  const { files } = readBundle(model).manifest;
  const detector = await OnnxDetector.load(model);
  for (const file of files.filter(({ variant }) => variant === detector.variant)) {
    const shape = `${file.heightPx}x${file.widthPx}`;
    const pictures = await judge(withKinds(atShape(detector, shape)), request);
    printLights(`${detector.variant} ${shape}`, pictures);
    printFound(pictures, Number(values.confidence));
  }
}

/** Cars, buses and trucks are one class, as in `model evaluate`. */
function withKinds(detector: Detector): Detector {
  return {
    ...detector,
    classes: detector.classes.map((name) => kindOf(name) ?? 'other'),
  };
}

async function judge(
  detector: Detector,
  request: Parameters<typeof drawScenes>[0],
): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for await (const { jpeg, light, things } of drawScenes(request)) {
    const found = await detectPicture(detector, jpeg, { minConfidence: LEAST_CONFIDENCE });
    const judged = (kind: Kind): Judged<SceneTruth> => ({
      detections: found.filter((one) => one.className === kind),
      truths: things
        .filter((one) => kindOf(one.className) === kind)
        .map((one) => truthOf(one, request)),
    });
    pictures.push({ light, judged: { person: judged('person'), vehicle: judged('vehicle') } });
  }
  return pictures;
}

function truthOf(
  { box: [x, y, width, height], coveredRatio, isIgnored }: TrueThing,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
): SceneTruth {
  const box: Detection['box'] = [
    ...[x / widthPx, y / heightPx, (x + width) / widthPx],
    (y + height) / heightPx,
  ] as unknown as Detection['box'];
  return { box, isIgnored, heightPx: height, coveredRatio };
}

function kindOf(className: string): Kind | null {
  if (className === 'person') return 'person';
  return VEHICLES.has(className) ? 'vehicle' : null;
}

function printLights(graph: string, pictures: readonly Picture[]): void {
  console.log(
    `\n${graph}, AP50 (truths)   person (goal ${GOALS.person})   vehicle (goal ${GOALS.vehicle})`,
  );
  for (const light of [...LIGHT_KINDS, 'all'] as const) {
    const chosen = pictures.filter((one) => light === 'all' || one.light === light);
    const cells = (['person', 'vehicle'] as const).map((kind) => {
      const judged = chosen.map((one) => one.judged[kind]);
      const truths = judged.flatMap((one) => one.truths).filter((one) => !one.isIgnored);
      return `${averagePrecision(judged).toFixed(3)} (${truths.length})`.padEnd(20);
    });
    console.log(`  ${`${light}, ${chosen.length} pictures`.padEnd(26)}${cells.join(' ')}`);
  }
}

/** Rows of daylight's truths: the share found at the confidence in use. */
function printFound(pictures: readonly Picture[], confidence: number): void {
  const rows: readonly [string, (one: SceneTruth) => boolean][] = [
    ['below 32 px tall', (one) => one.heightPx < 32],
    ['32 to 96 px tall', (one) => one.heightPx >= 32 && one.heightPx < 96],
    ['96 px and taller', (one) => one.heightPx >= 96],
    ['nothing before it', (one) => one.coveredRatio === 0],
    ['up to a third covered', (one) => one.coveredRatio > 0 && one.coveredRatio <= 1 / 3],
    ['more covered', (one) => one.coveredRatio > 1 / 3],
  ];
  console.log(`  by day, found at confidence ${confidence}`);
  const day = pictures.filter(({ light }) => light === 'day');
  for (const [what, fits] of rows) {
    const cells = (['person', 'vehicle'] as const).map((kind) => {
      const judged = day.map((one) => one.judged[kind]);
      const asked = judged
        .flatMap((one) => one.truths)
        .filter((one) => !one.isIgnored && fits(one));
      const hit = judged.flatMap((one) => hitTruths(one, confidence)).filter(fits);
      return `${((100 * hit.length) / asked.length).toFixed(0)} % of ${asked.length}`.padEnd(20);
    });
    console.log(`    ${what.padEnd(24)}${cells.join(' ')}`);
  }
}
