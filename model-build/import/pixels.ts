import { FLOAT, floatsOf, floatTensor, node, type OnnxNode } from '../onnx/model';
import type { ImportShape } from './family';
import type { GraphEditor } from './graph-editor';

/** How a model wants its picture: the order of its planes, and `(level - mean) * scale` of levels 0-255 in that order. */
export interface PixelForm {
  readonly order: 'rgb' | 'bgr';
  readonly mean: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
}

const all = (one: number): readonly [number, number, number] => [one, one, one];
const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
const IMAGENET_DEVIATION = [0.229, 0.224, 0.225] as const;

/** What `--pixels` may say. */
export const PIXEL_FORMS = {
  'bgr-255': { order: 'bgr', mean: all(0), scale: all(1) },
  'bgr-1': { order: 'bgr', mean: all(0), scale: all(1 / 255) },
  'rgb-255': { order: 'rgb', mean: all(0), scale: all(1) },
  'rgb-1': { order: 'rgb', mean: all(0), scale: all(1 / 255) },
  /** -1 to 1: torchvision's SSDlite, TensorFlow's MobileNets. */
  'rgb-signed': { order: 'rgb', mean: all(127.5), scale: all(1 / 127.5) },
  /** As qfgaohao's pytorch-ssd trains its MobileNets. */
  'rgb-127-128': { order: 'rgb', mean: all(127), scale: all(1 / 128) },
  /** ImageNet's mean and deviation: DETR and most of its kin. */
  imagenet: {
    order: 'rgb',
    mean: [255 * IMAGENET_MEAN[0], 255 * IMAGENET_MEAN[1], 255 * IMAGENET_MEAN[2]],
    scale: [
      1 / (255 * IMAGENET_DEVIATION[0]),
      1 / (255 * IMAGENET_DEVIATION[1]),
      1 / (255 * IMAGENET_DEVIATION[2]),
    ],
  },
} as const satisfies Readonly<Record<string, PixelForm>>;
export type PixelFormName = keyof typeof PIXEL_FORMS;

/** uint8 RGB rows → the original's float planes [3, height, width]. */
export function toPlanes(
  pixels: Uint8Array,
  { heightPx, widthPx }: ImportShape,
  { order, mean, scale }: PixelForm,
): Float32Array {
  const area = heightPx * widthPx;
  const planes = new Float32Array(3 * area);
  for (let plane = 0; plane < 3; plane++) {
    const channel = order === 'rgb' ? plane : 2 - plane;
    for (let index = 0; index < area; index++)
      planes[plane * area + index] = (pixels[index * 3 + channel]! - mean[plane]!) * scale[plane]!;
  }
  return planes;
}

/**
 * `images` uint8 RGB rows become the planes that the graph takes. Where the input goes into convolutions alone,
 * scale and order of the planes are folded into their weights; the mean is subtracted before, since a
 * convolution pads with what is 0 after it.
 */
export function inputNodes(editor: GraphEditor, { order, mean, scale }: PixelForm): OnnxNode[] {
  const input = editor.graph.input[0]!.name;
  const planes = 'tierwatch/planes';
  const takers = editor.consumers(input);
  const isFolded =
    takers.length > 0 && takers.every((taker) => hasOwnWeights(editor, taker, input));
  const ordered = order === 'bgr' && isFolded ? mean.toReversed() : [...mean];
  for (const taker of takers) {
    if (isFolded) foldInto(editor, taker, { order, scale });
    taker.input = taker.input.map((tensor) => (tensor === input ? planes : tensor));
  }
  const added: OnnxNode[] = [];
  let last = 'images';
  const then = (opType: string, more: readonly string[], attributes = {}): void => {
    const output = `tierwatch/picture${added.length}`;
    added.push(node(opType, [last, ...more], [output], attributes));
    last = output;
  };
  const constant = (name: string, values: readonly number[]): string => {
    editor.setConstant(floatTensor(name, [1, 3, 1, 1], Float32Array.from(values)));
    return name;
  };
  then('Transpose', [], { perm: [0, 3, 1, 2] });
  if (order === 'bgr' && !isFolded) then('Gather', [editor.integers([2, 1, 0])], { axis: 1 });
  then('Cast', [], { to: FLOAT });
  if (mean.some((one) => one !== 0)) then('Sub', [constant('tierwatch/mean', ordered)]);
  if (!isFolded && scale.some((one) => one !== 1))
    then('Mul', [constant('tierwatch/scale', scale)]);
  added.at(-1)!.output = [planes];
  return added;
}

/** Whether a node is a convolution of the three planes whose weights nobody else has. */
function hasOwnWeights(editor: GraphEditor, taker: OnnxNode, input: string): boolean {
  const [picture, weights = ''] = taker.input;
  const tensor = editor.constant(weights);
  return (
    taker.opType === 'Conv' &&
    picture === input &&
    tensor?.dims[1] === 3 &&
    tensor.dataType === FLOAT &&
    editor.consumers(weights).length === 1
  );
}

/** Weights [out, 3, height, width] of the model's planes → of RGB levels. */
function foldInto(
  editor: GraphEditor,
  conv: OnnxNode,
  { order, scale }: Pick<PixelForm, 'order' | 'scale'>,
): void {
  const name = conv.input[1]!;
  const { dims } = editor.constant(name)!;
  const from = floatsOf(editor.constant(name)!);
  const area = dims[2]! * dims[3]!;
  const to = new Float32Array(from.length);
  for (const [index, weight] of from.entries()) {
    const plane = Math.floor(index / area) % 3;
    const channel = order === 'rgb' ? plane : 2 - plane;
    to[index + (channel - plane) * area] = weight * scale[plane]!;
  }
  editor.setConstant(floatTensor(name, dims, to));
}
