import type { Permission } from '../core/permissions';

/** What roll-up may do: read the rows in the time index, and write their sums. */
export const rollUpPermissions: readonly Permission[] = [
  {
    actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
    resource: 'rollUpTable',
    reason: 'the register of cameras, sums by hour and day, until when they are made',
  },
  { actions: ['dynamodb:Query'], resource: 'rollUpIndex', reason: 'the rows of an hour' },
];
