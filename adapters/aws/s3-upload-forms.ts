import type { S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import type { UploadForm, UploadTerms } from '../../core/upload-form';

/** Forms for one upload each: this key, this type, these many bytes. */
export class S3UploadForms {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  async make({ objectKey, bytes, type, seconds }: UploadTerms): Promise<UploadForm> {
    return createPresignedPost(this.s3, {
      Bucket: this.bucket,
      Key: objectKey,
      Conditions: [
        ['eq', '$key', objectKey],
        ['eq', '$Content-Type', type],
        ['content-length-range', bytes, bytes],
      ],
      Fields: { 'Content-Type': type },
      Expires: seconds,
    });
  }
}
