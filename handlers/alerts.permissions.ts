import type { Permission } from '../core/permissions';

/** What alerts may do. */
export const alertsPermissions: readonly Permission[] = [
  { actions: ['s3:GetObject'], resource: 'configObjects', reason: 'the published fleet' },
  {
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
    resource: 'table',
    reason: 'alerts and their state, landings, health alerts',
  },
  {
    actions: ['dynamodb:Query'],
    resource: 'tableByStatus',
    reason: 'what is pending',
  },
  {
    actions: ['dynamodb:Query'],
    resource: 'tableByTime',
    reason: 'the last health alert of a camera',
  },
  { actions: ['sns:Publish'], resource: 'alertTopics', reason: 'alerts and health alerts' },
];
