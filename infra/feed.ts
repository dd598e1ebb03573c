import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { WarmEnvironments } from '../core/infra-config';
import type { ImageFunction } from './image-function';
import { moveByHours, movedByHours } from './moved-by-hours';
import { trustOf } from './role';

export interface FeedFromQueueArgs {
  readonly queue: aws.sqs.Queue;
  readonly target: ImageFunction;
  readonly batchSize: number;
  /** Most functions at once, 2 to 1000. */
  readonly maxConcurrency: number;
  readonly isPaused: boolean;
  /** How long a batch may wait to fill up (s); Lambda wants one above 10 messages. @default none */
  readonly windowSeconds?: number;
}

/** Queue → alias: partial batch responses, at most so many at once; paused, what lands waits. */
export function feedFromQueue(
  name: string,
  { queue, target, batchSize, maxConcurrency, isPaused, windowSeconds }: FeedFromQueueArgs,
  options: pulumi.CustomResourceOptions,
): aws.lambda.EventSourceMapping {
  return new aws.lambda.EventSourceMapping(
    name,
    {
      eventSourceArn: queue.arn,
      functionName: target.alias.arn,
      batchSize,
      ...(windowSeconds ? { maximumBatchingWindowInSeconds: windowSeconds } : {}),
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: maxConcurrency },
      enabled: !isPaused,
    },
    options,
  );
}

/** Schedule → alias, by a role that may invoke this alias and nothing else. */
export function feedFromSchedule(
  name: string,
  {
    target,
    rate,
    timezone,
    input = {},
  }: {
    readonly target: ImageFunction;
    readonly rate: string;
    /** IANA zone of a cron. @default UTC */
    readonly timezone?: string;
    /** The event that the function is given. */
    readonly input?: Readonly<Record<string, string>>;
  },
  options: pulumi.CustomResourceOptions,
): aws.scheduler.Schedule {
  const role = new aws.iam.Role(
    `${name}-schedule`,
    { assumeRolePolicy: trustOf('scheduler.amazonaws.com') },
    options,
  );
  const policy = pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: target.alias.arn }],
  });
  new aws.iam.RolePolicy(`${name}-schedule`, { role: role.id, policy }, options);
  return new aws.scheduler.Schedule(
    name,
    {
      scheduleExpression: rate,
      ...(timezone ? { scheduleExpressionTimezone: timezone } : {}),
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: target.alias.arn,
        roleArn: role.arn,
        input: JSON.stringify(input),
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 300 },
      },
    },
    options,
  );
}

/** Warm environments of an alias: target tracking, and by the hour. */
export function keepWarm(
  name: string,
  target: ImageFunction,
  {
    warm,
    options,
  }: {
    readonly warm: WarmEnvironments;
    readonly options: pulumi.CustomResourceOptions;
  },
): void {
  const provisioned = new aws.lambda.ProvisionedConcurrencyConfig(
    name,
    {
      functionName: target.lambda.name,
      qualifier: target.alias.name,
      provisionedConcurrentExecutions: Math.max(1, warm.min),
    },
    // Scaling moves the number from then on.
    { ...options, ignoreChanges: ['provisionedConcurrentExecutions'] },
  );
  const scalable = new aws.appautoscaling.Target(
    name,
    {
      serviceNamespace: 'lambda',
      scalableDimension: 'lambda:function:ProvisionedConcurrency',
      resourceId: pulumi.interpolate`function:${target.lambda.name}:${target.alias.name}`,
      minCapacity: warm.min,
      maxCapacity: warm.max,
    },
    { ...options, ...movedByHours(warm.schedules), dependsOn: [provisioned] },
  );
  const of = {
    serviceNamespace: scalable.serviceNamespace,
    scalableDimension: scalable.scalableDimension,
    resourceId: scalable.resourceId,
  };
  new aws.appautoscaling.Policy(
    name,
    {
      ...of,
      policyType: 'TargetTrackingScaling',
      targetTrackingScalingPolicyConfiguration: {
        targetValue: warm.targetRatio,
        predefinedMetricSpecification: {
          predefinedMetricType: 'LambdaProvisionedConcurrencyUtilization',
        },
      },
    },
    options,
  );
  moveByHours(name, of, { schedules: warm.schedules, options });
}
