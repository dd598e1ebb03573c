import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { InfraConfig } from '../core/infra-config';
import { LEAST_ARCHIVED_BYTES } from '../core/price-book';
import { UPLOAD_LIFE_HOURS, UPLOAD_SITE } from '../core/upload';
import type { LaneQueue } from './lane-queue';
import { expireAfter, PrivateBucket } from './private-bucket';

export interface FootageArgs {
  readonly config: InfraConfig;
  readonly key?: aws.kms.Key | undefined;
  /** Of the fleet, days. */
  readonly retention: { readonly eventDays: number; readonly archiveDays: number };
  /** Hears of what lands. */
  readonly landed: LaneQueue;
}

/** Where footage lands and is told of; quarantine and snapshots beside it, each with its own life. */
export class Footage extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;
  /** The bucket of our own; null: a customer's is attached. */
  readonly own: PrivateBucket | null;
  /** Days after it landed that all footage of our own bucket is gone. */
  readonly lifeDays: number;
  readonly quarantine: PrivateBucket;
  readonly snapshots: PrivateBucket;

  constructor(name: string, args: FootageArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:Footage', name, {}, options);
    const parent = { parent: this };
    const { config, key, retention } = args;
    this.lifeDays = Math.max(retention.archiveDays, retention.eventDays + 1);
    const shared = { key, isProtected: config.isProtected };
    this.quarantine = new PrivateBucket(
      `${name}-quarantine`,
      { ...shared, rules: [expireAfter(config.quarantineDays)] },
      parent,
    );
    this.snapshots = new PrivateBucket(
      `${name}-snapshots`,
      { ...shared, rules: [expireAfter(retention.archiveDays)] },
      parent,
    );
    const { existingFootageBucket } = config;
    const isDelivered = config.page === 'cloudfront';
    if (existingFootageBucket) {
      this.own = null;
      this.bucketName = pulumi.output(existingFootageBucket);
      this.bucketArn = pulumi.output(`arn:aws:s3:::${existingFootageBucket}`);
      tellThroughEventBridge(name, { bucket: existingFootageBucket, landed: args.landed }, parent);
    } else {
      const rules = [
        archiveRule(retention.eventDays),
        expireAfter(this.lifeDays),
        ...(isDelivered ? [UPLOADS_RULE] : []),
      ];
      this.own = new PrivateBucket(
        name,
        { ...shared, isVersioned: config.isVersioned, rules, isDelivered },
        parent,
      );
      const { bucket } = this.own;
      this.bucketName = bucket.id;
      this.bucketArn = bucket.arn;
      tellDirectly(name, { bucket, landed: args.landed }, parent);
    }
    this.registerOutputs({ bucket: this.bucketName });
  }
}

/** What retention by evidence has left is evidence: the large objects are archived, until all of it expires. */
function archiveRule(days: number): aws.types.input.s3.BucketLifecycleConfigurationRule {
  return {
    id: 'archive',
    status: 'Enabled',
    filter: { objectSizeGreaterThan: LEAST_ARCHIVED_BYTES },
    transitions: [{ days, storageClass: 'GLACIER_IR' }],
  };
}

/** What somebody tried goes after a day. */
const UPLOADS_RULE: aws.types.input.s3.BucketLifecycleConfigurationRule = {
  id: 'uploads',
  status: 'Enabled',
  filter: { prefix: `${UPLOAD_SITE}/` },
  expiration: { days: UPLOAD_LIFE_HOURS / 24 },
};

/** S3 → SQS, for a bucket of our own. */
function tellDirectly(
  name: string,
  { bucket, landed }: { readonly bucket: aws.s3.Bucket; readonly landed: LaneQueue },
  parent: pulumi.CustomResourceOptions,
): void {
  const policy = letSend(name, { landed, service: 's3.amazonaws.com', source: bucket.arn }, parent);
  new aws.s3.BucketNotification(
    name,
    {
      bucket: bucket.id,
      queues: [{ queueArn: landed.queue.arn, events: ['s3:ObjectCreated:*'] }],
    },
    { ...parent, dependsOn: [policy] },
  );
}

/** S3 → EventBridge → SQS: a customer's bucket keeps its own notifications. */
function tellThroughEventBridge(
  name: string,
  { bucket, landed }: { readonly bucket: string; readonly landed: LaneQueue },
  parent: pulumi.CustomResourceOptions,
): void {
  const rule = new aws.cloudwatch.EventRule(
    name,
    {
      eventPattern: JSON.stringify({
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: [bucket] } },
      }),
    },
    parent,
  );
  letSend(name, { landed, service: 'events.amazonaws.com', source: rule.arn }, parent);
  new aws.cloudwatch.EventTarget(name, { rule: rule.name, arn: landed.queue.arn }, parent);
}

function letSend(
  name: string,
  {
    landed,
    service,
    source,
  }: {
    readonly landed: LaneQueue;
    readonly service: string;
    readonly source: pulumi.Input<string>;
  },
  parent: pulumi.CustomResourceOptions,
): aws.sqs.QueuePolicy {
  const { accountId } = aws.getCallerIdentityOutput();
  return new aws.sqs.QueuePolicy(
    name,
    {
      queueUrl: landed.queue.url,
      policy: pulumi.jsonStringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: service },
            Action: 'sqs:SendMessage',
            Resource: landed.queue.arn,
            Condition: {
              ArnEquals: { 'aws:SourceArn': source },
              StringEquals: { 'aws:SourceAccount': accountId },
            },
          },
        ],
      }),
    },
    parent,
  );
}
