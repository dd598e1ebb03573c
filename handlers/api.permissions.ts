import type { Permission } from '../core/permissions';
import { MODEL_PERMISSION } from './model.permissions';

/** What api may do: read what the platform knows, and sign for one upload at a time. */
export const apiPermissions: readonly Permission[] = [
  {
    actions: ['dynamodb:GetItem', 'dynamodb:Query'],
    resource: 'table',
    reason: 'items, the register of cameras, their landings',
  },
  {
    actions: ['dynamodb:Query'],
    resource: 'tableByTime',
    reason: 'a camera’s items and health by time',
  },
  { actions: ['dynamodb:Query'], resource: 'tableByStatus', reason: 'what was rejected' },
  { actions: ['s3:GetObject'], resource: 'configObjects', reason: 'the published fleet' },
  { actions: ['s3:GetObject'], resource: 'snapshotObjects', reason: 'an event’s picture' },
  {
    actions: ['s3:PutObject'],
    resource: 'uploadObjects',
    reason: 'a browser puts one video by a form that this role has signed',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html',
  },
  {
    actions: ['lambda:InvokeFunction'],
    resource: 'analyticsReader',
    reason: 'the named queries, of the only function that reads the time series',
  },
  {
    actions: ['secretsmanager:GetSecretValue'],
    resource: 'footageKeySecret',
    reason: 'the key that signs cookies for footage',
  },
  MODEL_PERMISSION,
];
