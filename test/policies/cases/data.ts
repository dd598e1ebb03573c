import * as data from '../../../policies/data';
import { arnOf, made, spoil, without } from '../judged';
import type { ThemeCases } from './case';

const tlsOnly = (Resource: readonly string[], change = {}) => ({
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  ...change,
});
const documentOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

const bucket = made('aws:s3/bucket:Bucket', 'footage', {
  arn: 'arn:aws:s3:::footage-1',
  id: 'footage-1',
  forceDestroy: false,
});
/** A second one, without anything of its own but a name that begins alike. */
const other = made('aws:s3/bucket:Bucket', 'footage-2', {
  arn: 'arn:aws:s3:::footage-1-2',
  id: 'footage-1-2',
});
const ofBucket = { bucket: [bucket] };
const encryption = made(
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration',
  'footage',
  {
    bucket: 'footage-1',
    rules: [
      { applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms' }, bucketKeyEnabled: true },
    ],
  },
  ofBucket,
);
const block = made(
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock',
  'footage',
  {
    bucket: 'footage-1',
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  },
  ofBucket,
);
const BOTH = ['arn:aws:s3:::footage-1', 'arn:aws:s3:::footage-1/*'];
const bucketPolicy = made(
  'aws:s3/bucketPolicy:BucketPolicy',
  'footage',
  { bucket: 'footage-1', policy: documentOf(tlsOnly(BOTH)) },
  ofBucket,
);
const queue = made('aws:sqs/queue:Queue', 'cpu', { sqsManagedSseEnabled: true });
const topic = made('aws:sns/topic:Topic', 'ops', { kmsMasterKeyId: 'alias/aws/sns' });
const stream = made('aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream', 'detections', {
  serverSideEncryption: { enabled: true },
});
const lambda = made('aws:lambda/function:Function', 'route', { name: 'route' });
const logs = made('aws:cloudwatch/logGroup:LogGroup', 'route', {
  name: '/aws/lambda/route',
  retentionInDays: 30,
});
const table = made('aws:dynamodb/table:Table', 'store', {
  deletionProtectionEnabled: true,
  pointInTimeRecovery: { enabled: true },
});
const good = [bucket, encryption, block, bucketPolicy, queue, topic, stream, lambda, logs, table];

const encrypted = (rules: readonly object[]) => spoil(good, encryption, { rules });
const denying = (...statements: object[]) =>
  spoil(good, bucketPolicy, { policy: documentOf(...statements) });
const ownGroup = { ...lambda, props: { ...lambda.props, loggingConfig: { logGroup: 'shared' } } };
const PLAINTEXT = '"footage": expected requests without TLS to be denied, found them allowed';

export const DATA: ThemeCases = {
  good,
  rules: [
    {
      rule: data.bucketIsEncrypted,
      fix: 'add a BucketServerSideEncryptionConfiguration with AES256, or aws:kms and bucketKeyEnabled',
      passes: [
        [
          'S3’s own keys',
          encrypted([{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }]),
        ],
      ],
      fails: [
        ['"footage": expected encryption at rest, found none', without(good, encryption)],
        ['"footage-2": expected encryption at rest, found none', [...good, other]],
        [
          '"footage": expected encryption at rest, found KMS without a bucket key',
          encrypted([{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms' } }]),
        ],
        ['"footage": expected encryption at rest, found none', encrypted([{}])],
      ],
    },
    {
      rule: data.bucketIsPrivate,
      fix: 'add a BucketPublicAccessBlock with blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets: true',
      fails: [
        ['"footage": expected all public access blocked, found no block', without(good, block)],
        ['"footage-2": expected all public access blocked, found no block', [...good, other]],
        [
          '"footage": expected all public access blocked, found no ignorePublicAcls',
          spoil(good, block, { ignorePublicAcls: undefined }),
        ],
      ],
    },
    {
      rule: data.bucketRefusesPlaintext,
      fix: 'add a BucketPolicy that denies s3:* to * on the bucket and its objects where aws:SecureTransport is false',
      fails: [
        [
          '"footage": expected requests without TLS to be denied, found no bucket policy',
          without(good, bucketPolicy),
        ],
        // Objects are left out; the bucket is; one principal is meant; the condition is turned round.
        [PLAINTEXT, denying(tlsOnly(BOTH.slice(0, 1)))],
        [PLAINTEXT, denying(tlsOnly(BOTH.slice(1)))],
        [PLAINTEXT, denying(tlsOnly(BOTH, { Principal: { AWS: arnOf('iam', 'root') } }))],
        [
          PLAINTEXT,
          denying(tlsOnly(BOTH, { Condition: { Bool: { 'aws:SecureTransport': 'true' } } })),
        ],
      ],
    },
    {
      rule: data.messagesAreEncrypted,
      fix: 'set sqsManagedSseEnabled (queue), kmsMasterKeyId (queue, topic) or serverSideEncryption (stream)',
      fails: [
        [
          '"cpu": expected encryption at rest, found none',
          spoil(good, queue, { sqsManagedSseEnabled: false }),
        ],
        [
          '"ops": expected encryption at rest, found none',
          spoil(good, topic, { kmsMasterKeyId: undefined }),
        ],
        [
          '"detections": expected encryption at rest, found none',
          spoil(good, stream, { serverSideEncryption: undefined }),
        ],
      ],
    },
    {
      rule: data.functionKeepsItsLogs,
      fix: 'add a LogGroup named /aws/lambda/<function> with retentionInDays',
      fails: [
        [
          '"route": expected the log group "/aws/lambda/route" with a retention, found no such group',
          without(good, logs),
        ],
        [
          '"route": expected the log group "shared" with a retention, found no such group',
          [...without(good, lambda), ownGroup],
        ],
        [
          '"route": expected the log group "/aws/lambda/route" with a retention, found one that is kept for ever',
          spoil(good, logs, { retentionInDays: undefined }),
        ],
      ],
    },
    {
      rule: data.tableIsProtected,
      fix: 'set deletionProtectionEnabled: true and pointInTimeRecovery: { enabled: true }',
      fails: [
        [
          '"store": expected deletion protection and point-in-time recovery, found no deletion protection',
          spoil(good, table, { deletionProtectionEnabled: false }),
        ],
        [
          '"store": expected deletion protection and point-in-time recovery, found no point-in-time recovery',
          spoil(good, table, { pointInTimeRecovery: undefined }),
        ],
      ],
    },
    {
      rule: data.bucketIsKept,
      fix: 'set forceDestroy: false',
      fails: [
        [
          '"footage": expected forceDestroy: false, found true',
          spoil(good, bucket, { forceDestroy: true }),
        ],
      ],
    },
  ],
};
