import * as z from 'zod';
import { expected, textOf } from '../text-schemas';
import { days } from './text';

/** What is kept, where, for how long, and how it is encrypted. */
export const DATA_KEYS = {
  existingFootageBucket: textOf(
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    'the name of a bucket: 3 to 63 of a-z, 0-9, "." and "-"',
  )
    .optional()
    .describe('A bucket of yours, attached through EventBridge; default: one is made'),
  isVersioned: z
    .boolean()
    .default(false)
    .describe('Whether the footage bucket keeps versions; they expire after a day'),
  encryption: z
    .enum(['sse-s3', 'kms'])
    .default('sse-s3')
    .describe('Of buckets, queues and topics: S3’s own keys, or a KMS key with a bucket key'),
  quarantineDays: days.default(90).describe('Quarantined footage is kept (days)'),
  retentionMode: z
    .enum(['report', 'enforce'])
    .default('report')
    .describe('Footage by evidence: only counted, or deleted daily by the fleet’s retention'),
  detectionDays: days
    .optional()
    .describe(
      'Every detection is kept as JSON lines (days); default: they stay in their items alone',
    ),
  logRetentionDays: z
    .union([z.literal(7), z.literal(14), z.literal(30), z.literal(60), z.literal(90)], {
      error: expected('one of 7, 14, 30, 60, 90'),
    })
    .default(30)
    .describe('Logs are kept (days)'),
  isProtected: z
    .boolean()
    .default(false)
    .describe('Table and buckets can’t be deleted without a change of this'),
};

/** The time series. */
export const ANALYTICS_KEYS = {
  analytics: z
    .enum(['none', 'influxdb', 'live-analytics'])
    .default('none')
    .describe(
      'Time series: Timestream for InfluxDB, for LiveAnalytics, or none: the same queries over hourly sums in the table',
    ),
  analyticsDays: days
    .default(400)
    .describe('The time series keeps a row (days); the longest named query asks for 400'),
  hasLiveRollUps: z
    .boolean()
    .default(false)
    .describe(
      'Whether a scheduled query of LiveAnalytics sums rows by hour into a table of their own; AWS makes it once the table has rows, not before',
    ),
  acknowledgesLiveAnalyticsClosed: z
    .boolean()
    .default(false)
    .describe('This account had LiveAnalytics before AWS closed it to new ones (2025-06-20)'),
  influxInstanceType: z
    .enum([
      'db.influx.medium',
      'db.influx.large',
      'db.influx.xlarge',
      'db.influx.2xlarge',
      'db.influx.4xlarge',
      'db.influx.8xlarge',
      'db.influx.12xlarge',
      'db.influx.16xlarge',
    ])
    .default('db.influx.medium')
    .describe('Instance of Timestream for InfluxDB; it is paid by the hour, used or not'),
};
