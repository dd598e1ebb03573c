import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

export interface PrivateBucketArgs {
  /** Customer's key; absent: S3's own. */
  readonly key?: aws.kms.Key | undefined;
  /** @default false */
  readonly isVersioned?: boolean;
  /** What the bucket's lifecycle does beside ending incomplete uploads and old versions. */
  readonly rules?: readonly aws.types.input.s3.BucketLifecycleConfigurationRule[];
  readonly isProtected: boolean;
  /** Its policy is made by `letDeliver`, once there is who may read. @default false */
  readonly isDelivered?: boolean;
}

const NONCURRENT_DAYS = 1;
const INCOMPLETE_UPLOAD_DAYS = 1;

/** A bucket that nobody but the platform's roles reads, over TLS alone, encrypted and with a lifecycle. */
export class PrivateBucket extends pulumi.ComponentResource {
  readonly bucket: aws.s3.Bucket;
  readonly objectsArn: pulumi.Output<string>;
  private readonly block: aws.s3.BucketPublicAccessBlock;

  constructor(name: string, args: PrivateBucketArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:PrivateBucket', name, {}, options);
    const parent = { parent: this };
    this.bucket = new aws.s3.Bucket(
      name,
      { forceDestroy: !args.isProtected },
      { ...parent, protect: args.isProtected },
    );
    const bucket = this.bucket.id;
    this.objectsArn = pulumi.interpolate`${this.bucket.arn}/*`;
    this.block = new aws.s3.BucketPublicAccessBlock(
      name,
      {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      parent,
    );
    if (!args.isDelivered) this.decide(name, []);
    new aws.s3.BucketServerSideEncryptionConfiguration(
      name,
      { bucket, rules: [encryptionRule(args.key)] },
      parent,
    );
    new aws.s3.BucketVersioning(
      name,
      {
        bucket,
        versioningConfiguration: { status: args.isVersioned ? 'Enabled' : 'Suspended' },
      },
      parent,
    );
    new aws.s3.BucketLifecycleConfiguration(
      name,
      { bucket, rules: [HOUSEKEEPING, ...(args.rules ?? [])] },
      parent,
    );
    this.registerOutputs({ bucket: this.bucket.id });
  }

  /** One distribution of CloudFront reads objects; nobody else wins anything. */
  letDeliver(name: string, distributionArn: pulumi.Output<string>): void {
    this.decide(name, [
      {
        Sid: 'Delivery',
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: 's3:GetObject',
        Resource: this.objectsArn,
        Condition: { StringEquals: { 'aws:SourceArn': distributionArn } },
      },
    ]);
  }

  private decide(name: string, allowed: readonly object[]): void {
    const policy = pulumi.jsonStringify({
      Version: '2012-10-17',
      Statement: [tlsOnly(this.bucket.arn), ...allowed],
    });
    new aws.s3.BucketPolicy(
      name,
      { bucket: this.bucket.id, policy },
      { parent: this, dependsOn: [this.block] },
    );
  }
}

const HOUSEKEEPING: aws.types.input.s3.BucketLifecycleConfigurationRule = {
  id: 'housekeeping',
  status: 'Enabled',
  filter: {},
  abortIncompleteMultipartUpload: { daysAfterInitiation: INCOMPLETE_UPLOAD_DAYS },
  noncurrentVersionExpiration: { noncurrentDays: NONCURRENT_DAYS },
};

/** A rule that deletes everything of a bucket after some days. */
export function expireAfter(days: number): aws.types.input.s3.BucketLifecycleConfigurationRule {
  return { id: `expire-after-${days}-days`, status: 'Enabled', filter: {}, expiration: { days } };
}

function encryptionRule(
  key: aws.kms.Key | undefined,
): aws.types.input.s3.BucketServerSideEncryptionConfigurationRule {
  if (!key) return { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } };
  return {
    applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: key.arn },
    bucketKeyEnabled: true,
  };
}

function tlsOnly(arn: pulumi.Output<string>) {
  return {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [arn, pulumi.interpolate`${arn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}
