import { beforeAll, expect, it } from 'vitest';
import type { Statement } from '../../core/iam/evaluate';
import { liveRollUpSql } from '../../core/live-roll-up';
import { parseConfig } from '../../infra/config';
import { PlannedEnvironment, stackConfig } from './environments';

const NAME = 'tierwatch-dev-analytics-roll-ups';
const ARN = 'arn:aws:timestreamwrite:us-east-1:123456789012';
const LIVE = { analytics: 'live-analytics', acknowledgesLiveAnalyticsClosed: true };
const SCHEDULED_QUERY = 'aws:timestreamquery/scheduledQuery:ScheduledQuery';

let planned: PlannedEnvironment;
beforeAll(async () => {
  planned = await PlannedEnvironment.run('dev', { ...LIVE, hasLiveRollUps: true });
});

it('sums rows by hour into a table of their own, its errors into a bucket of its own', () => {
  expect(planned.one(SCHEDULED_QUERY, NAME)).toMatchObject({
    name: NAME,
    executionRoleArn: `arn:aws:iam:us-east-1:123456789012:${NAME}`,
    queryString: liveRollUpSql({ database: 'tierwatch-dev-analytics', table: 'segment' }),
    scheduleConfiguration: { scheduleExpression: 'cron(15 * * * ? *)' },
    notificationConfiguration: {
      snsConfiguration: { topicArn: `arn:aws:sns:us-east-1:123456789012:${NAME}` },
    },
    errorReportConfiguration: {
      s3Configuration: {
        bucketName: `${NAME}-errors-id`,
        objectKeyPrefix: 'errors/',
        encryptionOption: 'SSE_S3',
      },
    },
    targetConfiguration: {
      timestreamConfiguration: {
        databaseName: 'tierwatch-dev-analytics',
        tableName: 'segment-by-hour',
        timeColumn: 'hour',
        dimensionMappings: ['site', 'camera', 'tier'].map((name) => ({
          name,
          dimensionValueType: 'VARCHAR',
        })),
        multiMeasureMappings: {
          targetMultiMeasureName: 'hour',
          multiMeasureAttributeMappings: expect.arrayContaining([
            { sourceColumn: 'segments', measureValueType: 'BIGINT' },
            { sourceColumn: 'workUsd', measureValueType: 'DOUBLE' },
          ]),
        },
      },
    },
  });
});

it('runs by a role that LiveAnalytics alone, for this account, may take, and that reads and writes just that', () => {
  const { assumeRolePolicy } = planned.one('aws:iam/role:Role', NAME);
  expect(JSON.parse(String(assumeRolePolicy)).Statement).toEqual([
    {
      Effect: 'Allow',
      Principal: { Service: 'timestream.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
    },
  ]);
  const { policy } = planned.one('aws:iam/rolePolicy:RolePolicy', NAME);
  const { Statement } = JSON.parse(String(policy)) as { Statement: Statement[] };
  expect(Statement.map(({ Action, Resource }) => [Action, Resource])).toEqual([
    [['timestream:Select'], `${ARN}:tierwatch-dev-analytics`],
    [['timestream:WriteRecords'], `${ARN}:${NAME}`],
    [['timestream:DescribeEndpoints'], '*'],
    [['sns:Publish'], `arn:aws:sns:us-east-1:123456789012:${NAME}`],
    [['s3:PutObject'], `arn:aws:s3:::${NAME}-errors-id/errors/*`],
    [['s3:GetBucketAcl'], `arn:aws:s3:::${NAME}-errors-id`],
  ]);
});

it('is made only once somebody says that the table has rows', async () => {
  const before = await PlannedEnvironment.run('dev', LIVE);
  expect(before.of(SCHEDULED_QUERY)).toEqual([]);
});

it('is refused where there is no LiveAnalytics', () => {
  const given = { ...stackConfig('dev'), 'tierwatch:hasLiveRollUps': 'true' };
  expect(() => parseConfig(given, 'dev')).toThrow(
    'tierwatch:hasLiveRollUps: expected false with analytics "none", found true; take it away: only live-analytics has scheduled queries',
  );
});
