import type { Tensor } from 'onnxruntime-node';
import { ort } from '../../adapters/onnx/runtime';
import { decodeModel, encodeModel, type OnnxModel } from '../onnx/model';

/** Relative to the largest value of the tensor, and absolute below 1. */
const TOLERANCE = 1e-3;

export interface Divergence {
  readonly node: string;
  readonly opType: string;
  readonly tensor: string;
  readonly gap: number;
}

interface Side {
  readonly bytes: Uint8Array;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/**
 * Runs both graphs with every tensor that they share by name as an output, and finds the first node, in
 * the order of the rewritten graph, whose answer differs. A tensor cut to the kept classes is compared
 * channel by channel; other tensors of different shapes are not comparable and are passed over.
 * @returns null where all shared tensors agree
 */
export async function firstDivergence(
  original: Side,
  rewritten: Side,
  keep: readonly number[],
): Promise<Divergence | null> {
  const before = decodeModel('original', original.bytes);
  const after = decodeModel('rewritten', rewritten.bytes);
  const known = new Set(before.graph.node.flatMap(({ output }) => output));
  const shared = after.graph.node.flatMap(({ output }) =>
    output.filter((name) => name && known.has(name)),
  );
  if (shared.length === 0) return null;
  const expected = await runFor(before, original.feeds, shared);
  const found = await runFor(after, rewritten.feeds, shared);
  for (const tensor of shared) {
    const gap = gapOf(expected[tensor]!, found[tensor]!, keep);
    if (gap === null || gap <= TOLERANCE) continue;
    const { name, opType } = after.graph.node.find(({ output }) => output.includes(tensor))!;
    return { node: name, opType, tensor, gap };
  }
  return null;
}

async function runFor(
  model: OnnxModel,
  feeds: Readonly<Record<string, Tensor>>,
  tensors: readonly string[],
): Promise<Readonly<Record<string, Tensor>>> {
  const output = tensors.map((name) => ({ name }));
  const bytes = encodeModel({ ...model, graph: { ...model.graph, output } });
  const session = await ort.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    return await session.run({ ...feeds });
  } finally {
    await session.release();
  }
}

/** Largest difference over the largest expected value (at least 1); null where not comparable. */
function gapOf(expected: Tensor, found: Tensor, keep: readonly number[]): number | null {
  if (!(expected.data instanceof Float32Array && found.data instanceof Float32Array)) return null;
  const [before, after] = [expected.dims, found.dims];
  const isCut = before[1] !== after[1] && after[1] === keep.length;
  const isComparable =
    before.length === after.length &&
    before.every((size, axis) => size === after[axis] || (axis === 1 && isCut));
  if (!isComparable) return null;
  const area = after.slice(2).reduce((product, size) => product * size, 1);
  const scale = expected.data.reduce((largest, one) => Math.max(largest, Math.abs(one)), 1);
  const channels = after[1] ?? 1;
  let worst = 0;
  for (const [index, one] of found.data.entries()) {
    const channel = Math.floor(index / area) % channels;
    const from = isCut ? keep[channel]! * area + (index % area) : index;
    worst = Math.max(worst, Math.abs(one - expected.data[from]!));
  }
  return worst / scale;
}
