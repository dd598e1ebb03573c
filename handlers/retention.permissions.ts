import type { Permission } from '../core/permissions';

/** What retention may do: the only function that deletes footage. */
export const retentionPermissions: readonly Permission[] = [
  {
    actions: ['s3:ListBucketVersions'],
    resource: 'footageBucket',
    reason: 'what of a camera’s footage is there, in the product’s layout or the customer’s',
  },
  {
    actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
    resource: 'footageObjects',
    reason: 'what core’s rule has found expired',
  },
  { actions: ['s3:GetObject'], resource: 'configObjects', reason: 'the published fleet' },
  {
    actions: ['dynamodb:GetItem', 'dynamodb:Query'],
    resource: 'table',
    reason: 'items, the register of cameras, and what is in quarantine',
  },
  {
    actions: ['dynamodb:PutItem'],
    resource: 'table',
    reason: 'what goes, when and why, before it goes',
  },
  {
    actions: ['dynamodb:Query'],
    resource: 'tableByTime',
    reason: 'a camera’s items by day',
  },
  { actions: ['sqs:SendMessage'], resource: 'retentionQueue', reason: 'a message a camera' },
];
