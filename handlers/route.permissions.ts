import type { Permission } from '../core/permissions';
import { MODEL_PERMISSION } from './model.permissions';

/** What route may do: plain data, that infra and policies may import. */
export const routePermissions: readonly Permission[] = [
  {
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resource: 'footageObjects',
    reason: 'probes a file whose key does not tell its length; copies what it quarantines',
  },
  {
    actions: ['s3:PutObject'],
    resource: 'quarantineObjects',
    reason: 'the copy and its reason',
  },
  {
    actions: ['s3:GetObject'],
    resource: 'configObjects',
    reason: 'the published fleet, the lane switch',
  },
  {
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    resource: 'table',
    reason: 'floors of the hour, landings and rejections',
  },
  {
    actions: ['dynamodb:Query'],
    resource: 'tableByTime',
    reason: 'the hours before, that a floor is learned from',
  },
  { actions: ['sqs:SendMessage'], resource: 'cpuQueue', reason: 'the cpu lane' },
  { actions: ['sqs:SendMessage'], resource: 'gpuQueue', reason: 'the gpu lane' },
  MODEL_PERMISSION,
];
