import { beforeAll, expect, it } from 'vitest';
import { PlannedEnvironment } from './environments';

let dev: PlannedEnvironment;
let prod: PlannedEnvironment;
beforeAll(async () => {
  dev = await PlannedEnvironment.run('dev');
  prod = await PlannedEnvironment.run('prod');
});

it('keeps environments warm only in the hours that the fleet’s schedules make busy, by target tracking', () => {
  expect(dev.of('aws:appautoscaling/target:Target')).toEqual([]);
  expect(prod.of('aws:appautoscaling/policy:Policy')[0]?.inputs).toMatchObject({
    policyType: 'TargetTrackingScaling',
    targetTrackingScalingPolicyConfiguration: { targetValue: 0.7 },
  });
  expect(
    prod.of('aws:appautoscaling/scheduledAction:ScheduledAction').map(({ inputs }) => inputs),
  ).toMatchObject([
    {
      schedule: 'cron(0 7 ? * MON,TUE,WED,THU,FRI,SAT *)',
      timezone: 'Australia/Melbourne',
      scalableTargetAction: { minCapacity: 1, maxCapacity: 20 },
    },
    {
      schedule: 'cron(0 19 ? * MON,TUE,WED,THU,FRI,SAT *)',
      timezone: 'Australia/Melbourne',
      scalableTargetAction: { minCapacity: 0, maxCapacity: 0 },
    },
  ]);
});

it('leaves to scaling what scaling moves: a refresh at another hour finds no drift', () => {
  const ignoredBy = (type: string) =>
    prod.of(type).map(({ name, ignoreChanges }) => [name, ignoreChanges]);
  const provisioned = 'aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig';
  const bounds = ['minCapacity', 'maxCapacity'];
  expect(ignoredBy(provisioned)).toEqual([
    ['tierwatch-prod-detect-cpu', ['provisionedConcurrentExecutions']],
  ]);
  expect(ignoredBy('aws:appautoscaling/target:Target')).toEqual([
    ['tierwatch-prod-detect-cpu', bounds],
  ]);
});

it('has a key for alarms where there is no other, and tells people of them', () => {
  const keys = (environment: PlannedEnvironment) =>
    environment.of('aws:kms/key:Key').map(({ name }) => name);
  expect([keys(dev), keys(prod)]).toEqual([['tierwatch-dev-operations'], ['tierwatch-prod']]);
  const { kmsMasterKeyId } = dev.one('aws:sns/topic:Topic', 'tierwatch-dev-operations');
  expect(kmsMasterKeyId).toContain(':kms:');
  const subscriptions = prod.of('aws:sns/topicSubscription:TopicSubscription');
  const heard = subscriptions.filter(({ inputs }) => /-operations$/.test(String(inputs.topic)));
  expect(heard.map(({ inputs }) => [inputs.protocol, inputs.endpoint])).toEqual([
    ['email', 'platform@example.com'],
    ['email', 'operations@example.com'],
  ]);
});

it('lets S3, EventBridge, CloudWatch and budgets of this account hand over what prod’s key encrypts', () => {
  const { policy } = prod.one('aws:kms/key:Key', 'tierwatch-prod');
  const { Statement } = JSON.parse(String(policy)) as { Statement: object[] };
  expect(Statement[1]).toEqual({
    Sid: 'Senders',
    Effect: 'Allow',
    Principal: {
      Service: [
        's3.amazonaws.com',
        'events.amazonaws.com',
        'cloudwatch.amazonaws.com',
        'budgets.amazonaws.com',
      ],
    },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: '*',
    Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
  });
});

it('protects prod’s table and buckets, and encrypts with its own key', () => {
  const table = prod.one('aws:dynamodb/table:Table', 'tierwatch-prod');
  expect(table).toMatchObject({
    deletionProtectionEnabled: true,
    pointInTimeRecovery: { enabled: true },
    ttl: { enabled: true, attributeName: 'expiresAt' },
    serverSideEncryption: { enabled: true, kmsKeyArn: expect.stringContaining(':kms:') },
  });
  expect(dev.one('aws:dynamodb/table:Table', 'tierwatch-dev').deletionProtectionEnabled).toBe(
    false,
  );
});
