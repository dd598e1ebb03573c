import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ModelBundleError } from '../adapters/onnx/errors';
import { type Manifest, manifestSchema, type Variant } from '../core/manifest';

export interface BundleDraft {
  readonly manifest: Omit<Manifest, 'files'>;
  readonly graphs: readonly {
    readonly variant: Variant;
    readonly heightPx: number;
    readonly widthPx: number;
    readonly bytes: Uint8Array;
  }[];
  readonly images: readonly { readonly file: string; readonly bytes: Uint8Array }[];
}

/**
 * Writes a bundle beside its place and renames it there: a half-written one is never left. An existing
 * bundle is replaced; any other folder is refused. @throws {ModelBundleError}
 */
export function writeBundle(folder: string, { manifest, graphs, images }: BundleDraft): Manifest {
  requireReplaceable(folder);
  const target = resolve(folder);
  const files = graphs.map(({ variant, heightPx, widthPx, bytes }) => ({
    variant,
    heightPx,
    widthPx,
    file: `${variant}-${heightPx}x${widthPx}.onnx`,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
  }));
  const whole = validManifest(folder, { ...manifest, files });
  const aside = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
  makeFolder(aside, folder);
  try {
    for (const [index, { file }] of files.entries())
      writeFileSync(join(aside, file), graphs[index]!.bytes);
    for (const { file, bytes } of images) writeFileSync(join(aside, file), bytes);
    writeFileSync(join(aside, 'manifest.json'), formatManifest(whole));
    replaceFolder(aside, target);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return whole;
}

/** @throws {ModelBundleError} where no folder can be made */
function makeFolder(aside: string, folder: string): void {
  try {
    mkdirSync(aside, { recursive: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ModelBundleError(
      `"${folder}": expected a place where a folder can be made, found none (${code}); choose another --out`,
      cause,
    );
  }
}

/** @throws {ModelBundleError} where something stands in the bundle's place that is no bundle */
export function requireReplaceable(folder: string): void {
  if (!existsSync(folder) || existsSync(join(folder, 'manifest.json'))) return;
  throw new ModelBundleError(
    `"${folder}": expected a new folder or a bundle to replace, found something else; choose another --out`,
  );
}

/** @throws {ModelBundleError} naming the first field that breaks the schema */
function validManifest(folder: string, manifest: Manifest): Manifest {
  const parsed = manifestSchema.safeParse(manifest);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ModelBundleError(
    `"${folder}": ${issue?.path.join('.') || 'manifest'}: ${issue?.message}; nothing was written`,
  );
}

/** Puts a folder in another's place; the old one is back if that fails. */
function replaceFolder(made: string, target: string): void {
  const old = join(dirname(target), `.${basename(target)}.${process.pid}.old.part`);
  const hadOne = existsSync(target);
  if (hadOne) renameSync(target, old);
  try {
    renameSync(made, target);
  } catch (error) {
    if (hadOne) renameSync(old, target);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

/** The bytes of manifest.json: the same manifest gives the same bytes. */
function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`;
}

/** Replaces manifest.json alone, aside and renamed. */
export function rewriteManifest(folder: string, manifest: Manifest): void {
  const aside = join(folder, `.manifest.${process.pid}.part`);
  const text = formatManifest(validManifest(folder, manifest));
  try {
    writeFileSync(aside, text);
    renameSync(aside, join(folder, 'manifest.json'));
  } finally {
    rmSync(aside, { force: true });
  }
}
