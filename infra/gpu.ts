import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { GpuConfig, InfraConfig } from '../core/infra-config';
import { ENDPOINT_PERMISSIONS } from '../core/permissions';
import { policyOf, trustOf } from './role';

export interface GpuArgs {
  readonly config: InfraConfig;
  readonly gpu: GpuConfig;
  readonly key?: aws.kms.Key | undefined;
}

const VARIANT = 'main';
const MODEL_FOLDER = '/opt/ml/model';
const IMAGE_MODEL_FOLDER = '/app/model-build/default';
/** A GPU image is some GB, and the model warms up before `/ping` answers. */
const START_SECONDS = 600;
const SCALE_IN_SECONDS = 600;
const SCALE_OUT_SECONDS = 60;

/** The gpu lane's endpoint: model, configuration, scaling by concurrent requests and by the hour. */
export class Gpu extends pulumi.ComponentResource {
  readonly endpointName: pulumi.Output<string>;
  readonly endpointArn: pulumi.Output<string>;
  readonly variant = VARIANT;
  readonly configurationName: pulumi.Output<string>;
  readonly configurationArn: pulumi.Output<string>;

  constructor(name: string, args: GpuArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:Gpu', name, {}, options);
    const parent = { parent: this };
    const { config, gpu, key } = args;
    const logs = new aws.cloudwatch.LogGroup(
      name,
      { name: `/aws/sagemaker/Endpoints/${name}`, retentionInDays: config.logRetentionDays },
      parent,
    );
    const role = new aws.iam.Role(
      name,
      { assumeRolePolicy: trustOf('sagemaker.amazonaws.com') },
      parent,
    );
    const policy = new aws.iam.RolePolicy(
      name,
      {
        role: role.id,
        policy: policyOf(ENDPOINT_PERMISSIONS, {
          endpointLogs: pulumi.interpolate`${logs.arn}:*`,
          endpointImage: repositoryArn(gpu.image),
          endpointModel: gpu.model ? `arn:aws:s3:::${gpu.model.slice('s3://'.length)}` : null,
        }),
      },
      parent,
    );
    const model = new aws.sagemaker.Model(
      name,
      {
        executionRoleArn: role.arn,
        primaryContainer: {
          image: gpu.image,
          ...(gpu.model ? { modelDataUrl: gpu.model } : {}),
          environment: {
            TIERWATCH_ENDPOINT_DEVICE: 'cuda',
            TIERWATCH_ENDPOINT_MODEL: gpu.model ? MODEL_FOLDER : IMAGE_MODEL_FOLDER,
          },
        },
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
            initialInstanceCount: Math.max(1, gpu.minInstances),
            containerStartupHealthCheckTimeoutInSeconds: START_SECONDS,
          },
        ],
      },
      parent,
    );
    const endpoint = new aws.sagemaker.Endpoint(
      name,
      { name, endpointConfigName: configuration.name },
      { ...parent, dependsOn: [logs] },
    );
    this.configurationName = configuration.name;
    this.configurationArn = configuration.arn;
    this.endpointName = endpoint.name;
    this.endpointArn = endpoint.arn;
    scale(name, { endpoint, gpu }, parent);
    this.registerOutputs({ endpoint: endpoint.name });
  }
}

/** By requests at once, measured every ten seconds; and by the hour, so that nothing idles at night. */
function scale(
  name: string,
  { endpoint, gpu }: { readonly endpoint: aws.sagemaker.Endpoint; readonly gpu: GpuConfig },
  parent: pulumi.CustomResourceOptions,
): void {
  const target = new aws.appautoscaling.Target(
    name,
    {
      serviceNamespace: 'sagemaker',
      scalableDimension: 'sagemaker:variant:DesiredInstanceCount',
      resourceId: pulumi.interpolate`endpoint/${endpoint.name}/variant/${VARIANT}`,
      minCapacity: gpu.minInstances,
      maxCapacity: gpu.maxInstances,
    },
    parent,
  );
  const of = {
    serviceNamespace: target.serviceNamespace,
    scalableDimension: target.scalableDimension,
    resourceId: target.resourceId,
  };
  new aws.appautoscaling.Policy(
    name,
    {
      ...of,
      policyType: 'TargetTrackingScaling',
      targetTrackingScalingPolicyConfiguration: {
        targetValue: gpu.concurrentRequests,
        scaleInCooldown: SCALE_IN_SECONDS,
        scaleOutCooldown: SCALE_OUT_SECONDS,
        predefinedMetricSpecification: {
          predefinedMetricType: 'SageMakerVariantConcurrentRequestsPerModelHighResolution',
        },
      },
    },
    parent,
  );
  for (const [index, { cron, timezone, min, max }] of gpu.schedules.entries()) {
    new aws.appautoscaling.ScheduledAction(
      `${name}-${index}`,
      {
        ...of,
        schedule: cron,
        timezone,
        scalableTargetAction: { minCapacity: min, maxCapacity: max },
      },
      parent,
    );
  }
}

/** The repository that an image of ECR lies in. */
function repositoryArn(image: string): string {
  const [, account, region, repository] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^:@]+)/.exec(image)!;
  return `arn:aws:ecr:${region}:${account}:repository/${repository}`;
}

/** Targets of autoscaling have ids that AWS makes: those of this account and region. */
export function scalableTargetsArn(): pulumi.Output<string> {
  const { accountId } = aws.getCallerIdentityOutput();
  const { region } = aws.getRegionOutput();
  return pulumi.interpolate`arn:aws:application-autoscaling:${region}:${accountId}:scalable-target/*`;
}
