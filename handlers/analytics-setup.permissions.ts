import type { Permission } from '../core/permissions';

/** What analytics-setup may do: sign in to InfluxDB, and leave the tokens of the two others. */
export const analyticsSetupPermissions: readonly Permission[] = [
  {
    actions: ['secretsmanager:GetSecretValue'],
    resource: 'influxAdminSecret',
    reason: 'the administrator that the instance was made with',
  },
  {
    actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
    resource: 'influxWriteSecret',
    reason: 'the token that only writes: kept where it still holds',
  },
  {
    actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
    resource: 'influxReadSecret',
    reason: 'the token that only reads: kept where it still holds',
  },
];
