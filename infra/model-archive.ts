import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { create } from 'tar';
import { type Manifest, manifestSchema } from '../core/manifest';
import { parseJson } from '../core/parse-json';

export interface PackedModel {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
}

/**
 * Packs a bundle's manifest and the files that it names as SageMaker unpacks it: the same folder gives the same bytes, whoever packs it.
 * Weights hardly shrink, so nothing is compressed: no version of zlib can make other bytes of it.
 * @param cache folder in which archives are made, each under its sha256
 * @throws {pulumi.RunError} for a folder that is no bundle, or was changed after it was made
 */
export function packModel(folder: string, cache: string): PackedModel {
  const { name, files, checks } = readManifest(folder);
  for (const { file, sha256 } of files) {
    const found = sha256Of(readPart(folder, file));
    if (found !== sha256) {
      throw new pulumi.RunError(
        `tierwatch:model: "${join(folder, file)}": expected sha256 ${sha256} as the manifest says, found ${found}; make the bundle again`,
      );
    }
  }
  const names = ['manifest.json', ...files.map(({ file }) => file)];
  const all = [...names, ...checks.map(({ image }) => image)].sort();
  mkdirSync(cache, { recursive: true });
  const aside = join(cache, `.${process.pid}.part`);
  const gzip = { level: 0, portable: true };
  create({ sync: true, file: aside, cwd: folder, gzip, portable: true, mtime: new Date(0) }, all);
  const sha256 = sha256Of(readFileSync(aside));
  const file = join(cache, `${sha256}.tar.gz`);
  renameSync(aside, file);
  return { name, file, sha256 };
}

function readManifest(folder: string): Manifest {
  const parsed = manifestSchema.safeParse(
    parseJson(readPart(folder, 'manifest.json').toString('utf8')),
  );
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new pulumi.RunError(
    `tierwatch:model: "${join(folder, 'manifest.json')}": ${issue?.path.join('.') || 'manifest'}: ${issue?.message}; make the bundle again`,
  );
}

function readPart(folder: string, file: string): Buffer {
  try {
    return readFileSync(join(folder, file));
  } catch {
    throw new pulumi.RunError(
      `tierwatch:model: expected a model bundle with "${file}" in "${folder}", found none; make one with "tierwatch model import", or name its folder`,
    );
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
