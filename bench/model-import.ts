import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { InferenceSession } from 'onnxruntime-node';
import { OnnxDetector } from '../adapters/onnx/onnx-detector';
import { ort } from '../adapters/onnx/runtime';
import { importModel } from '../model-build/import/import-model';
import { PIXEL_FORMS, toPlanes } from '../model-build/import/pixels';
import { proofPictures } from '../model-build/import/proof-pictures';
import { compareShapes, meanOf, SHAPE_GOALS, type ShapeComparison } from './compare-shapes';
import { cpuSecondsOf, describeMachine, median, printMachine } from './machine';

const SQUARE = { heightPx: 416, widthPx: 416 };
const WIDE = { heightPx: 256, widthPx: 416 };
const GOALS = { square: 1.1, wide: 1.6, load: 1.2 };
const LOADS = 9;

interface Row {
  readonly what: string;
  /** Medians of process CPU ms, one thread. */
  readonly ms: number;
  readonly againstMs: number;
  /** Median of the ratios of neighbours in time. */
  readonly ratio: number;
  readonly goal: string;
  readonly isReached: boolean;
}

/**
 * What import makes of a YOLOX graph, against the original in turn in one run. The original is given its
 * planes ready-made: its preprocessing, decoding and top-K are not counted, the imported graph's are.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      weights: { type: 'string' },
      rounds: { type: 'string', default: '100' },
      footage: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { weights, rounds, footage } = values;
  if (!weights) throw new Error('bench model-import: expected --weights FILE.onnx, found none');
  const machine = describeMachine();
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-bench-import-'));
  try {
    const rows = await measure(weights, join(folder, 'bundle'), Number(rounds));
    if (values.json) {
      console.log(JSON.stringify({ machine, rows }, null, 2));
      return;
    }
    printMachine(machine);
    for (const { what, ms, againstMs, ratio, goal, isReached } of rows) {
      const verdict = isReached ? 'reached' : 'missed';
      console.log(
        `${what}: ${ms.toFixed(2)} CPU ms against ${againstMs.toFixed(2)} ms, ${ratio.toFixed(2)}x (goal ${goal}, ${verdict})`,
      );
    }
    if (footage) printShapes(await compareShapes(join(folder, 'bundle'), footage));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function printShapes({ frames, gaps, overlaps }: ShapeComparison): void {
  const goals = SHAPE_GOALS;
  console.log(
    [
      `${frames} frames, 256x416 beside 416x416: best confidence ${meanOf(gaps).toFixed(3)} apart, at most ${Math.max(...gaps).toFixed(3)} (goal ${goals.gap});`,
      `its box's IoU ${meanOf(overlaps).toFixed(3)} on average (goal ${goals.meanIou}), at least ${Math.min(...overlaps).toFixed(3)}, in ${overlaps.length} frames`,
    ].join(' '),
  );
}

async function measure(weights: string, out: string, rounds: number): Promise<Row[]> {
  await importModel({
    ...{ weights, out, family: 'yolox', classes: 'coco80', licence: 'unknown', source: weights },
    keep: ['person', 'bicycle', 'car', 'motorcycle', 'bus', 'truck'],
    inputs: [WIDE, SQUARE],
    name: 'bench',
  });
  const original = await ort.InferenceSession.create(readFileSync(weights), oneThread());
  const detector = await OnnxDetector.load(out);
  const runOriginal = originalRun(original);
  const square = await inTurn(rounds, runOriginal, importedRun(detector, SQUARE));
  const wide = await inTurn(rounds, runOriginal, importedRun(detector, WIDE));
  await original.release();
  const started: InferenceSession[] = [];
  const load = await inTurn(
    LOADS,
    async () => void started.push(await bareStart(join(out, 'fp32-416x416.onnx'))),
    () => bundleStart(out),
  );
  await Promise.all(started.map((session) => session.release()));
  return [
    faster('imported 416x416 against the original 416x416', square, GOALS.square),
    faster('imported 256x416 against the original 416x416', wide, GOALS.wide),
    slower('bundle load + first run against bare creation + one run', load, GOALS.load),
  ];
}

const oneThread = () => ({ intraOpNumThreads: 1, interOpNumThreads: 1 });

function originalRun(session: InferenceSession): () => Promise<void> {
  const planes = toPlanes(proofPictures(SQUARE, 1)[0]!, SQUARE, PIXEL_FORMS['bgr-255']);
  const feeds = { [session.inputNames[0]!]: new ort.Tensor('float32', planes, [1, 3, 416, 416]) };
  return async () => {
    await session.run(feeds);
  };
}

function importedRun(detector: OnnxDetector, shape: typeof SQUARE): () => Promise<void> {
  const pixels = proofPictures(shape, 1)[0]!;
  return async () => {
    await detector.infer(pixels, 1, { ...shape, fill: 114 });
  };
}

async function bundleStart(folder: string): Promise<void> {
  const detector = await OnnxDetector.load(folder);
  await detector.warm({ ...SQUARE, fill: 114 });
}

async function bareStart(graph: string): Promise<InferenceSession> {
  const session = await ort.InferenceSession.create(readFileSync(graph), oneThread());
  const { heightPx, widthPx } = SQUARE;
  const pixels = new Uint8Array(heightPx * widthPx * 3);
  await session.run({ images: new ort.Tensor('uint8', pixels, [1, heightPx, widthPx, 3]) });
  return session;
}

interface Turns {
  readonly firstMs: readonly number[];
  readonly secondMs: readonly number[];
}

/** One of each in turn, so that a busy machine slows both; CPU time, as in the manifest; the first pair is not counted. */
async function inTurn(
  rounds: number,
  first: () => Promise<void>,
  second: () => Promise<void>,
): Promise<Turns> {
  const [firstMs, secondMs]: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    const pair = [await cpuSecondsOf(first), await cpuSecondsOf(second)] as const;
    if (round < 0) continue;
    firstMs.push(pair[0] * 1000);
    secondMs.push(pair[1] * 1000);
  }
  return { firstMs, secondMs };
}

function faster(what: string, { firstMs, secondMs }: Turns, goal: number): Row {
  const ratio = median(firstMs.map((ms, index) => ms / secondMs[index]!));
  const figures = { ms: median(secondMs), againstMs: median(firstMs), ratio };
  return { what, ...figures, goal: `at least ${goal}x`, isReached: ratio >= goal };
}

function slower(what: string, { firstMs, secondMs }: Turns, goal: number): Row {
  const ratio = median(secondMs.map((ms, index) => ms / firstMs[index]!));
  const figures = { ms: median(secondMs), againstMs: median(firstMs), ratio };
  return { what, ...figures, goal: `at most ${goal}x`, isReached: ratio <= goal };
}
