import { type Anchor, type Family, onlyOutputDims } from './family';
import { type ImportShape, rewriteYolox, yoloxClassCount } from './yolox';

const STRIDES = [8, 16, 32];

/** YOLOX: BGR 0–255 planes in, one undecoded output [1, anchors, 5 + classes]. */
export const YOLOX: Family = {
  name: 'yolox',
  fits: (model) => {
    const [batch, anchors = 0, row = 0, ...rest] = onlyOutputDims(model);
    return batch !== undefined && rest.length === 0 && row >= 6 && anchors > row;
  },
  classCount: yoloxClassCount,
  rewrite: rewriteYolox,
  toPlanes: toBgrPlanes,
  decodeOriginal: (output, shape, keep) =>
    decodeHead(output.data as Float32Array, output.dims[2]!, shape, keep),
};

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
