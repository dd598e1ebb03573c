import * as z from 'zod';
import { textOf } from '../text-schemas';

const ARCHIVE = 's3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/\\S+\\.tar\\.gz';

export const s3Bundle = textOf(
  new RegExp(`^${ARCHIVE}$`),
  'an archive in S3, such as s3://YOUR-MODELS/high.tar.gz',
);

export const modelSchema = z.strictObject({
  bundle: textOf(
    new RegExp(`^(${ARCHIVE}|[^:]+)$`),
    'a folder, or an archive in S3 such as s3://YOUR-MODELS/high.tar.gz',
  ).describe('Folder of the bundle from the project’s root, or the archive of one, s3://….tar.gz'),
  sha256: textOf(/^[0-9a-f]{64}$/, '64 characters of 0-9 and a-f')
    .optional()
    .describe('Of the archive, as the output "model" tells it; s3://… needs it'),
});
