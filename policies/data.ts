import { evaluate } from '../core/iam/evaluate';
import { isAboutEverybody, statementsOf } from './documents';
import { type Judged, propsOf, type ResourceRule, type StackRule } from './rule';
import { attachedTo, isSet, ofType } from './stack';

const BUCKET = 'aws:s3/bucket:Bucket';

export const bucketIsEncrypted: StackRule = {
  scope: 'stack',
  name: 'bucket-is-encrypted',
  theme: 'data',
  description: 'A bucket says how it encrypts, and a KMS key is used through a bucket key.',
  why: 'Footage shows people. Without a bucket key each object is a KMS request: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html',
  fix: 'add a BucketServerSideEncryptionConfiguration with AES256, or aws:kms and bucketKeyEnabled',
  judges: [BUCKET],
  check(bucket, stack) {
    const type =
      'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration';
    const [configuration] = attachedTo(bucket, { stack, type, property: 'bucket' });
    const expected = 'encryption at rest';
    if (!configuration) return { expected, found: 'none' };
    const { rules = [] } = propsOf<{ rules: readonly EncryptionRule[] }>(configuration);
    const algorithm = rules[0]?.applyServerSideEncryptionByDefault?.sseAlgorithm;
    if (algorithm === 'AES256') return null;
    if (!algorithm?.startsWith('aws:kms')) return { expected, found: algorithm ?? 'none' };
    return rules[0]?.bucketKeyEnabled ? null : { expected, found: 'KMS without a bucket key' };
  },
};

interface EncryptionRule {
  readonly applyServerSideEncryptionByDefault?: { readonly sseAlgorithm?: string };
  readonly bucketKeyEnabled?: boolean;
}

const BLOCKS = [
  'blockPublicAcls',
  'blockPublicPolicy',
  'ignorePublicAcls',
  'restrictPublicBuckets',
] as const;

export const bucketIsPrivate: StackRule = {
  scope: 'stack',
  name: 'bucket-is-private',
  theme: 'data',
  description: 'A bucket blocks public access in all four ways.',
  why: 'One public policy or ACL shows a customer’s premises to everybody; the block holds against both.',
  fix: `add a BucketPublicAccessBlock with ${BLOCKS.join(', ')}: true`,
  judges: [BUCKET],
  check(bucket, stack) {
    const type = 'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock';
    const [block] = attachedTo(bucket, { stack, type, property: 'bucket' });
    const expected = 'all public access blocked';
    if (!block) return { expected, found: 'no block' };
    const open = BLOCKS.filter((name) => block.props[name] !== true);
    return open.length === 0 ? null : { expected, found: `no ${open.join(', ')}` };
  },
};

export const bucketRefusesPlaintext: StackRule = {
  scope: 'stack',
  name: 'bucket-refuses-plaintext',
  theme: 'data',
  description: 'A bucket refuses every request without TLS.',
  why: 'Footage and credentials would cross the network readable.',
  fix: 'add a BucketPolicy that denies s3:* to * on the bucket and its objects where aws:SecureTransport is false',
  judges: [BUCKET],
  check(bucket, stack) {
    const type = 'aws:s3/bucketPolicy:BucketPolicy';
    const [policy] = attachedTo(bucket, { stack, type, property: 'bucket' });
    const expected = 'requests without TLS to be denied';
    if (!policy) return { expected, found: 'no bucket policy' };
    const arn = String(bucket.props.arn);
    const everybody = statementsOf(policy.props.policy).filter(isAboutEverybody);
    const open = [arn, `${arn}/a/b.mp4`].find((resource) => {
      const asked = { action: 's3:GetObject', resource, context: PLAINTEXT };
      const { by } = evaluate(everybody, asked);
      return by?.Effect !== 'Deny';
    });
    return open ? { expected, found: 'them allowed' } : null;
  },
};

const PLAINTEXT = { 'aws:SecureTransport': 'false' };

/** Types that need a word to be encrypted; tables, logs and secrets are by default. */
const ENCRYPTION: Readonly<Record<string, (resource: Judged) => boolean>> = {
  'aws:sqs/queue:Queue': (queue) =>
    isSet(queue, 'kmsMasterKeyId') || queue.props.sqsManagedSseEnabled === true,
  'aws:sns/topic:Topic': (topic) => isSet(topic, 'kmsMasterKeyId'),
  'aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream': (stream) =>
    propsOf<{ serverSideEncryption: { enabled?: boolean } }>(stream).serverSideEncryption
      ?.enabled === true,
};

export const messagesAreEncrypted: ResourceRule = {
  scope: 'resource',
  name: 'messages-are-encrypted',
  theme: 'data',
  description: 'Queues, topics and streams encrypt what they hold.',
  why: 'Messages name sites, cameras and what was seen there.',
  fix: 'set sqsManagedSseEnabled (queue), kmsMasterKeyId (queue, topic) or serverSideEncryption (stream)',
  judges: Object.keys(ENCRYPTION),
  check(resource) {
    if (ENCRYPTION[resource.type]?.(resource)) return null;
    return { expected: 'encryption at rest', found: 'none' };
  },
};

export const functionKeepsItsLogs: StackRule = {
  scope: 'stack',
  name: 'function-keeps-its-logs',
  theme: 'data',
  description: 'A function’s log group is in the program, with its retention.',
  why: 'Lambda makes a missing group itself, and keeps its logs for ever.',
  fix: 'add a LogGroup named /aws/lambda/<function> with retentionInDays',
  judges: ['aws:lambda/function:Function'],
  check(lambda, stack) {
    const { name, loggingConfig } = propsOf<{
      name: string;
      loggingConfig: { logGroup?: string };
    }>(lambda);
    const wanted = loggingConfig?.logGroup ?? `/aws/lambda/${String(name)}`;
    const group = ofType(stack, 'aws:cloudwatch/logGroup:LogGroup').find(
      (one) => one.props.name === wanted,
    );
    const expected = `the log group "${wanted}" with a retention`;
    if (!group) return { expected, found: 'no such group' };
    const { retentionInDays = 0 } = propsOf<{ retentionInDays: number }>(group);
    return retentionInDays > 0 ? null : { expected, found: 'one that is kept for ever' };
  },
};

export const tableIsProtected: ResourceRule = {
  scope: 'resource',
  name: 'table-is-protected',
  theme: 'data',
  description:
    'A table can’t be deleted by accident, and goes back to any second of the last 35 days.',
  why: 'Rows are the truth: which footage is evidence is decided from them.',
  fix: 'set deletionProtectionEnabled: true and pointInTimeRecovery: { enabled: true }',
  judges: ['aws:dynamodb/table:Table'],
  check(table) {
    const { deletionProtectionEnabled, pointInTimeRecovery } = propsOf<{
      deletionProtectionEnabled: boolean;
      pointInTimeRecovery: { enabled?: boolean };
    }>(table);
    const missing = [
      ...(deletionProtectionEnabled ? [] : ['deletion protection']),
      ...(pointInTimeRecovery?.enabled ? [] : ['point-in-time recovery']),
    ];
    if (missing.length === 0) return null;
    const expected = 'deletion protection and point-in-time recovery';
    return { expected, found: `no ${missing.join(', no ')}` };
  },
};

export const bucketIsKept: ResourceRule = {
  scope: 'resource',
  name: 'bucket-is-kept',
  theme: 'data',
  description: 'A bucket that holds objects is not deleted with its program.',
  why: 'With forceDestroy a wrong destroy or a renamed resource deletes the footage first.',
  fix: 'set forceDestroy: false',
  judges: [BUCKET],
  check(bucket) {
    if (bucket.props.forceDestroy !== true) return null;
    return { expected: 'forceDestroy: false', found: 'true' };
  },
};

export const DATA_RULES = [
  bucketIsEncrypted,
  bucketIsPrivate,
  bucketRefusesPlaintext,
  messagesAreEncrypted,
  functionKeepsItsLogs,
  tableIsProtected,
  bucketIsKept,
] as const;
