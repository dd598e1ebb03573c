import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { TierwatchError } from '../../core/errors';
import type { SnapshotStore } from '../../core/ports';
import { isNamed } from './errors';

/** A key that no part of the platform makes: somebody made it up. */
export class UnsafeSnapshotKeyError extends TierwatchError {
  override readonly name = 'UnsafeSnapshotKeyError';
  constructor(key: string) {
    super(
      `"${key.slice(0, 300)}": expected a key of names between single slashes, found another form`,
      { code: 'unsafe-key', retryable: false },
    );
  }
}

/** Snapshots in their own bucket; an object is there whole or not at all. */
export class S3Snapshots implements SnapshotStore {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  /** @throws {UnsafeSnapshotKeyError} */
  async put(key: string, jpeg: Uint8Array): Promise<void> {
    requireSafe(key);
    await this.s3.send(
      new PutObjectCommand({
        Bucket: this.bucket,
        Key: key,
        Body: jpeg,
        ContentType: 'image/jpeg',
      }),
    );
  }

  async get(key: string): Promise<Uint8Array | null> {
    requireSafe(key);
    try {
      const command = new GetObjectCommand({ Bucket: this.bucket, Key: key });
      return await (await this.s3.send(command)).Body!.transformToByteArray();
    } catch (error) {
      if (isNamed(error, 'NoSuchKey')) return null;
      throw error;
    }
  }
}

function requireSafe(key: string): void {
  const isSafe = key.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isSafe) throw new UnsafeSnapshotKeyError(key);
}
