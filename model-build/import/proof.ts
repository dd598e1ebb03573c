import { ort } from '../../adapters/onnx/runtime';
import { ModelImportError } from '../errors';
import { type Divergence, firstDivergence } from './divergence';
import type { ImportShape } from './yolox';

export interface Proof {
  readonly pictures: number;
  readonly worstConfidenceGap: number;
  /** Largest difference of a box's side, in pixels of the input. */
  readonly worstBoxGapPx: number;
}

const TOLERANCE = 1e-3;
const STRIDES = [8, 16, 32];

/**
 * Runs the original graph and the rewritten one on the same pictures and compares every one of the K best
 * anchors. @throws {ModelImportError} `not-equal`, naming the first node whose output differs
 */
export async function proveEqual(
  file: string,
  graphs: { readonly original: Uint8Array; readonly rewritten: Uint8Array },
  context: {
    readonly shape: ImportShape;
    readonly keep: readonly number[];
    readonly pictures: readonly Uint8Array[];
  },
): Promise<Proof> {
  const { shape, keep, pictures } = context;
  const original = await ort.InferenceSession.create(graphs.original, { intraOpNumThreads: 1 });
  const rewritten = await ort.InferenceSession.create(graphs.rewritten, { intraOpNumThreads: 1 });
  const side = Math.max(shape.heightPx, shape.widthPx);
  let worstConfidenceGap = 0;
  let worstBoxGapPx = 0;
  try {
    for (const pixels of pictures) {
      const feeds = feedsOf(original.inputNames[0]!, pixels, shape);
      const head = await original.run(feeds.original);
      const raw = head[original.outputNames[0]!]!;
      const { boxes, confidences } = await rewritten.run(feeds.rewritten);
      const expected = decodeHead(raw.data as Float32Array, raw.dims[2]!, shape, keep);
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
  } finally {
    await Promise.all([original.release(), rewritten.release()]);
  }
  return { pictures: pictures.length, worstConfidenceGap, worstBoxGapPx };
}

function feedsOf(input: string, pixels: Uint8Array, shape: ImportShape) {
  const { heightPx, widthPx } = shape;
  const planes = toBgrPlanes(pixels, shape);
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

interface Anchor {
  readonly confidence: number;
  readonly box: readonly [number, number, number, number];
}

/** YOLOX's head as its authors decode it: [anchors, 5 + classes] of offsets, log sizes, objectness, classes. */
export function decodeHead(
  head: Float32Array,
  rowLength: number,
  { heightPx, widthPx }: ImportShape,
  keep: readonly number[],
): Anchor[] {
  const anchors: Anchor[] = [];
  let row = 0;
  for (const stride of STRIDES) {
    for (let y = 0; y < heightPx / stride; y++) {
      for (let x = 0; x < widthPx / stride; x++, row++) {
        const at = row * rowLength;
        const best = Math.max(...keep.map((index) => head[at + 5 + index]!));
        const [cx, cy] = [(head[at]! + x) * stride, (head[at + 1]! + y) * stride];
        const [w, h] = [Math.exp(head[at + 2]!) * stride, Math.exp(head[at + 3]!) * stride];
        const box = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2] as const;
        anchors.push({ confidence: head[at + 4]! * best, box });
      }
    }
  }
  return anchors.sort((a, b) => b.confidence - a.confidence);
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

/** uint8 RGB rows → float32 BGR planes, 0–255. */
export function toBgrPlanes(pixels: Uint8Array, { heightPx, widthPx }: ImportShape): Float32Array {
  const area = heightPx * widthPx;
  const planes = new Float32Array(3 * area);
  for (let index = 0; index < area; index++) {
    for (let channel = 0; channel < 3; channel++) {
      planes[(2 - channel) * area + index] = pixels[index * 3 + channel]!;
    }
  }
  return planes;
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
