import type { Detection } from '../../core/detection';
import { toDetections } from '../../core/detector-output';
import type { Polygon } from '../../core/geometry';
import { blackOut, fitInto } from '../../core/letterbox';
import type { Detector } from '../../core/ports';

export interface PictureOptions {
  readonly minConfidence: number;
  /** Blacked out before inference. */
  readonly privacyMasks?: readonly Polygon[];
  /** Larger pictures are refused (px). @default sharp's own limit */
  readonly maxPixels?: number;
}

/** Detects in one encoded picture, scaled as the road scales frames. */
export async function detectPicture(
  detector: Detector,
  encoded: Uint8Array,
  { minConfidence, privacyMasks = [], maxPixels }: PictureOptions,
): Promise<Detection[]> {
  const { default: sharp } = await import('sharp');
  const { data, info } = await sharp(encoded, {
    failOn: 'error',
    ...(maxPixels ? { limitInputPixels: maxPixels } : {}),
  })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const picture = { widthPx: info.width, heightPx: info.height };
  blackOut(data, { ...picture, strideBytes: info.width * 3 }, privacyMasks);
  const input = detector.inputFor(picture.widthPx, picture.heightPx, 'auto');
  const fitted = fitInto(picture, input);
  const scaled = await sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
    .resize(fitted.widthPx, fitted.heightPx, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer();
  const pixels = new Uint8Array(input.widthPx * input.heightPx * 3).fill(input.fill);
  for (let y = 0; y < fitted.heightPx; y++) {
    const row = scaled.subarray(y * fitted.widthPx * 3, (y + 1) * fitted.widthPx * 3);
    pixels.set(row, y * input.widthPx * 3);
  }
  const [raw] = await detector.infer(pixels, 1, input);
  return toDetections(raw!, {
    classes: detector.classes,
    input,
    pictureWidthPx: picture.widthPx,
    pictureHeightPx: picture.heightPx,
    minConfidence,
    nms: detector.nms,
  });
}
