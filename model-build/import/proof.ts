import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { ort } from '../../adapters/onnx/runtime';
import { ModelImportError } from '../errors';
import { FLOAT, type OnnxModel, type OnnxValue, value } from '../onnx/model';
import { type Divergence, firstDivergence } from './divergence';
import { type Answer, dimsOf, type ImportShape, type Reading, TOLERANCE } from './family';
import { type PixelForm, toPlanes } from './pixels';

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

/** The outputs with their sizes at a shape, by a run where the export leaves some open. @throws {ModelImportError} */
export async function knownOutputs(
  file: string,
  bytes: Uint8Array,
  { model, shape }: { readonly model: OnnxModel; readonly shape: ImportShape },
): Promise<OnnxValue[]> {
  const { output: outputs } = model.graph;
  if (outputs.every((one) => dimsOf(one).length > 0 && !dimsOf(one).slice(1).includes(0)))
    return outputs;
  const session = await openGraph(file, bytes, 'the graph');
  try {
    const { heightPx, widthPx } = shape;
    const planes = new ort.Tensor('float32', new Float32Array(3 * heightPx * widthPx), [
      ...[1, 3, heightPx, widthPx],
    ]);
    const answers = await runGraph(file, session, { [session.inputNames[0]!]: planes });
    return outputs.map(({ name, type }) =>
      value(name, type?.tensorType.elemType ?? FLOAT, answers[name]!.dims),
    );
  } finally {
    await session.release();
  }
}

/** @throws {ModelImportError} where ONNX Runtime does not take the graph */
async function openGraph(file: string, bytes: Uint8Array, what: string): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  } catch (cause) {
    throw refusedByRuntime(file, what, cause);
  }
}

async function runGraph(
  file: string,
  session: InferenceSession,
  feeds: Record<string, Tensor>,
): Promise<Readonly<Record<string, Tensor>>> {
  try {
    return await session.run(feeds);
  } catch (cause) {
    throw refusedByRuntime(file, 'the graph at this shape', cause);
  }
}

function refusedByRuntime(file: string, what: string, cause: unknown): ModelImportError {
  const said = (cause instanceof Error ? cause.message : String(cause))
    .split('\n')[0]!
    .slice(0, 300);
  return new ModelImportError(
    'unknown-operator',
    `"${file}": expected ${what} to run in ONNX Runtime, found: ${said}; export with opset 17 and static shapes`,
    cause,
  );
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

/** Seeded pictures with edges, blocks and noise: they excite every channel, though they show nothing. */
export function proofPictures({ heightPx, widthPx }: ImportShape, count: number): Uint8Array[] {
  let state = 0x2545f491;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return Array.from({ length: count }, () => {
    const pixels = new Uint8Array(heightPx * widthPx * 3);
    const slope = [next(), next(), next()].map((value) => value * 200);
    for (let index = 0; index < pixels.length; index++) {
      const x = (Math.floor(index / 3) % widthPx) / widthPx;
      pixels[index] = slope[index % 3]! * x + next() * 20;
    }
    for (let block = 0; block < 24; block++) {
      const [left, top] = [Math.floor(next() * widthPx), Math.floor(next() * heightPx)];
      const [width, height] = [8 + Math.floor(next() * 120), 8 + Math.floor(next() * 160)];
      const colour = [next() * 255, next() * 255, next() * 255];
      for (let y = top; y < Math.min(heightPx, top + height); y++) {
        for (let x = left; x < Math.min(widthPx, left + width); x++) {
          for (let channel = 0; channel < 3; channel++) {
            pixels[(y * widthPx + x) * 3 + channel] = colour[channel]! + next() * 12;
          }
        }
      }
    }
    return pixels;
  });
}
