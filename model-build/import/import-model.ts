import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Manifest } from '../../core/manifest';
import { type BundleDraft, writeBundle } from '../bundle';
import { ModelImportError } from '../errors';
import { decodeModel, encodeModel } from '../onnx/model';
import { withCheckPictures } from './check-pictures';
import { keptIndexes, readClassNames } from './class-names';
import { familyOf } from './families';
import { requireKnownOpset } from './graph-editor';
import { type Proof, proofPictures, proveEqual } from './proof';
import type { ImportShape } from './yolox';

export interface ImportRequest {
  readonly weights: string;
  readonly family: string;
  readonly classes: string;
  readonly keep: readonly string[] | null;
  readonly inputs: readonly ImportShape[];
  readonly licence: string;
  readonly source: string;
  readonly name: string;
  readonly out: string;
}

const MAX_DETECTIONS = 100;
const PROOF_PICTURES = 4;

/**
 * Turns trained weights into a bundle: rewrites the graph for every input shape, proves at the original
 * shape that the answers are the same, and only then writes the folder.
 * @throws {ModelImportError}
 */
export async function importModel(
  request: ImportRequest,
): Promise<{ manifest: Manifest; proof: Proof }> {
  const { weights, classes, inputs } = request;
  const bytes = readWeights(weights);
  const model = decodeModel(weights, bytes);
  requireKnownOpset(weights, model);
  const family = familyOf(weights, request.family, model);
  const names = readClassNames(classes);
  const count = family.classCount(weights, model);
  if (count !== names.length) {
    throw new ModelImportError(
      'missing-classes',
      `"${weights}": expected ${count} class names as the graph has, found ${names.length} in "${classes}"`,
    );
  }
  const kept = request.keep ?? names;
  const keep = keptIndexes(names, kept);
  const rewrite = (shape: ImportShape): Uint8Array =>
    encodeModel(family.rewrite(weights, model, { ...shape, keep, maxDetections: MAX_DETECTIONS }));
  const shape = originalShape(weights, model);
  const proof = await proveEqual(
    weights,
    { original: bytes, rewritten: rewrite(shape) },
    { family, shape, keep, pictures: proofPictures(shape, PROOF_PICTURES) },
  );
  const draft: BundleDraft = {
    manifest: {
      schemaVersion: 1,
      name: request.name,
      version: '1',
      grade: 'production',
      family: family.name,
      classes: [...kept],
      licence: request.licence,
      source: { url: request.source, sha256: createHash('sha256').update(bytes).digest('hex') },
      letterbox: { fill: 114, align: 'top-left' },
      nms: { iouThreshold: 0.45 },
      maxDetections: MAX_DETECTIONS,
      benchmarks: [],
      choice: [],
      accuracy: [],
      checks: [],
    },
    graphs: inputs.map((input) => ({ variant: 'fp32', ...input, bytes: rewrite(input) })),
    images: [],
  };
  return { manifest: writeBundle(request.out, await withCheckPictures(draft)), proof };
}

function readWeights(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ModelImportError(
      'not-onnx',
      `"${file}": expected an ONNX file, found none that can be read`,
      cause,
    );
  }
}

function originalShape(file: string, model: ReturnType<typeof decodeModel>): ImportShape {
  const dims = model.graph.input[0]?.type?.tensorType?.shape?.dim ?? [];
  const [, channels, heightPx, widthPx] = dims.map((dim) => dim.dimValue ?? 0);
  if (dims.length === 4 && channels === 3 && heightPx && widthPx) return { heightPx, widthPx };
  throw new ModelImportError(
    'bad-input-shape',
    `"${file}": expected an input [1, 3, height, width] with fixed sizes, found [${dims.map((dim) => dim.dimValue ?? dim.dimParam).join(', ')}]; export with static shapes`,
  );
}
