import { METRICS_PERMISSION, type Permission } from '../core/permissions';

/** What lane-switch may do. */
export const laneSwitchPermissions: readonly Permission[] = [
  {
    actions: ['s3:GetObject'],
    resource: 'configObjects',
    reason: 'which tiers are the gpu lane’s, and what it decided before',
  },
  { actions: ['s3:PutObject'], resource: 'laneSwitchObject', reason: 'its decision' },
  METRICS_PERMISSION,
];
