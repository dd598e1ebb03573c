import { readFileSync } from 'node:fs';
import { TierwatchError } from '../../core/errors';
import { filterDetections } from '../../core/filter-detections';
import { DEFAULT_LIMITS } from '../../core/limits';
import type { Detector } from '../../core/ports';
import { detectPicture } from '../onnx/detect-picture';
import { UnreadableVideoError } from '../video/errors';
import type { AnalysedPictures, PicturesJob } from './job';
import { loadSharp } from './sharp';

/** Infers encoded pictures, masked and filtered as frames are. @throws {UnreadableVideoError} naming which */
export async function analysePictures(
  { files, settings, limits }: PicturesJob,
  detector: Detector,
): Promise<AnalysedPictures> {
  const { maxPixels } = limits ?? DEFAULT_LIMITS;
  const { minConfidence, privacyMasks, classFilters } = settings;
  const least = Math.min(
    minConfidence,
    ...Object.values(classFilters).map((one) => one.minConfidence ?? minConfidence),
  );
  const options = { minConfidence: least, privacyMasks, maxPixels };
  const sharp = await loadSharp();
  const pictures = await Promise.all(
    files.map(async (file, index) => {
      const encoded = readFileSync(file);
      try {
        const { width: widthPx, height: heightPx } = await sharp(encoded).metadata();
        const found = await detectPicture(detector, encoded, options);
        return { detections: filterDetections(found, settings, { widthPx, heightPx }) };
      } catch (error) {
        if (error instanceof TierwatchError) throw error;
        throw new UnreadableVideoError(
          `picture ${index + 1}: expected a JPEG of at most ${maxPixels} pixels, found bytes that can't be decoded`,
        );
      }
    }),
  );
  return { pictures };
}
