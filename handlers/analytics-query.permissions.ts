import type { Permission } from '../core/permissions';

/** What analytics-query may do: read the time series, with a token that can't write, or the roll-ups in its place. */
export const analyticsQueryPermissions: readonly Permission[] = [
  {
    actions: ['secretsmanager:GetSecretValue'],
    resource: 'influxReadSecret',
    reason: 'the token that reads InfluxDB',
  },
  { actions: ['timestream:Select'], resource: 'liveTable', reason: 'the named queries' },
  {
    actions: ['dynamodb:GetItem', 'dynamodb:Query'],
    resource: 'rollUpTable',
    reason: 'sums by hour and day, until when they are made, the register of cameras',
  },
  {
    actions: ['dynamodb:Query'],
    resource: 'rollUpIndex',
    reason: 'the rows of hours that are not rolled up, and of the ends of a period',
  },
];
