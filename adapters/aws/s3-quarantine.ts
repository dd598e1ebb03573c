import { CopyObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Quarantine, Rejection } from '../../core/ports';
import { isNamed, statusOf } from './errors';

export interface S3QuarantineOptions {
  readonly footageBucket: string;
  readonly quarantineBucket: string;
}

/** CopyObject's limit: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const MAX_COPY_BYTES_NAMED = ['EntityTooLarge', 'InvalidRequest'];

/**
 * Rejected footage: a copy with its reason beside it, then the record. The original stays where it is and
 * expires by lifecycle.
 */
export class S3Quarantine implements Pick<Quarantine, 'reject'> {
  constructor(
    private readonly s3: S3Client,
    private readonly records: Pick<Quarantine, 'reject'>,
    private readonly options: S3QuarantineOptions,
  ) {}

  async reject(rejection: Rejection): Promise<void> {
    const { footageBucket, quarantineBucket } = this.options;
    const { key } = rejection;
    const isCopied = await this.copy(key);
    await this.s3.send(
      new PutObjectCommand({
        Bucket: quarantineBucket,
        Key: `${key}.json`,
        Body: JSON.stringify({ ...rejection, bucket: footageBucket, isCopied }, null, 2),
        ContentType: 'application/json',
      }),
    );
    await this.records.reject(rejection);
  }

  /** @returns false where there is nothing left to copy, or more than S3 copies in one call */
  private async copy(key: string): Promise<boolean> {
    const { footageBucket, quarantineBucket } = this.options;
    const source = `${footageBucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
    try {
      await this.s3.send(
        new CopyObjectCommand({ Bucket: quarantineBucket, Key: key, CopySource: source }),
      );
      return true;
    } catch (error) {
      const isGone = isNamed(error, 'NoSuchKey') || statusOf(error) === 404;
      if (isGone || isNamed(error, ...MAX_COPY_BYTES_NAMED)) return false;
      throw error;
    }
  }
}
