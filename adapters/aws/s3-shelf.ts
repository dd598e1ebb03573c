import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  type S3Client,
} from '@aws-sdk/client-s3';
import { TierwatchError } from '../../core/errors';
import type { FootageShelf, ShelvedObject } from '../../core/ports';

/** S3 kept some of the objects that were to be deleted. */
export class FootageDeleteError extends TierwatchError {
  override readonly name = 'FootageDeleteError';
  constructor(bucket: string, failed: readonly { Code?: string | undefined }[]) {
    const codes = [...new Set(failed.map(({ Code }) => Code ?? 'unknown'))].join(', ');
    super(
      `"${bucket}": expected to delete all expired footage, found ${failed.length} refused: ${codes}; check the bucket's policy and object lock`,
      { code: 'footage-delete', retryable: true },
    );
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const MAX_BATCH = 1000;
/** What a bucket without versions calls the only one. */
const NO_VERSION = 'null';

/** The footage bucket, listed and deleted from by version. */
export class S3Shelf implements FootageShelf {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  async *list(prefix: string): AsyncIterable<ShelvedObject> {
    let [KeyMarker, VersionIdMarker]: (string | undefined)[] = [];
    do {
      const page: ListObjectVersionsCommandOutput = await this.s3.send(
        new ListObjectVersionsCommand({
          Bucket: this.bucket,
          Prefix: prefix,
          ...(KeyMarker ? { KeyMarker } : {}),
          ...(VersionIdMarker ? { VersionIdMarker } : {}),
        }),
      );
      for (const version of page.Versions ?? []) if (version.IsLatest) yield shelvedOf(version);
      [KeyMarker, VersionIdMarker] = [page.NextKeyMarker, page.NextVersionIdMarker];
    } while (KeyMarker);
  }

  /** @throws {FootageDeleteError} */
  async delete(objects: readonly ShelvedObject[]): Promise<void> {
    for (let from = 0; from < objects.length; from += MAX_BATCH) {
      const batch = objects.slice(from, from + MAX_BATCH);
      const { Errors = [] } = await this.s3.send(
        new DeleteObjectsCommand({
          Bucket: this.bucket,
          Delete: { Quiet: true, Objects: batch.map(identifierOf) },
        }),
      );
      if (Errors.length > 0) throw new FootageDeleteError(this.bucket, Errors);
    }
  }
}

/** As route names a version: its id, or the ETag where the bucket keeps none. */
function shelvedOf({ Key, VersionId, ETag, Size }: ObjectVersion): ShelvedObject {
  const isVersioned = VersionId !== undefined && VersionId !== NO_VERSION;
  const objectVersion = isVersioned ? VersionId : (ETag ?? '').replaceAll('"', '');
  return { objectKey: Key!, objectVersion, bytes: Size ?? 0 };
}

const ETAG = /^[0-9a-f]{32}(-\d{1,5})?$/;

function identifierOf({ objectKey, objectVersion }: ShelvedObject) {
  return ETAG.test(objectVersion)
    ? { Key: objectKey }
    : { Key: objectKey, VersionId: objectVersion };
}
