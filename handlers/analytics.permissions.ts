import type { Permission } from '../core/permissions';

/** What analytics may do: of the two time series an environment has one, and its role that part. */
export const analyticsPermissions: readonly Permission[] = [
  {
    actions: ['secretsmanager:GetSecretValue'],
    resource: 'influxWriteSecret',
    reason: 'the token that writes to InfluxDB',
  },
  { actions: ['timestream:WriteRecords'], resource: 'liveTable', reason: 'a record a segment' },
];
