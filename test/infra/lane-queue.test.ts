import { expect, it } from 'vitest';
import { LaneQueue } from '../../infra/lane-queue';
import { ALARMS, partsOf } from './alone';

const arnOf = (name: string): string => `arn:aws:sqs:us-east-1:123456789012:${name}`;
const ALARM = {
  namespace: 'AWS/SQS',
  statistic: 'Maximum',
  period: 60,
  evaluationPeriods: 5,
  comparisonOperator: 'GreaterThanThreshold',
  treatMissingData: 'notBreaching',
  alarmActions: [ALARMS],
  okActions: [ALARMS],
};

it('is a queue that hides a message for six timeouts, with dead letters of its own and an alarm on both', async () => {
  const parts = await partsOf(
    ({ topic }) => new LaneQueue('cpu', { functionTimeoutSeconds: 120, alarmTopic: topic }),
  );
  expect(parts).toEqual({
    'Queue cpu-dead': { messageRetentionSeconds: 1_209_600, sqsManagedSseEnabled: true },
    'Queue cpu': {
      messageRetentionSeconds: 345_600,
      visibilityTimeoutSeconds: 720,
      redrivePolicy: JSON.stringify({
        deadLetterTargetArn: arnOf('cpu-dead'),
        maxReceiveCount: 5,
      }),
      sqsManagedSseEnabled: true,
    },
    'RedriveAllowPolicy cpu': {
      queueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/cpu-dead',
      redriveAllowPolicy: JSON.stringify({
        redrivePermission: 'byQueue',
        sourceQueueArns: [arnOf('cpu')],
      }),
    },
    'MetricAlarm cpu-age': {
      ...ALARM,
      alarmDescription: 'The oldest message waits too long: docs/runbook.md, "behind"',
      metricName: 'ApproximateAgeOfOldestMessage',
      dimensions: { QueueName: 'cpu' },
      threshold: 900,
    },
    'MetricAlarm cpu-dead': {
      ...ALARM,
      alarmDescription: 'Messages failed five times: docs/runbook.md, "dead letters"',
      metricName: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: 'cpu-dead' },
      threshold: 0,
    },
  });
});
