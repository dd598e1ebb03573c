import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { InfraConfig } from '../core/infra-config';
import { DELIVERY_PERMISSIONS } from '../core/permissions';
import { expireAfter, PrivateBucket } from './private-bucket';
import { policyOf, trustOf } from './role';

export interface DetectionsArgs {
  readonly config: InfraConfig;
  readonly days: number;
  readonly key?: aws.kms.Key | undefined;
}

const BUFFER_MB = 64;
const BUFFER_SECONDS = 300;

/** Every detection as JSON lines in a bucket, by date: Firehose writes them, nobody else may. */
export class Detections extends pulumi.ComponentResource {
  readonly stream: aws.kinesis.FirehoseDeliveryStream;

  constructor(name: string, args: DetectionsArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:Detections', name, {}, options);
    const parent = { parent: this };
    const { config, days, key } = args;
    const kept = new PrivateBucket(
      name,
      { key, isProtected: config.isProtected, rules: [expireAfter(days)] },
      parent,
    );
    const logs = new aws.cloudwatch.LogGroup(
      name,
      { name: `/aws/kinesisfirehose/${name}`, retentionInDays: config.logRetentionDays },
      parent,
    );
    const logStream = new aws.cloudwatch.LogStream(
      name,
      { name: 'delivery', logGroupName: logs.name },
      parent,
    );
    const role = new aws.iam.Role(
      name,
      { assumeRolePolicy: trustOf('firehose.amazonaws.com') },
      parent,
    );
    new aws.iam.RolePolicy(
      name,
      {
        role: role.id,
        policy: policyOf(DELIVERY_PERMISSIONS, {
          detectionsObjects: kept.objectsArn,
          detectionsBucket: kept.bucket.arn,
          detectionsLogs: pulumi.interpolate`${logs.arn}:*`,
          dataKey: key ? key.arn : null,
        }),
      },
      parent,
    );
    this.stream = new aws.kinesis.FirehoseDeliveryStream(
      name,
      {
        name,
        destination: 'extended_s3',
        serverSideEncryption: key
          ? { enabled: true, keyType: 'CUSTOMER_MANAGED_CMK', keyArn: key.arn }
          : { enabled: true, keyType: 'AWS_OWNED_CMK' },
        extendedS3Configuration: {
          roleArn: role.arn,
          bucketArn: kept.bucket.arn,
          prefix: 'detections/date=!{timestamp:yyyy-MM-dd}/',
          errorOutputPrefix: 'failed/!{firehose:error-output-type}/',
          bufferingSize: BUFFER_MB,
          bufferingInterval: BUFFER_SECONDS,
          compressionFormat: 'GZIP',
          cloudwatchLoggingOptions: {
            enabled: true,
            logGroupName: logs.name,
            logStreamName: logStream.name,
          },
        },
      },
      parent,
    );
    this.registerOutputs({ stream: this.stream.name });
  }
}
