import { expect, it } from 'vitest';
import { expireAfter, PrivateBucket } from '../../infra/private-bucket';
import { partsOf } from './alone';

const HOUSEKEEPING = {
  id: 'housekeeping',
  status: 'Enabled',
  filter: {},
  abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
  noncurrentVersionExpiration: { noncurrentDays: 1 },
};

it('is private, over TLS, encrypted and kept in order, whatever else it is given', async () => {
  const parts = await partsOf(
    () => new PrivateBucket('films', { isProtected: false, rules: [expireAfter(7)] }),
  );
  const bucket = 'films-id';
  expect(parts).toEqual({
    'Bucket films': { forceDestroy: true },
    'BucketPublicAccessBlock films': {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    'BucketPolicy films': {
      bucket,
      policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'TlsOnly',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: ['arn:aws:s3:::films-id', 'arn:aws:s3:::films-id/*'],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      }),
    },
    'BucketServerSideEncryptionConfiguration films': {
      bucket,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
    },
    'BucketVersioning films': { bucket, versioningConfiguration: { status: 'Suspended' } },
    'BucketLifecycleConfiguration films': {
      bucket,
      rules: [
        HOUSEKEEPING,
        { id: 'expire-after-7-days', status: 'Enabled', filter: {}, expiration: { days: 7 } },
      ],
    },
  });
});

it('is not deleted with what lies in it where it is protected', async () => {
  const parts = await partsOf(() => new PrivateBucket('films', { isProtected: true }));
  expect(parts['Bucket films']).toEqual({ forceDestroy: false });
});
