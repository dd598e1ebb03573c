import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { MAX_DELIVERIES, QUEUE_KEPT_DAYS, VISIBILITY_FACTOR } from '../core/limits';

export interface LaneQueueArgs {
  /** Timeout of the function that the queue feeds, seconds. */
  readonly functionTimeoutSeconds: number;
  readonly key?: aws.kms.Key | undefined;
  /** Where alarms go. */
  readonly alarmTopic: aws.sns.Topic;
  /** The oldest message may wait this long before the alarm, seconds. @default 900 */
  readonly maxAgeSeconds?: number;
}

const DEAD_LETTER_DAYS = 14;
const DAY_SECONDS = 86_400;

/** A queue with its own dead letters: only from these may messages be moved back, and only to it. */
export class LaneQueue extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;
  readonly deadLetters: aws.sqs.Queue;

  constructor(name: string, args: LaneQueueArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:LaneQueue', name, {}, options);
    const parent = { parent: this };
    const encryption = args.key
      ? { kmsMasterKeyId: args.key.arn, kmsDataKeyReusePeriodSeconds: 3600 }
      : { sqsManagedSseEnabled: true };
    this.deadLetters = new aws.sqs.Queue(
      `${name}-dead`,
      { messageRetentionSeconds: DEAD_LETTER_DAYS * DAY_SECONDS, ...encryption },
      parent,
    );
    this.queue = new aws.sqs.Queue(
      name,
      {
        messageRetentionSeconds: QUEUE_KEPT_DAYS * DAY_SECONDS,
        visibilityTimeoutSeconds: args.functionTimeoutSeconds * VISIBILITY_FACTOR,
        redrivePolicy: pulumi.jsonStringify({
          deadLetterTargetArn: this.deadLetters.arn,
          maxReceiveCount: MAX_DELIVERIES,
        }),
        ...encryption,
      },
      parent,
    );
    new aws.sqs.RedriveAllowPolicy(
      name,
      {
        queueUrl: this.deadLetters.url,
        redriveAllowPolicy: pulumi.jsonStringify({
          redrivePermission: 'byQueue',
          sourceQueueArns: [this.queue.arn],
        }),
      },
      parent,
    );
    const alarm = {
      namespace: 'AWS/SQS',
      statistic: 'Maximum',
      period: 60,
      evaluationPeriods: 5,
      comparisonOperator: 'GreaterThanThreshold',
      treatMissingData: 'notBreaching',
      alarmActions: [args.alarmTopic.arn],
      okActions: [args.alarmTopic.arn],
    };
    new aws.cloudwatch.MetricAlarm(
      `${name}-age`,
      {
        ...alarm,
        alarmDescription: 'The oldest message waits too long: docs/runbook.md, "behind"',
        metricName: 'ApproximateAgeOfOldestMessage',
        dimensions: { QueueName: this.queue.name },
        threshold: args.maxAgeSeconds ?? 900,
      },
      parent,
    );
    new aws.cloudwatch.MetricAlarm(
      `${name}-dead`,
      {
        ...alarm,
        alarmDescription: 'Messages failed five times: docs/runbook.md, "dead letters"',
        metricName: 'ApproximateNumberOfMessagesVisible',
        dimensions: { QueueName: this.deadLetters.name },
        threshold: 0,
      },
      parent,
    );
    this.registerOutputs({ url: this.queue.url });
  }
}

/** What the page's Health is told of queues, by the function that each feeds: short, for a function has 4 KB in all. */
export function queueDesk(queues: Readonly<Record<string, LaneQueue>>): pulumi.Output<string> {
  const entries = Object.entries(queues).map(([fed, { queue, deadLetters }]) => {
    return [fed, { arn: queue.arn, deadLetterArn: deadLetters.arn }];
  });
  return pulumi.jsonStringify(Object.fromEntries(entries));
}
