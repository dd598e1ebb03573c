import { type Permission, QUEUE_AGES_PERMISSION } from '../core/permissions';
import { MODEL_PERMISSION } from './model.permissions';

const REDRIVE_DOCS =
  'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html';

/** What api may do: read what the platform knows, sign for one upload at a time, and have dead letters moved back. */
export const apiPermissions: readonly Permission[] = [
  {
    actions: ['dynamodb:GetItem', 'dynamodb:Query'],
    resource: 'table',
    reason: 'items, the register of cameras, their landings, what retention deleted',
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
    actions: ['s3:ListBucket'],
    resource: 'footageBucket',
    reason: 'which of a day’s footage is still there; it reads none',
  },
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
  { actions: ['sqs:GetQueueAttributes'], resource: 'fedQueues', reason: 'how much waits' },
  {
    actions: ['sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
    resource: 'deadLetterQueues',
    reason: 'how many failed, and a look at some',
  },
  {
    actions: ['sqs:StartMessageMoveTask', 'sqs:DeleteMessage'],
    resource: 'deadLetterQueues',
    reason: 'an operator’s redrive: SQS itself takes them from there, by this role',
    source: REDRIVE_DOCS,
  },
  {
    actions: ['sqs:SendMessage'],
    resource: 'fedQueues',
    reason: 'an operator’s redrive: SQS itself puts them back, by this role',
    source: REDRIVE_DOCS,
  },
  QUEUE_AGES_PERMISSION,
  MODEL_PERMISSION,
];
