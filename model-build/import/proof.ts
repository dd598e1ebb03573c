import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { ort } from '../../adapters/onnx/runtime';
import { ModelImportError } from '../errors';
import { type Divergence, firstDivergence } from './divergence';
import { type Answer, type ImportShape, type Reading, TOLERANCE } from './family';
import { type PixelForm, toPlanes } from './pixels';
import { openGraph, runGraph } from './run-graph';

export interface Proof {
  readonly pictures: number;
  readonly worstConfidenceGap: number;
  /** Largest difference of a box's side, in pixels of the input. */
  readonly worstBoxGapPx: number;
}

export interface ProofContext {
  readonly reading: Pick<Reading, 'decodeOriginal'>;
  readonly pixels: PixelForm;
  readonly shape: ImportShape;
  readonly keep: readonly number[];
  readonly pictures: readonly Uint8Array[];
}

/** How far the K best answers of one picture are from the original's. */
interface Gaps {
  readonly confidence: number;
  readonly boxPx: number;
  /** Answers of another class than the original's. */
  readonly otherClasses: number;
}

/**
 * Runs the original graph and the rewritten one on the same pictures and compares every one of the K best
 * answers: confidence, class and box. @throws {ModelImportError} `not-equal`, naming the first node whose
 * output differs
 */
export async function proveEqual(
  file: string,
  graphs: { readonly original: Uint8Array; readonly rewritten: Uint8Array },
  context: ProofContext,
): Promise<Proof> {
  const { reading, shape, keep, pictures } = context;
  const original = await openGraph(file, graphs.original, 'the graph');
  const rewritten = await openGraph(file, graphs.rewritten, 'the rewritten graph');
  const side = Math.max(shape.heightPx, shape.widthPx);
  let worst: Gaps = { confidence: 0, boxPx: 0, otherClasses: 0 };
  try {
    for (const pixels of pictures) {
      const feeds = feedsOf(original.inputNames[0]!, pixels, context);
      const head = await runGraph(file, original, feeds.original);
      const expected = reading.decodeOriginal(head, shape, keep);
      requireConfidences(file, expected);
      const found = await runGraph(file, rewritten, feeds.rewritten);
      const gaps = gapsOf(expected, found);
      worst = {
        confidence: Math.max(worst.confidence, gaps.confidence),
        boxPx: Math.max(worst.boxPx, gaps.boxPx),
        otherClasses: gaps.otherClasses,
      };
      const isEqual = worst.confidence <= TOLERANCE && worst.boxPx / side <= TOLERANCE;
      if (isEqual && worst.otherClasses === 0) continue;
      const first = await firstDivergence(
        { bytes: graphs.original, feeds: feeds.original },
        { bytes: graphs.rewritten, feeds: feeds.rewritten },
        keep,
      );
      throw notEqual(file, { worst, side }, first);
    }
    await requireFreeBatch(file, rewritten, shape, pictures);
  } finally {
    await Promise.all([original.release(), rewritten.release()]);
  }
  return {
    pictures: pictures.length,
    worstConfidenceGap: worst.confidence,
    worstBoxGapPx: worst.boxPx,
  };
}

/** Confidences of the original that are none tell that it is read wrongly. */
function requireConfidences(file: string, [best, ...rest]: readonly Answer[]): void {
  const [highest, lowest] = [best?.confidence, (rest.at(-1) ?? best)?.confidence];
  if (highest !== undefined && lowest! >= -TOLERANCE && highest <= 1 + TOLERANCE) return;
  throw new ModelImportError(
    'wrong-family',
    `"${file}": expected confidences from 0 to 1, found ${lowest?.toPrecision(3)} to ${highest?.toPrecision(3)}; name the right --family, or export with the head's own activation`,
  );
}

function gapsOf(expected: readonly Answer[], found: Readonly<Record<string, Tensor>>): Gaps {
  const confidences = found.confidences!.data as Float32Array;
  const boxes = found.boxes!.data as Float32Array;
  const classIndexes = found.classIndexes!.data as BigInt64Array;
  const gaps = { confidence: 0, boxPx: 0, otherClasses: 0 };
  for (const [rank, { confidence }] of expected.slice(0, confidences.length).entries()) {
    const own = confidences[rank]!;
    const gap = Math.abs(confidence - own);
    gaps.confidence = Math.max(gaps.confidence, Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap);
    const alike = expected.filter((one) => Math.abs(one.confidence - own) <= 2 * TOLERANCE);
    const classIndex = Number(classIndexes[rank]!);
    const same = alike.filter((one) => one.classIndexes.includes(classIndex));
    if (alike.length > 0 && same.length === 0) gaps.otherClasses++;
    const box = boxes.subarray(rank * 4, rank * 4 + 4);
    gaps.boxPx = Math.max(gaps.boxPx, nearestGap(box, same.length > 0 ? same : alike));
  }
  return gaps;
}

/** Two pictures in one run must get the answers that each gets alone. */
async function requireFreeBatch(
  file: string,
  session: InferenceSession,
  { heightPx, widthPx }: ImportShape,
  pictures: readonly Uint8Array[],
): Promise<void> {
  const [first, second] = pictures;
  if (!first || !second) return;
  const confidencesOf = async (pixels: Uint8Array, count: number): Promise<Float32Array> => {
    const images = new ort.Tensor('uint8', pixels, [count, heightPx, widthPx, 3]);
    return (await session.run({ images })).confidences!.data as Float32Array;
  };
  const alone = await confidencesOf(second, 1);
  const together = await confidencesOf(Buffer.concat([first, second]), 2).catch(() => null);
  if (together?.length !== 2 * alone.length) {
    throw new ModelImportError(
      'not-equal',
      `"${file}": expected a graph that takes two pictures at once, found one whose batch is fixed; export with a dynamic batch`,
    );
  }
  const gaps = alone.map((one, index) => Math.abs(one - together[alone.length + index]!));
  const worst = gaps.reduce((largest, gap) => Math.max(largest, gap), 0);
  if (worst <= TOLERANCE) return;
  throw new ModelImportError(
    'not-equal',
    `"${file}": expected the second picture of two to get the answers it gets alone, found confidences ${worst.toPrecision(3)} apart; export with a dynamic batch`,
  );
}

function feedsOf(input: string, levels: Uint8Array, { shape, pixels }: ProofContext) {
  const { heightPx, widthPx } = shape;
  const planes = toPlanes(levels, shape, pixels);
  return {
    original: { [input]: new ort.Tensor('float32', planes, [1, 3, heightPx, widthPx]) },
    rewritten: { images: new ort.Tensor('uint8', levels, [1, heightPx, widthPx, 3]) },
  };
}

function notEqual(
  file: string,
  { worst, side }: { readonly worst: Gaps; readonly side: number },
  first: Divergence | null,
): ModelImportError {
  const where = first
    ? `it differs first at ${first.opType} "${first.node}" (tensor "${first.tensor}") by ${first.gap.toPrecision(3)}`
    : 'the nodes that both graphs share agree, so it is the decoding';
  const [output, found] =
    worst.confidence > TOLERANCE
      ? ['confidences', worst.confidence.toPrecision(3)]
      : worst.otherClasses > 0
        ? ['classIndexes', `${worst.otherClasses} of another class`]
        : ['boxes', (worst.boxPx / side).toPrecision(3)];
  return new ModelImportError(
    'not-equal',
    `"${file}": expected the rewritten graph's node "${output}" to agree with the original within ${TOLERANCE}, found ${found}; ${where}; report the weights: nothing was written`,
  );
}

/** Answers of equal confidence may change places: the nearest box among them counts. */
function nearestGap(box: Float32Array, expected: readonly Answer[]): number {
  const gaps = expected.map((answer) =>
    Math.max(...answer.box.map((side, index) => Math.abs(side - box[index]!))),
  );
  return Math.min(Number.POSITIVE_INFINITY, ...gaps);
}
