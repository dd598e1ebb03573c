import { ModelImportError } from '../errors';
import type { OnnxModel } from '../onnx/model';
import type { Family } from './family';
import { YOLOV9 } from './yolov9';
import { YOLOX } from './yolox-original';

const FAMILIES: readonly Family[] = [YOLOX, YOLOV9];

/** The family of that name; `auto`: the only one whose outputs have these shapes. @throws {ModelImportError} */
export function familyOf(file: string, name: string, model: OnnxModel): Family {
  const known = FAMILIES.map((family) => family.name).join(', ');
  if (name !== 'auto') {
    const named = FAMILIES.find((family) => family.name === name);
    if (named) return named;
    throw new ModelImportError(
      'wrong-family',
      `"--family ${name}": expected ${known} or auto, found a family that can't be imported yet; export the model with the graph contract of docs/models.md`,
    );
  }
  const fitting = FAMILIES.filter((family) => family.fits(model));
  if (fitting.length === 1) return fitting[0]!;
  const outputs = model.graph.output.map((output) => {
    const dims = output.type?.tensorType.shape?.dim ?? [];
    return `${output.name} [${dims.map((dim) => dim.dimValue ?? dim.dimParam ?? '?').join(', ')}]`;
  });
  throw new ModelImportError(
    'wrong-family',
    `"${file}": expected outputs of one of ${known}, found ${outputs.join(', ')}, which fit ${fitting.length === 0 ? 'none' : 'several'}; name it with --family`,
  );
}
