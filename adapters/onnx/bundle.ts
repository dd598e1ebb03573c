import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  chooseVariant,
  type GraphFile,
  type Manifest,
  manifestSchema,
  type Variant,
} from '../../core/manifest';
import { readCpuFeatures } from './cpu-features';
import { ModelBundleError } from './errors';

export interface ModelBundle {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Of manifest.json, which holds the sha256 of every graph: names the model in the analysisId. */
  readonly sha256: string;
}

/** Reads and checks manifest.json. @throws {ModelBundleError} */
export function readBundle(folder: string): ModelBundle {
  const file = join(folder, 'manifest.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ModelBundleError(
      `"${folder}": expected a model bundle, found no manifest.json; make one with "tierwatch model import"`,
      cause,
    );
  }
  const manifest = parseManifest(file, text);
  return { folder, manifest, sha256: modelSha256(manifest) };
}

/** What there is to say of a bundle. `variant`: what this processor takes; null: it is timed at each start. */
export function factsOf({ manifest, sha256 }: ModelBundle): {
  readonly name: string;
  readonly version: string;
  readonly grade: string;
  readonly sha256: string;
  readonly variant: Variant | null;
  readonly choice: Manifest['choice'];
} {
  const { name, version, grade, choice } = manifest;
  const variant = chooseVariant(manifest, readCpuFeatures());
  return { name, version, grade, sha256, variant, choice };
}

/** The bytes of one graph, checked against the manifest. @throws {ModelBundleError} */
export function readGraph({ folder }: ModelBundle, { file, sha256 }: GraphFile): Buffer {
  const bytes = readFileOf(folder, file);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return bytes;
  throw new ModelBundleError(
    `"${join(folder, file)}": expected sha256 ${sha256}, found ${found}; the file was changed or cut off: make the bundle again`,
  );
}

/** Reads and checks every graph that the manifest names. @throws {ModelBundleError} */
export function requireGraphs(bundle: ModelBundle): void {
  for (const graph of bundle.manifest.files) readGraph(bundle, graph);
}

export function readFileOf(folder: string, file: string): Buffer {
  try {
    return readFileSync(join(folder, file));
  } catch (cause) {
    throw new ModelBundleError(
      `"${join(folder, file)}": expected the file that the manifest names, found none; make the bundle again`,
      cause,
    );
  }
}

function parseManifest(file: string, text: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ModelBundleError(
      `"${file}": expected JSON, found text that is none; make the bundle again`,
      cause,
    );
  }
  const version = (json as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === 'number' && version > 1) {
    throw new ModelBundleError(
      `"${file}": expected schemaVersion 1, found ${version}: made by a newer Tierwatch; update this one`,
    );
  }
  // Read once a process: to compile what checks it would take longer than the check.
  const parsed = manifestSchema.safeParse(json, { jitless: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ModelBundleError(
    `"${file}": ${issue?.path.join('.') || 'manifest'}: ${issue?.message}; make the bundle again`,
  );
}

/** Identity of what the model computes: graphs, classes and how boxes are read; measurements don't change it. */
function modelSha256({ files, classes, letterbox, nms }: Manifest): string {
  const identity = { files: files.map((file) => file.sha256).sort(), classes, letterbox, nms };
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
