import { expect, it } from 'vitest';
import { infraConfigSchema } from '../../core/infra-config';
import { Footage } from '../../infra/footage';
import { laneQueue, partsOf } from './alone';

const GIVEN = { owner: 'a', fleet: 'f', budgetUsdPerMonth: 1, budgetEmails: ['a@example.com'] };
const RETENTION = { eventDays: 30, archiveDays: 365 };
const LANDED = 'arn:aws:sqs:us-east-1:123456789012:landed';

const made = (change: object) =>
  partsOf(({ topic }) => {
    const config = infraConfigSchema.parse({ ...GIVEN, ...change });
    return new Footage('footage', {
      config,
      retention: RETENTION,
      landed: laneQueue(topic, 'landed'),
    });
  });
const lettingSend = (service: string, source: string) => ({
  queueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/landed',
  policy: JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sqs:SendMessage',
        Resource: LANDED,
        Condition: {
          ArnEquals: { 'aws:SourceArn': source },
          StringEquals: { 'aws:SourceAccount': '123456789012' },
        },
      },
    ],
  }),
});
const lifecycleOf = (parts: Awaited<ReturnType<typeof made>>, name: string) => {
  const { rules } = parts[`BucketLifecycleConfiguration ${name}`] as { rules: object[] };
  return rules.slice(1);
};
const expiring = (days: number) => ({
  ...{ id: `expire-after-${days}-days`, status: 'Enabled', filter: {} },
  expiration: { days },
});

it('of our own tells its queue of what lands, archives large evidence and lets all of it expire, however small', async () => {
  const parts = await made({});
  expect(parts['BucketNotification footage']).toEqual({
    bucket: 'footage-id',
    queues: [{ queueArn: LANDED, events: ['s3:ObjectCreated:*'] }],
  });
  expect(parts['QueuePolicy footage']).toEqual(
    lettingSend('s3.amazonaws.com', 'arn:aws:s3:::footage-id'),
  );
  expect(lifecycleOf(parts, 'footage')).toEqual([
    {
      id: 'archive',
      status: 'Enabled',
      filter: { objectSizeGreaterThan: 131_072 },
      transitions: [{ days: 30, storageClass: 'GLACIER_IR' }],
    },
    expiring(365),
  ]);
  expect(lifecycleOf(parts, 'footage-quarantine')).toEqual([expiring(90)]);
  expect(lifecycleOf(parts, 'footage-snapshots')).toEqual([expiring(365)]);
});

it('that a customer has already is attached through EventBridge: its own notifications and rules are left alone', async () => {
  const parts = await made({ existingFootageBucket: 'their-footage' });
  const buckets = Object.keys(parts).filter((name) => name.startsWith('Bucket '));
  expect(buckets).toEqual(['Bucket footage-quarantine', 'Bucket footage-snapshots']);
  expect(parts['EventRule footage']).toEqual({
    eventPattern: JSON.stringify({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: ['their-footage'] } },
    }),
  });
  expect(parts['EventTarget footage']).toEqual({ rule: 'footage', arn: LANDED });
  expect(parts['QueuePolicy footage']).toEqual(
    lettingSend('events.amazonaws.com', 'arn:aws:cloudwatch:us-east-1:123456789012:footage'),
  );
});
