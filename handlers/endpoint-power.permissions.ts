import type { Permission } from '../core/permissions';

/** What endpoint-power may do: this one endpoint, of this one configuration. */
export const endpointPowerPermissions: readonly Permission[] = [
  {
    actions: ['sagemaker:DescribeEndpoint', 'sagemaker:CreateEndpoint', 'sagemaker:DeleteEndpoint'],
    resource: 'gpuEndpoint',
    reason: 'started ahead of busy hours, stopped after',
  },
  {
    actions: ['sagemaker:CreateEndpoint'],
    resource: 'gpuEndpointConfig',
    reason: 'what it is made of',
  },
  {
    actions: ['s3:GetObject'],
    resource: 'laneSwitchObject',
    reason: 'where lane-switch decides: the endpoint follows',
  },
  {
    actions: [
      'application-autoscaling:RegisterScalableTarget',
      'application-autoscaling:PutScalingPolicy',
    ],
    resource: 'scalableTargets',
    reason: 'its scaling goes with a deleted endpoint; a target’s id is made by AWS',
    source:
      'https://docs.aws.amazon.com/service-authorization/latest/reference/list_applicationautoscaling.html',
  },
];
