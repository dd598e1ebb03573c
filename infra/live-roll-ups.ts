import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { InfraConfig } from '../core/infra-config';
import {
  LIVE_ROLL_UP_DIMENSIONS,
  LIVE_ROLL_UP_MEASURES,
  liveRollUpSql,
} from '../core/live-roll-up';
import { LIVE_ROLL_UP_PERMISSIONS } from '../core/permissions';
import { expireAfter, PrivateBucket } from './private-bucket';
import { policyOf, trustOf } from './role';

export interface LiveRollUpsArgs {
  readonly config: InfraConfig;
  readonly key?: aws.kms.Key | undefined;
  readonly database: aws.timestreamwrite.Database;
  /** Rows of segments. */
  readonly table: aws.timestreamwrite.Table;
}

const ERROR_PREFIX = 'errors/';
const ERROR_DAYS = 30;
const MEMORY_STORE_HOURS = 24 * 7;
/** Most rows of the hour before have come by then. */
const HOURLY = 'cron(15 * * * ? *)';

/**
 * Sums by hour, camera and tier in a table of their own, by a scheduled query of LiveAnalytics. AWS checks the statement
 * against the table's columns, so it can be made once rows have come and not before.
 */
export class LiveRollUps extends pulumi.ComponentResource {
  constructor(name: string, args: LiveRollUpsArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:LiveRollUps', name, {}, options);
    const parent = { parent: this };
    const { config, key, database, table } = args;
    const target = new aws.timestreamwrite.Table(
      name,
      {
        databaseName: database.databaseName,
        tableName: 'segment-by-hour',
        retentionProperties: {
          memoryStoreRetentionPeriodInHours: MEMORY_STORE_HOURS,
          magneticStoreRetentionPeriodInDays: config.analyticsDays,
        },
        magneticStoreWriteProperties: { enableMagneticStoreWrites: true },
      },
      parent,
    );
    const errors = new PrivateBucket(
      `${name}-errors`,
      { key, isProtected: false, rules: [expireAfter(ERROR_DAYS)] },
      parent,
    );
    // Every run is told, so nobody is subscribed: whoever wants to hear subscribes to it.
    const topic = new aws.sns.Topic(
      name,
      { kmsMasterKeyId: key ? key.arn : 'alias/aws/sns' },
      parent,
    );
    const role = new aws.iam.Role(
      name,
      { assumeRolePolicy: trustOf('timestream.amazonaws.com') },
      parent,
    );
    const policy = new aws.iam.RolePolicy(
      name,
      {
        role: role.id,
        policy: policyOf(LIVE_ROLL_UP_PERMISSIONS, {
          liveTable: table.arn,
          liveRollUps: target.arn,
          liveEndpoints: '*',
          liveTopic: topic.arn,
          liveErrorObjects: pulumi.interpolate`${errors.bucket.arn}/${ERROR_PREFIX}*`,
          liveErrorBucket: errors.bucket.arn,
          dataKey: key ? key.arn : null,
        }),
      },
      parent,
    );
    new aws.timestreamquery.ScheduledQuery(
      name,
      {
        name,
        executionRoleArn: role.arn,
        queryString: pulumi
          .all([database.databaseName, table.tableName])
          .apply(([from, rows]) => liveRollUpSql({ database: from, table: rows })),
        scheduleConfiguration: { scheduleExpression: HOURLY },
        notificationConfiguration: { snsConfiguration: { topicArn: topic.arn } },
        errorReportConfiguration: {
          s3Configuration: {
            bucketName: errors.bucket.id,
            objectKeyPrefix: ERROR_PREFIX,
            encryptionOption: key ? 'SSE_KMS' : 'SSE_S3',
          },
        },
        targetConfiguration: {
          timestreamConfiguration: {
            databaseName: database.databaseName,
            tableName: target.tableName,
            timeColumn: 'hour',
            dimensionMappings: LIVE_ROLL_UP_DIMENSIONS.map((dimension) => ({
              name: dimension,
              dimensionValueType: 'VARCHAR',
            })),
            multiMeasureMappings: {
              targetMultiMeasureName: 'hour',
              multiMeasureAttributeMappings: Object.entries(LIVE_ROLL_UP_MEASURES).map(
                ([sourceColumn, measureValueType]) => ({ sourceColumn, measureValueType }),
              ),
            },
          },
        },
        ...(key ? { kmsKeyId: key.arn } : {}),
      },
      // AWS tries the statement by this role as it makes the query.
      { ...parent, dependsOn: [policy] },
    );
    this.registerOutputs({});
  }
}
