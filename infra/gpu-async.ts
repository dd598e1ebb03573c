import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { GpuConfig, InfraConfig } from '../core/infra-config';
import { ASYNC_PERMISSIONS } from '../core/permissions';
import { endpointRole } from './endpoint-role';
import { containerOf, GPU_HOST, START_SECONDS } from './gpu';
import { scalableVariant } from './gpu-scaling';
import { expireAfter, PrivateBucket } from './private-bucket';

export interface AsyncGpuArgs {
  readonly config: InfraConfig;
  readonly gpu: GpuConfig;
  readonly async: NonNullable<GpuConfig['async']>;
  /** As the endpoint’s. */
  readonly bundle?: pulumi.Input<string> | undefined;
  readonly footageArn: pulumi.Input<string>;
  readonly key?: aws.kms.Key | undefined;
}

const VARIANT = 'main';
/** https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html : 1 GB, an hour. */
const LIMITS = {
  TIERWATCH_ENDPOINT_MAX_BODY_BYTES: String(1024 ** 3),
  TIERWATCH_ENDPOINT_DEADLINE_SECONDS: '3600',
};
const AT_ONCE = 4;
/** Requests that wait, for each instance. */
const BACKLOG_TARGET = 5;
const SCALE_IN_SECONDS = 600;

/** The asynchronous endpoint: recordings from the footage bucket, answers into one of its own, from nothing up. */
export class AsyncGpu extends pulumi.ComponentResource {
  readonly endpointName: pulumi.Output<string>;

  constructor(name: string, args: AsyncGpuArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:AsyncGpu', name, {}, options);
    const parent = { parent: this };
    const { config, gpu, bundle, key } = args;
    const answers = new PrivateBucket(
      `${name}-answers`,
      { key, isProtected: config.isProtected, rules: [expireAfter(args.async.answerDays)] },
      parent,
    );
    const { logs, role, policy } = endpointRole(
      name,
      {
        config,
        image: gpu.image,
        bundles: bundle ? [bundle] : [],
        more: {
          permissions: ASYNC_PERMISSIONS,
          arns: {
            footageObjects: pulumi.interpolate`${args.footageArn}/*`,
            answerObjects: answers.objectsArn,
            dataKey: key ? key.arn : null,
          },
        },
      },
      parent,
    );
    const model = new aws.sagemaker.Model(
      name,
      {
        executionRoleArn: role.arn,
        primaryContainer: containerOf(gpu.image, bundle, LIMITS),
        enableNetworkIsolation: true,
      },
      { ...parent, dependsOn: [policy] },
    );
    const configuration = new aws.sagemaker.EndpointConfiguration(
      name,
      {
        ...(key ? { kmsKeyArn: key.arn } : {}),
        productionVariants: [
          {
            variantName: VARIANT,
            modelName: model.name,
            instanceType: gpu.instanceType,
            inferenceAmiVersion: GPU_HOST,
            initialInstanceCount: 1,
            containerStartupHealthCheckTimeoutInSeconds: START_SECONDS,
          },
        ],
        asyncInferenceConfig: {
          clientConfig: { maxConcurrentInvocationsPerInstance: AT_ONCE },
          outputConfig: {
            ...(key ? { kmsKeyId: key.arn } : {}),
            s3OutputPath: pulumi.interpolate`s3://${answers.bucket.id}/answers/`,
            s3FailurePath: pulumi.interpolate`s3://${answers.bucket.id}/failures/`,
          },
        },
      },
      parent,
    );
    const endpoint = new aws.sagemaker.Endpoint(
      name,
      { name, endpointConfigName: configuration.name },
      { ...parent, dependsOn: [logs] },
    );
    this.endpointName = endpoint.name;
    scaleByBacklog(name, { endpoint, maxInstances: args.async.maxInstances }, parent);
    this.registerOutputs({ endpoint: endpoint.name });
  }
}

/**
 * By what waits for each instance; and from none to one, where nothing could be divided by, once something waits.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
 */
function scaleByBacklog(
  name: string,
  {
    endpoint,
    maxInstances: max,
  }: { readonly endpoint: aws.sagemaker.Endpoint; readonly maxInstances: number },
  parent: pulumi.CustomResourceOptions,
): void {
  const of = scalableVariant(name, { endpoint, variant: VARIANT }, { min: 0, max, parent });
  new aws.appautoscaling.Policy(
    `${name}-backlog`,
    {
      ...of,
      policyType: 'TargetTrackingScaling',
      targetTrackingScalingPolicyConfiguration: {
        targetValue: BACKLOG_TARGET,
        scaleInCooldown: SCALE_IN_SECONDS,
        customizedMetricSpecification: {
          metricName: 'ApproximateBacklogSizePerInstance',
          namespace: 'AWS/SageMaker',
          statistic: 'Average',
          dimensions: [{ name: 'EndpointName', value: endpoint.name }],
        },
      },
    },
    parent,
  );
  const first = new aws.appautoscaling.Policy(
    `${name}-first`,
    {
      ...of,
      policyType: 'StepScaling',
      stepScalingPolicyConfiguration: {
        adjustmentType: 'ChangeInCapacity',
        metricAggregationType: 'Average',
        cooldown: 300,
        stepAdjustments: [{ metricIntervalLowerBound: '0', scalingAdjustment: 1 }],
      },
    },
    parent,
  );
  new aws.cloudwatch.MetricAlarm(
    `${name}-first`,
    {
      alarmDescription: 'Requests wait and no instance is there: scaling makes the first',
      namespace: 'AWS/SageMaker',
      metricName: 'HasBacklogWithoutCapacity',
      dimensions: { EndpointName: endpoint.name },
      statistic: 'Average',
      period: 60,
      evaluationPeriods: 2,
      threshold: 1,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      treatMissingData: 'missing',
      alarmActions: [first.arn],
    },
    parent,
  );
}
