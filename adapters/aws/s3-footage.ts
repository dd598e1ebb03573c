import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { LandedObject } from '../../core/identify-segment';
import {
  FootageDeniedError,
  FootageGoneError,
  FootageOverLimitError,
  isNamed,
  statusOf,
} from './errors';

/** An ETag of S3: MD5, or MD5 and a count of parts; anything else is a version id. */
const ETAG = /^[0-9a-f]{32}(-\d{1,5})?$/;

export interface S3FootageOptions {
  /** The only bucket that is ever read. */
  readonly bucket: string;
  /** Where files lie while they are worked. @default the system's temporary folder */
  readonly folder?: string;
}

/** Reads the very version of an object that was announced, as a temporary file. */
export class S3Footage {
  constructor(
    private readonly s3: S3Client,
    private readonly options: S3FootageOptions,
  ) {}

  /**
   * Fetches an object into a file, hands over its path and removes it, whatever happens. The child
   * processes read paths; a file that was just written is read from the page cache.
   * @throws {FootageGoneError} {@link FootageDeniedError} {@link FootageOverLimitError}
   */
  async withFile<T>(
    object: LandedObject,
    maxBytes: number,
    use: (path: string) => Promise<T>,
  ): Promise<T> {
    const folder = await mkdtemp(join(this.options.folder ?? tmpdir(), 'tierwatch-'));
    try {
      const path = join(folder, `footage${extname(object.key)}`);
      await this.fetchInto(path, object, maxBytes);
      return await use(path).catch((error: unknown) => {
        throw withKey(error, path, object.key);
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async fetchInto(path: string, object: LandedObject, maxBytes: number): Promise<void> {
    const { ContentLength = 0, Body } = await this.open(object);
    const body = Body as Readable;
    if (ContentLength > maxBytes) {
      body.destroy();
      throw new FootageOverLimitError(object.key, { bytes: ContentLength, maxBytes });
    }
    await pipeline(body, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  }

  private async open({ key, objectVersion }: LandedObject) {
    const version = ETAG.test(objectVersion)
      ? { IfMatch: `"${objectVersion}"` }
      : { VersionId: objectVersion };
    try {
      return await this.s3.send(
        new GetObjectCommand({ Bucket: this.options.bucket, Key: key, ...version }),
      );
    } catch (error) {
      const isGone =
        isNamed(error, 'NoSuchKey', 'NoSuchVersion', 'PreconditionFailed') ||
        [404, 412].includes(statusOf(error));
      if (isGone) throw new FootageGoneError(key, error);
      if (statusOf(error) === 403) throw new FootageDeniedError(key, error);
      throw error;
    }
  }
}

/** An operator knows the key, not where the file lay for a moment. */
function withKey(error: unknown, path: string, key: string): unknown {
  if (error instanceof Error) error.message = error.message.replaceAll(path, key);
  return error;
}
