import { ModelImportError } from '../errors';
import type { OnnxModel } from '../onnx/model';
import { DETR } from './detr';
import { describeTensors, type Family } from './family';
import { FASTESTDET } from './fastestdet';
import { SSD } from './ssd';
import { YOLOV9 } from './yolov9';
import { YOLOX } from './yolox-original';

const FAMILIES: readonly Family[] = [YOLOX, YOLOV9, DETR, SSD, FASTESTDET];
export const FAMILY_NAMES: readonly string[] = FAMILIES.map(({ name }) => name);

/** @throws {ModelImportError} where there is no such family */
export function requireFamily(name: string): void {
  if (name === 'auto' || FAMILY_NAMES.includes(name)) return;
  throw new ModelImportError(
    'wrong-family',
    `"--family ${name}": expected ${FAMILY_NAMES.join(', ')} or auto, found a family that can't be imported; export the model with the graph contract of docs/models.md`,
  );
}

/** The family of that name; `auto`: the only one that the graph looks like. @throws {ModelImportError} */
export function familyOf(file: string, name: string, model: OnnxModel): Family {
  requireFamily(name);
  const fitting = FAMILIES.filter((one) => (name === 'auto' ? one.fits(model) : one.name === name));
  if (fitting.length === 1) return fitting[0]!;
  const found = fitting.map((family) => family.name).join(' and ') || 'none';
  throw new ModelImportError(
    'wrong-family',
    `"${file}": expected outputs of one of ${FAMILY_NAMES.join(', ')}, found ${describeTensors(model.graph.output)}, which fit ${found}; name it with --family, or export without post-processing`,
  );
}
