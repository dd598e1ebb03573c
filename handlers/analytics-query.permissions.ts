import type { Permission } from '../core/permissions';

/** What analytics-query may do: read the time series, with a token that can't write. */
export const analyticsQueryPermissions: readonly Permission[] = [
  {
    actions: ['secretsmanager:GetSecretValue'],
    resource: 'influxReadSecret',
    reason: 'the token that reads InfluxDB',
  },
  { actions: ['timestream:Select'], resource: 'liveTable', reason: 'the named queries' },
];
