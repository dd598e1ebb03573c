import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { LandedObject } from '../../core/identify-segment';
import { type Extent, mp4Extents, type SecondsRange } from '../video/mp4-extents';
import {
  FootageDeniedError,
  FootageGoneError,
  FootageOverLimitError,
  isNamed,
  statusOf,
  TemporarySpaceError,
} from './errors';

/** An ETag of S3: MD5, or MD5 and a count of parts; anything else is a version id. */
const ETAG = /^[0-9a-f]{32}(-\d{1,5})?$/;

export interface S3FootageOptions {
  /** The only bucket that is ever read. */
  readonly bucket: string;
  /** Where files lie while they are worked. @default the system's temporary folder */
  readonly folder?: string;
}

export interface FetchOptions {
  /** Largest object that is fetched at all. */
  readonly maxBytes: number;
  /** What of a long recording is worked; null: all of it. */
  readonly range?: SecondsRange | null;
}

/** Where the index of an MP4 lies that was written to be streamed. */
const HEAD: Extent = { from: 0, to: 1024 * 1024 };

/** Reads the very version of an object that was announced, as a temporary file. */
export class S3Footage {
  constructor(
    private readonly s3: S3Client,
    private readonly options: S3FootageOptions,
  ) {}

  /**
   * Fetches an object into a file, hands over its path and removes it, whatever happens. The child
   * processes read paths; a file that was just written is read from the page cache. Of a long recording only
   * what a time range needs is fetched, where its container tells: the rest of the file is a hole.
   * @throws {FootageGoneError} {@link FootageDeniedError} {@link FootageOverLimitError}
   */
  async withFile<T>(
    object: LandedObject,
    { maxBytes, range = null }: FetchOptions,
    use: (path: string) => Promise<T>,
  ): Promise<T> {
    const folder = await mkdtemp(join(this.options.folder ?? tmpdir(), 'tierwatch-'));
    try {
      const path = join(folder, `footage${extname(object.key)}`);
      if (!range || !(await this.fetchRange(path, object, { maxBytes, range }))) {
        await this.fetchWhole(path, object, maxBytes);
      }
      return await use(path).catch((error: unknown) => {
        throw withKey(error, path, object.key);
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async fetchWhole(path: string, object: LandedObject, maxBytes: number): Promise<void> {
    const { ContentLength: bytes = 0, Body } = await this.open(object);
    const body = Body as Readable;
    try {
      if (bytes > maxBytes) throw new FootageOverLimitError(object.key, { bytes, maxBytes });
      await requireRoom(path, object.key, bytes);
    } catch (error) {
      body.destroy();
      throw error;
    }
    await pipeline(body, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  }

  /** @returns false where the whole object is needed */
  private async fetchRange(
    path: string,
    object: LandedObject,
    { maxBytes, range }: Pick<FetchOptions, 'maxBytes'> & { readonly range: SecondsRange },
  ): Promise<boolean> {
    const { bytes, head } = await this.head(object);
    if (bytes > maxBytes) throw new FootageOverLimitError(object.key, { bytes, maxBytes });
    const readAt = async (offset: number, length: number): Promise<Buffer> => {
      if (offset + length <= head.length) return head.subarray(offset, offset + length);
      const { Body } = await this.open(object, { from: offset, to: offset + length });
      return Buffer.from(await Body!.transformToByteArray());
    };
    const extents = await mp4Extents(readAt, bytes, range);
    if (!extents) return false;
    const needed = extents.reduce((sum, { from, to }) => sum + to - from, 0);
    await requireRoom(path, object.key, needed);
    await writeFile(path, '', { flag: 'wx', mode: 0o600 });
    await truncate(path, bytes);
    for (const extent of extents) {
      const { Body } = await this.open(object, extent);
      await pipeline(
        Body as Readable,
        createWriteStream(path, { flags: 'r+', start: extent.from }),
      );
    }
    return true;
  }

  /** The first bytes, and how many there are in all. */
  private async head(object: LandedObject): Promise<{ bytes: number; head: Buffer }> {
    const { ContentRange, ContentLength = 0, Body } = await this.open(object, HEAD);
    const total = /\/(\d+)$/.exec(ContentRange ?? '')?.[1];
    const head = Buffer.from(await Body!.transformToByteArray());
    return { bytes: total === undefined ? ContentLength : Number(total), head };
  }

  private async open({ key, objectVersion }: LandedObject, bytes?: Extent) {
    const version = ETAG.test(objectVersion)
      ? { IfMatch: `"${objectVersion}"` }
      : { VersionId: objectVersion };
    const range = bytes ? { Range: `bytes=${bytes.from}-${bytes.to - 1}` } : {};
    try {
      return await this.s3.send(
        new GetObjectCommand({ Bucket: this.options.bucket, Key: key, ...version, ...range }),
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

/** @throws {TemporarySpaceError} */
async function requireRoom(path: string, key: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  const freeBytes = bavail * bsize;
  if (bytes > freeBytes) throw new TemporarySpaceError(key, { bytes, freeBytes });
}

/** An operator knows the key, not where the file lay for a moment. */
function withKey(error: unknown, path: string, key: string): unknown {
  if (error instanceof Error) error.message = error.message.replaceAll(path, key);
  return error;
}
