import type { Permission } from '../core/permissions';
import { MODEL_PERMISSION } from './model.permissions';

/** What detect-cpu may do. */
export const detectCpuPermissions: readonly Permission[] = [
  {
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resource: 'footageObjects',
    reason: 'the segment; and what it quarantines is copied',
  },
  {
    actions: ['s3:PutObject'],
    resource: 'quarantineObjects',
    reason: 'the copy and its reason',
  },
  { actions: ['s3:PutObject'], resource: 'snapshotObjects', reason: 'a snapshot a presence' },
  { actions: ['s3:GetObject'], resource: 'configObjects', reason: 'the published fleet' },
  {
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
    resource: 'table',
    reason: 'items, pointers, floors, the register of cameras, alerts of the segment, rejections',
  },
  {
    actions: ['sqs:SendMessage', 'sqs:ChangeMessageVisibility'],
    resource: 'cpuQueue',
    reason: 'what can’t be finished in time goes back; a failure shortens the wait to its backoff',
  },
  { actions: ['sqs:SendMessage'], resource: 'analyticsQueue', reason: 'a row a segment' },
  {
    actions: ['firehose:PutRecordBatch'],
    resource: 'detectionsStream',
    reason: 'every detection, for later analysis',
  },
  { actions: ['sns:Publish'], resource: 'alertTopics', reason: 'alerts' },
  MODEL_PERMISSION,
];
