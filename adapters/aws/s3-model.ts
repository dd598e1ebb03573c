import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { extract } from 'tar';
import { ModelBundleError } from '../onnx/errors';

export interface ModelArchive {
  /** `s3://bucket/key.tar.gz` */
  readonly uri: string;
  readonly sha256: string;
}

/** A bundle is flat: nothing in an archive is written anywhere else. */
const FLAT_NAME = /^(\.\/)?[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * Fetches a model bundle, checks the archive before anything of it is read, and unpacks it.
 * @returns the folder
 * @throws {ModelBundleError} for an archive that is another one
 */
export async function fetchModel(s3: S3Client, { uri, sha256 }: ModelArchive): Promise<string> {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri)!;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const bytes = await Body!.transformToByteArray();
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) {
    throw new ModelBundleError(
      `"${uri}": expected sha256 ${sha256}, found ${found}; write the archive’s own in tierwatch:model, or the archive that was meant`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'tierwatch-model-'));
  try {
    const file = join(folder, 'bundle.tar.gz');
    await writeFile(file, bytes);
    await extract({ file, cwd: folder, strict: true, filter: (path) => FLAT_NAME.test(path) });
    await rm(file);
    return folder;
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw new ModelBundleError(`"${uri}": expected a tar.gz of a model bundle, found none`, cause);
  }
}
