import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Manifest, manifestSchema } from '../../core/manifest';
import { type BundleDraft, requireReplaceable, writeBundle } from '../bundle';
import { ModelImportError } from '../errors';
import { decodeModel, encodeModel, type OnnxModel } from '../onnx/model';
import { withCheckPictures } from './check-pictures';
import { defaultClasses, keptIndexes, readClassNames } from './class-names';
import { familyOf, requireFamily } from './families';
import {
  describeTensors,
  dimsOf,
  type Family,
  type ImportShape,
  type ImportTarget,
} from './family';
import { picturesOf, requireKnownOpset, requireWhole } from './opset';
import { PIXEL_FORMS, type PixelFormName } from './pixels';
import { type Proof, proveEqual } from './proof';
import { proofPictures } from './proof-pictures';
import { knownOutputs } from './run-graph';

export interface ImportRequest {
  readonly weights: string;
  readonly family: string;
  readonly classes: string;
  /** @default the road's classes of COCO, all of another file */
  readonly keep?: readonly string[];
  /** @default the export's shape, and 256x416 besides where the family takes others */
  readonly inputs?: readonly ImportShape[];
  /** What the exported graph takes, a name of PIXEL_FORMS. @default the family's */
  readonly pixels?: string;
  readonly licence: string;
  readonly source: string;
  readonly name: string;
  readonly out: string;
}

export interface Imported {
  readonly manifest: Manifest;
  readonly proof: Proof;
  /** How the export was read, in a clause. */
  readonly says: string;
}

const MAX_DETECTIONS = 100;
const PROOF_PICTURES = 4;
const WIDE: ImportShape = { heightPx: 256, widthPx: 416 };

/**
 * Turns trained weights into a bundle: rewrites the graph for every input shape, proves where the original
 * runs that the answers are the same, and only then writes the folder.
 * @throws {ModelImportError}
 */
export async function importModel(request: ImportRequest): Promise<Imported> {
  const { weights, name } = request;
  requireAbout(request);
  requireFamily(request.family);
  requireReplaceable(request.out);
  const bytes = readWeights(weights);
  const model = decodeModel(weights, bytes);
  requireKnownOpset(weights, model);
  requireWhole(weights, model);
  const exported = exportedShape(weights, model);
  const probe = exported ?? request.inputs?.[0] ?? WIDE;
  model.graph.output = await knownOutputs(weights, bytes, { model, shape: probe });
  const family = familyOf(weights, request.family, model);
  const names = readClassNames(request.classes);
  const reading = family.read(weights, model, names);
  const kept = request.keep ?? defaultClasses(request.classes, names);
  const keep = keptIndexes(names, kept);
  const [pixelsName, pixels] = pixelsOf(weights, family, request.pixels);
  const inputs = shapesOf(weights, { family, exported, given: request.inputs });
  const maxDetections = Math.min(MAX_DETECTIONS, reading.answers ?? MAX_DETECTIONS);
  const rewrite = (shape: ImportShape): Uint8Array => {
    const target: ImportTarget = { ...shape, pixels, keep, maxDetections };
    return encodeModel(reading.rewrite(target));
  };
  const proofs: Proof[] = [];
  for (const shape of exported ? [exported] : inputs) {
    const pictures = proofPictures(shape, PROOF_PICTURES);
    const graphs = { original: bytes, rewritten: rewrite(shape) };
    const context = { reading, pixels, shape, keep, pictures };
    proofs.push(await proveEqual(weights, graphs, context));
  }
  const draft: BundleDraft = {
    manifest: {
      schemaVersion: 1,
      name,
      version: '1',
      grade: 'production',
      family: family.name,
      classes: [...kept],
      licence: request.licence,
      source: { url: request.source, sha256: createHash('sha256').update(bytes).digest('hex') },
      letterbox: { fill: 114, align: 'top-left' },
      nms: reading.nms,
      maxDetections,
      benchmarks: [],
      choice: [],
      accuracy: [],
      checks: [],
    },
    graphs: inputs.map((input) => ({ variant: 'fp32', ...input, bytes: rewrite(input) })),
    images: [],
  };
  const manifest = writeBundle(request.out, await withCheckPictures(draft));
  const says = `${reading.says}; pictures as ${pixelsName}`;
  return { manifest, proof: joined(proofs), says };
}

function joined(proofs: readonly Proof[]): Proof {
  return {
    pictures: proofs.reduce((sum, { pictures }) => sum + pictures, 0),
    worstConfidenceGap: Math.max(...proofs.map((one) => one.worstConfidenceGap)),
    worstBoxGapPx: Math.max(...proofs.map((one) => one.worstBoxGapPx)),
  };
}

function requireAbout({ name, licence, source }: ImportRequest): void {
  const fault = (option: string, given: string, expected: string): ModelImportError =>
    new ModelImportError('bad-name', `"${option} ${given}": expected ${expected}`);
  if (!manifestSchema.shape.name.safeParse(name).success) {
    const expected = 'up to 63 of a-z, 0-9, "." and "-", beginning with a letter or digit';
    throw fault('--name', name, expected);
  }
  if (!licence.trim()) throw fault('--licence', licence, 'the licence of the weights, found none');
  if (!source.trim()) throw fault('--source', source, 'where the weights came from, found nothing');
}

function pixelsOf(file: string, family: Family, given: string | undefined) {
  const known = Object.keys(PIXEL_FORMS).join(', ');
  const name = given ?? family.pixels;
  if (name === null) {
    throw new ModelImportError(
      'unknown-pixels',
      `"${file}": expected --pixels (${known}), since exports of family ${family.name} differ and the graph does not say what pictures it was trained on; DETR takes imagenet, RT-DETR rgb-1, torchvision's SSDlite rgb-signed, pytorch-ssd's MobileNets rgb-127-128`,
    );
  }
  if (Object.hasOwn(PIXEL_FORMS, name) && (family.name !== 'yolox' || name === family.pixels))
    return [name, PIXEL_FORMS[name as PixelFormName]] as const;
  throw new ModelImportError(
    'unknown-pixels',
    `"--pixels ${name}": expected ${family.name === 'yolox' ? `${family.pixels} for family yolox` : known}, found another`,
  );
}

/** @throws {ModelImportError} where a shape stands twice, or the export takes another */
function shapesOf(
  file: string,
  about: {
    readonly family: Family;
    readonly exported: ImportShape | null;
    readonly given: readonly ImportShape[] | undefined;
  },
): readonly ImportShape[] {
  const { family, exported, given } = about;
  if (exported === null && family.isReshapeable) {
    throw new ModelImportError(
      'bad-input-shape',
      `"${file}": expected a fixed height and width for family ${family.name}, found dynamic shapes; export with static shapes, --input makes others of it`,
    );
  }
  const isFree = exported === null || family.isReshapeable;
  const inputs = given ?? defaultShapes(exported, isFree);
  const texts = inputs.map(({ heightPx, widthPx }) => `${heightPx}x${widthPx}`);
  if (inputs.length === 0 || new Set(texts).size < texts.length) {
    throw new ModelImportError(
      'bad-input-shape',
      `"--input ${texts.join()}": expected shapes that differ, found one twice or none`,
    );
  }
  const wrong = inputs.find(
    (one) => one.heightPx !== exported?.heightPx || one.widthPx !== exported.widthPx,
  );
  if (isFree || !wrong) return inputs;
  const [own, other] = [exported, wrong].map(({ heightPx, widthPx }) => `${heightPx}x${widthPx}`);
  throw new ModelImportError(
    'bad-input-shape',
    `"${file}": expected --input ${own}, which it was exported at, found ${other}; export the weights at that shape, or with dynamic height and width`,
  );
}

function defaultShapes(exported: ImportShape | null, isFree: boolean): ImportShape[] {
  if (!exported) return [WIDE];
  return isFree ? [WIDE, exported] : [exported];
}

function readWeights(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ModelImportError(
      'not-onnx',
      `"${file}": expected an ONNX file, found none that can be read; check the path`,
      cause,
    );
  }
}

/** The export's shape; null where its height and width are free. @throws {ModelImportError} */
function exportedShape(file: string, model: OnnxModel): ImportShape | null {
  const pictures = picturesOf(model);
  const [, channels, heightPx, widthPx] = dimsOf(pictures[0]);
  if (pictures.length === 1 && channels === 3 && heightPx !== undefined && widthPx !== undefined) {
    if (heightPx && widthPx) return { heightPx, widthPx };
    if (!heightPx && !widthPx) return null;
  }
  throw new ModelImportError(
    'bad-input-shape',
    `"${file}": expected one input [1, 3, height, width], its sides both fixed or both free, found ${describeTensors(pictures)}; export with static shapes`,
  );
}
