import { METRICS_PERMISSION, type Permission } from '../core/permissions';

/** What lane-switch may do. */
export const laneSwitchPermissions: readonly Permission[] = [
  {
    actions: ['s3:GetObject', 's3:PutObject'],
    resource: 'laneSwitchObject',
    reason: 'what it decided before, and decides',
  },
  METRICS_PERMISSION,
];
