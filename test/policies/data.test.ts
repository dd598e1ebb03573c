import { describe, expect, it } from 'vitest';
import * as data from '../../policies/data';
import { arnOf, made, messages, spoil, without } from './judged';

const ACCOUNT = { StringEquals: { 'aws:SourceAccount': '123456789012' } };
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
  forceDestroy: false,
});
const ofBucket = { bucket: [bucket] };
const encryption = made(
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration',
  'footage',
  {
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
  { policy: documentOf(tlsOnly(BOTH)) },
  ofBucket,
);
const queue = made('aws:sqs/queue:Queue', 'cpu', { sqsManagedSseEnabled: true });
const topic = made('aws:sns/topic:Topic', 'ops', { kmsMasterKeyId: 'alias/aws/sns' });
const sends = (change = {}) =>
  documentOf({
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arnOf('sqs', 'landed'),
    Condition: ACCOUNT,
    ...change,
  });
const queuePolicy = made('aws:sqs/queuePolicy:QueuePolicy', 'landed', { policy: sends() });
const lambda = made('aws:lambda/function:Function', 'route', { name: 'route' });
const logs = made('aws:cloudwatch/logGroup:LogGroup', 'route', {
  name: '/aws/lambda/route',
  retentionInDays: 30,
});
const table = made('aws:dynamodb/table:Table', 'store', {
  deletionProtectionEnabled: true,
  pointInTimeRecovery: { enabled: true },
});
const GOOD = [
  bucket,
  encryption,
  block,
  bucketPolicy,
  queue,
  topic,
  queuePolicy,
  lambda,
  logs,
  table,
];

describe('the rules of data', () => {
  it.each(data.DATA_RULES)('$name passes a good stack', (rule) => {
    expect(messages(rule, GOOD)).toEqual([]);
  });

  it('a bucket is encrypted, with a bucket key where KMS does it', () => {
    const fix = data.bucketIsEncrypted.fix;
    expect(messages(data.bucketIsEncrypted, without(GOOD, encryption))).toEqual([
      `"footage": expected encryption at rest, found none; ${fix}`,
    ]);
    const rules = [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms' } }];
    expect(messages(data.bucketIsEncrypted, spoil(GOOD, encryption, { rules }))).toEqual([
      `"footage": expected encryption at rest, found KMS without a bucket key; ${fix}`,
    ]);
  });

  it('a bucket blocks public access in all four ways', () => {
    const fix =
      'add a BucketPublicAccessBlock with blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets: true';
    expect(messages(data.bucketIsPrivate, without(GOOD, block))).toEqual([
      `"footage": expected all public access blocked, found no block; ${fix}`,
    ]);
    expect(
      messages(data.bucketIsPrivate, spoil(GOOD, block, { ignorePublicAcls: undefined })),
    ).toEqual([`"footage": expected all public access blocked, found no ignorePublicAcls; ${fix}`]);
  });

  it.each([
    ['objects are left out', tlsOnly(BOTH.slice(0, 1))],
    ['the bucket is left out', tlsOnly(BOTH.slice(1))],
    ['one principal is meant', tlsOnly(BOTH, { Principal: { AWS: arnOf('iam', 'root') } })],
    [
      'the condition is turned round',
      tlsOnly(BOTH, { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
    ],
  ])('a bucket refuses plaintext: not where %s', (_, statement) => {
    const policy = documentOf(statement);
    expect(messages(data.bucketRefusesPlaintext, spoil(GOOD, bucketPolicy, { policy }))).toEqual([
      '"footage": expected requests without TLS to be denied, found them allowed; add a BucketPolicy that denies s3:* to * on the bucket and its objects where aws:SecureTransport is false',
    ]);
  });

  it('a bucket has a policy at all', () => {
    expect(messages(data.bucketRefusesPlaintext, without(GOOD, bucketPolicy))).toEqual([
      expect.stringContaining(
        '"footage": expected requests without TLS to be denied, found no bucket policy;',
      ),
    ]);
  });

  it.each([
    [queue, { sqsManagedSseEnabled: undefined }],
    [topic, { kmsMasterKeyId: undefined }],
  ])('messages are encrypted at rest', (resource, change) => {
    expect(messages(data.messagesAreEncrypted, spoil(GOOD, resource, change))).toEqual([
      `"${resource.name}": expected encryption at rest, found none; set sqsManagedSseEnabled (queue), kmsMasterKeyId (queue, topic) or serverSideEncryption (stream)`,
    ]);
  });

  it.each([
    [{ Principal: '*' }, 'everybody'],
    [{ Principal: { AWS: ['*'] } }, 'everybody'],
    [{ Condition: {} }, 's3.amazonaws.com on behalf of any account'],
  ])('a policy is not public: %j', (change, found) => {
    const spoiled = spoil(GOOD, queuePolicy, { policy: sends(change) });
    expect(messages(data.policyIsNotPublic, spoiled)).toEqual([
      `"landed": expected named principals, found ${found}; name the principal, and give a service the condition aws:SourceAccount or aws:SourceArn`,
    ]);
  });

  it('a function has its log group, with a retention', () => {
    const fix = 'add a LogGroup named /aws/lambda/<function> with retentionInDays';
    const expected = 'expected the log group "/aws/lambda/route" with a retention';
    expect(messages(data.functionKeepsItsLogs, without(GOOD, logs))).toEqual([
      `"route": ${expected}, found no such group; ${fix}`,
    ]);
    expect(
      messages(data.functionKeepsItsLogs, spoil(GOOD, logs, { retentionInDays: undefined })),
    ).toEqual([`"route": ${expected}, found one that is kept for ever; ${fix}`]);
  });

  it('a table is protected and recoverable', () => {
    const message = (found: string) =>
      `"store": expected deletion protection and point-in-time recovery, found ${found}; set deletionProtectionEnabled: true and pointInTimeRecovery: { enabled: true }`;
    const spoiled = (change: object) =>
      messages(data.tableIsProtected, spoil(GOOD, table, { ...change }));
    expect(spoiled({ deletionProtectionEnabled: false })).toEqual([
      message('no deletion protection'),
    ]);
    expect(spoiled({ pointInTimeRecovery: undefined })).toEqual([
      message('no point-in-time recovery'),
    ]);
  });

  it('a bucket is kept', () => {
    expect(messages(data.bucketIsKept, spoil(GOOD, bucket, { forceDestroy: true }))).toEqual([
      '"footage": expected forceDestroy: false, found true; set forceDestroy: false',
    ]);
  });
});
