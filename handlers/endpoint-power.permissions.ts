import type { Permission } from '../core/permissions';

/** What endpoint-power may do: this one endpoint, of its own configurations. */
export const endpointPowerPermissions: readonly Permission[] = [
  {
    actions: [
      'sagemaker:DescribeEndpoint',
      'sagemaker:CreateEndpoint',
      'sagemaker:UpdateEndpoint',
      'sagemaker:DeleteEndpoint',
      'sagemaker:AddTags',
    ],
    resource: 'gpuEndpoint',
    reason: 'started ahead of busy hours, changed to its newest configuration, stopped after',
  },
  {
    actions: ['sagemaker:CreateEndpoint', 'sagemaker:UpdateEndpoint'],
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
      'application-autoscaling:PutScheduledAction',
    ],
    resource: 'scalableTargets',
    reason: 'its scaling goes with a deleted endpoint; a target’s id is made by AWS',
    source:
      'https://docs.aws.amazon.com/service-authorization/latest/reference/list_applicationautoscaling.html',
  },
  {
    actions: ['iam:CreateServiceLinkedRole'],
    resource: 'scalingRole',
    reason: 'AWS makes the role that scales endpoints when an account’s first target is registered',
    source:
      'https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html',
  },
];
