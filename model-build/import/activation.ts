import { ModelImportError } from '../errors';
import { node, type OnnxNode } from '../onnx/model';
import type { GraphEditor } from './graph-editor';

/** Operators that move numbers and don't change them. */
const MOVING = new Set([
  'Concat',
  'Gather',
  'Identity',
  'Reshape',
  'Slice',
  'Squeeze',
  'Transpose',
]);

/** How numbers [N, answers, channels] become confidences 0-1 of the named classes. */
export interface Activation {
  readonly kind: 'none' | 'sigmoid' | 'softmax';
  /** Channel of the first name: 1 after a background, else 0. */
  readonly firstChannel: number;
}

/**
 * Sigmoid or softmax: as the graph ends, else by its channels. One more than there are names is a class for
 * nothing, which only a softmax has.
 * @throws {ModelImportError} where the names are neither as many nor one fewer
 */
export function activationOf(
  editor: GraphEditor,
  tensor: string,
  about: {
    readonly channels: number;
    readonly names: readonly string[];
    /** Where the class for nothing stands. */
    readonly background: 'first' | 'last';
  },
): Activation {
  const { channels, names, background } = about;
  const isNamed = background === 'first' && /^((__)?background(__)?|n\/a)$/i.test(names[0] ?? '');
  const isExtra = channels === names.length + 1;
  if (!isExtra && channels !== names.length) {
    throw new ModelImportError(
      'missing-classes',
      `"${editor.file}": expected ${channels} class names as the graph has, or ${channels - 1} and a ${background} one for nothing, found ${names.length} in --classes; name a file with one name a line`,
    );
  }
  const ends = endsIn(editor, tensor);
  const open = isExtra || isNamed ? 'softmax' : 'sigmoid';
  return {
    kind: ends === null ? open : 'none',
    firstChannel: isExtra && background === 'first' ? 1 : 0,
  };
}

/** The sigmoid or softmax that makes all of a tensor, whatever moves it after. */
function endsIn(editor: GraphEditor, tensor: string): 'Sigmoid' | 'Softmax' | null {
  const maker = editor.makerOf(tensor);
  if (!maker) return null;
  if (maker.opType === 'Sigmoid' || maker.opType === 'Softmax') return maker.opType;
  if (!MOVING.has(maker.opType)) return null;
  const sources = maker.opType === 'Concat' ? maker.input : maker.input.slice(0, 1);
  const [first, ...others] = sources.map((source) => endsIn(editor, source));
  return others.every((one) => one === first) ? (first ?? null) : null;
}

/** The nodes that a tensor needs, and the name of the confidences. */
export function activate(tensor: string, { kind }: Activation): readonly [OnnxNode[], string] {
  const output = 'tierwatch/active';
  if (kind === 'none') return [[], tensor];
  if (kind === 'sigmoid') return [[node('Sigmoid', [tensor], [output])], output];
  return [[node('Softmax', [tensor], [output], { axis: -1 })], output];
}

/** The same in TypeScript, for one answer's channels. */
export function activeRow(row: Float32Array, { kind }: Activation): Float32Array {
  if (kind === 'none') return row;
  if (kind === 'sigmoid') return row.map((one) => 1 / (1 + Math.exp(-one)));
  const largest = row.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
  const powers = row.map((one) => Math.exp(one - largest));
  const sum = powers.reduce((total, one) => total + one, 0);
  return powers.map((one) => one / sum);
}
