import type { InferenceSession } from 'onnxruntime-node';
import { ort } from '../../adapters/onnx/runtime';
import { ModelImportError } from '../errors';
import { type Divergence, firstDivergence } from './divergence';
import type { Anchor, Family } from './family';
import type { ImportShape } from './yolox';

export interface Proof {
  readonly pictures: number;
  readonly worstConfidenceGap: number;
  /** Largest difference of a box's side, in pixels of the input. */
  readonly worstBoxGapPx: number;
}

const TOLERANCE = 1e-3;

/**
 * Runs the original graph and the rewritten one on the same pictures and compares every one of the K best
 * anchors. @throws {ModelImportError} `not-equal`, naming the first node whose output differs
 */
export async function proveEqual(
  file: string,
  graphs: { readonly original: Uint8Array; readonly rewritten: Uint8Array },
  context: {
    readonly family: Family;
    readonly shape: ImportShape;
    readonly keep: readonly number[];
    readonly pictures: readonly Uint8Array[];
  },
): Promise<Proof> {
  const { family, shape, keep, pictures } = context;
  const original = await ort.InferenceSession.create(graphs.original, { intraOpNumThreads: 1 });
  const rewritten = await ort.InferenceSession.create(graphs.rewritten, { intraOpNumThreads: 1 });
  const side = Math.max(shape.heightPx, shape.widthPx);
  let worstConfidenceGap = 0;
  let worstBoxGapPx = 0;
  try {
    for (const pixels of pictures) {
      const feeds = feedsOf(family, original.inputNames[0]!, pixels, shape);
      const head = await original.run(feeds.original);
      const raw = head[original.outputNames[0]!]!;
      const { boxes, confidences } = await rewritten.run(feeds.rewritten);
      const expected = family.decodeOriginal(raw, shape, keep);
      const found = confidences!.data as Float32Array;
      const foundBoxes = boxes!.data as Float32Array;
      for (const [rank, { confidence }] of expected.slice(0, found.length).entries()) {
        worstConfidenceGap = Math.max(worstConfidenceGap, Math.abs(confidence - found[rank]!));
        const box = foundBoxes.subarray(rank * 4, rank * 4 + 4);
        worstBoxGapPx = Math.max(worstBoxGapPx, nearestGap(box, found[rank]!, expected));
      }
      if (worstConfidenceGap <= TOLERANCE && worstBoxGapPx / side <= TOLERANCE) continue;
      const first = await firstDivergence(
        { bytes: graphs.original, feeds: feeds.original },
        { bytes: graphs.rewritten, feeds: feeds.rewritten },
        keep,
      );
      throw notEqual(file, { worstConfidenceGap, boxGapRatio: worstBoxGapPx / side }, first);
    }
    await requireFreeBatch(file, rewritten, shape, pictures);
  } finally {
    await Promise.all([original.release(), rewritten.release()]);
  }
  return { pictures: pictures.length, worstConfidenceGap, worstBoxGapPx };
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
  let together: Float32Array;
  try {
    together = await confidencesOf(Buffer.concat([first, second]), 2);
  } catch (cause) {
    throw new ModelImportError(
      'not-equal',
      `"${file}": expected a graph that takes two pictures at once, found one whose batch is fixed; export with a dynamic batch`,
      cause,
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

function feedsOf(family: Family, input: string, pixels: Uint8Array, shape: ImportShape) {
  const { heightPx, widthPx } = shape;
  const planes = family.toPlanes(pixels, shape);
  return {
    original: { [input]: new ort.Tensor('float32', planes, [1, 3, heightPx, widthPx]) },
    rewritten: { images: new ort.Tensor('uint8', pixels, [1, heightPx, widthPx, 3]) },
  };
}

function notEqual(
  file: string,
  gaps: { readonly worstConfidenceGap: number; readonly boxGapRatio: number },
  first: Divergence | null,
): ModelImportError {
  const isConfidence = !(gaps.worstConfidenceGap <= TOLERANCE);
  const output = isConfidence ? 'confidences' : 'boxes';
  const gap = isConfidence ? gaps.worstConfidenceGap : gaps.boxGapRatio;
  const where = first
    ? `it differs first at ${first.opType} "${first.node}" (tensor "${first.tensor}") by ${first.gap.toPrecision(3)}`
    : 'the nodes that both graphs share agree, so it is the decoding';
  return new ModelImportError(
    'not-equal',
    `"${file}": expected the rewritten graph's node "${output}" to agree with the original within ${TOLERANCE}, found ${gap.toPrecision(3)}; ${where}; report the weights: nothing was written`,
  );
}

/** Anchors of equal confidence may change places: the nearest box among them counts. */
function nearestGap(box: Float32Array, confidence: number, expected: readonly Anchor[]): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const anchor of expected) {
    if (anchor.confidence < confidence - 2 * TOLERANCE) break;
    if (anchor.confidence > confidence + 2 * TOLERANCE) continue;
    nearest = Math.min(
      nearest,
      Math.max(...anchor.box.map((side, index) => Math.abs(side - box[index]!))),
    );
  }
  return nearest;
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
