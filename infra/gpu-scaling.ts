import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { GpuConfig } from '../core/infra-config';
import { moveByHours, movedByHours } from './moved-by-hours';

const SCALE_IN_SECONDS = 600;
const SCALE_OUT_SECONDS = 60;

export interface ScaledVariant {
  readonly endpoint: aws.sagemaker.Endpoint;
  readonly variant: string;
}

/** A variant of an endpoint as autoscaling knows it, between so many instances. */
export function scalableVariant(
  name: string,
  { endpoint, variant }: ScaledVariant,
  { min, max, parent }: { min: number; max: number; parent: pulumi.CustomResourceOptions },
) {
  const target = new aws.appautoscaling.Target(
    name,
    {
      serviceNamespace: 'sagemaker',
      scalableDimension: 'sagemaker:variant:DesiredInstanceCount',
      resourceId: pulumi.interpolate`endpoint/${endpoint.name}/variant/${variant}`,
      minCapacity: min,
      maxCapacity: max,
    },
    parent,
  );
  return {
    serviceNamespace: target.serviceNamespace,
    scalableDimension: target.scalableDimension,
    resourceId: target.resourceId,
  };
}

/** By requests at once, measured every ten seconds; and by the hour, so that nothing idles at night. */
export function scaleByRequests(
  name: string,
  { gpu, ...scaled }: ScaledVariant & { readonly gpu: GpuConfig },
  parent: pulumi.CustomResourceOptions,
): void {
  const of = scalableVariant(name, scaled, {
    min: gpu.minInstances,
    max: gpu.maxInstances,
    parent: { ...parent, ...movedByHours(gpu.schedules) },
  });
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
  moveByHours(name, of, { schedules: gpu.schedules, options: parent });
}

/** Targets of autoscaling have ids that AWS makes: those of this account and region. */
export function scalableTargetsArn(): pulumi.Output<string> {
  const { accountId } = aws.getCallerIdentityOutput();
  const { region } = aws.getRegionOutput();
  return pulumi.interpolate`arn:aws:application-autoscaling:${region}:${accountId}:scalable-target/*`;
}

/** The role by which AWS scales endpoints: its name is AWS's own. */
export function scalingRoleArn(): pulumi.Output<string> {
  const { accountId } = aws.getCallerIdentityOutput();
  return pulumi.interpolate`arn:aws:iam::${accountId}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`;
}
