import type { Permission } from '../core/permissions';
import { MODEL_PERMISSION } from './model.permissions';

/** What detect-gpu may do. */
export const detectGpuPermissions: readonly Permission[] = [
  {
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resource: 'footageObjects',
    reason: 'the segment; and what it quarantines is copied',
  },
  { actions: ['s3:PutObject'], resource: 'quarantineObjects', reason: 'the copy and its reason' },
  { actions: ['s3:PutObject'], resource: 'snapshotObjects', reason: 'a snapshot a presence' },
  { actions: ['s3:GetObject'], resource: 'configObjects', reason: 'the published fleet' },
  {
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
    resource: 'table',
    reason: 'items, pointers, floors, the register of cameras, alerts, rejections, the breaker',
  },
  { actions: ['sagemaker:InvokeEndpoint'], resource: 'gpuEndpoint', reason: 'the analysis' },
  {
    actions: ['sqs:SendMessage', 'sqs:ChangeMessageVisibility'],
    resource: 'gpuQueue',
    reason: 'what can’t be finished in time goes back; a failure shortens the wait to its backoff',
  },
  { actions: ['sqs:SendMessage'], resource: 'cpuQueue', reason: 'what the endpoint can’t take' },
  { actions: ['sqs:SendMessage'], resource: 'analyticsQueue', reason: 'a row a segment' },
  {
    actions: ['firehose:PutRecordBatch'],
    resource: 'detectionsStream',
    reason: 'every detection, for later analysis',
  },
  { actions: ['sns:Publish'], resource: 'alertTopics', reason: 'alerts' },
  MODEL_PERMISSION,
];
