import { beforeAll, describe, expect, it } from 'vitest';
import { type Judged, strictLimits } from '../../policies/rule';
import { ALL_RULES } from '../../policies/rules';
import { made, messages, spoil, without } from './judged';
import { configurationOf, configured, ENVIRONMENTS, stackOf } from './programs';

const stacks = new Map<string, readonly Judged[]>();
beforeAll(async () => {
  for (const environment of ENVIRONMENTS) stacks.set(environment, await stackOf(environment));
});

describe.each(ENVIRONMENTS)('the whole program of %s', (environment) => {
  const enforced = ALL_RULES.filter(
    (rule) => configured(rule, environment).enforcementLevel === 'mandatory',
  );

  it.each(enforced)('passes $name', (rule) => {
    const { limits } = configured(rule, environment);
    expect(messages(rule, stacks.get(environment)!, limits)).toEqual([]);
  });
});

const found = (judged: readonly Judged[]) =>
  ALL_RULES.filter((rule) => configured(rule, 'prod').enforcementLevel === 'mandatory').flatMap(
    (rule) => messages(rule, judged, configured(rule, 'prod').limits),
  );

it('prod with its gpu lane passes every rule, and fails without the hours in which it shrinks', async () => {
  const timezone = 'Europe/Berlin';
  const night = { cron: 'cron(0 19 ? * * *)', timezone, min: 1, max: 1 };
  const power = { start: 'cron(40 6 ? * * *)', stop: 'cron(0 20 ? * * *)', timezone };
  const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/tierwatch-endpoint:v1';
  const stack = await stackOf('prod', {
    'tierwatch:gpu': { image, schedules: [night], async: {}, capture: {} },
  });
  expect(found(stack)).toEqual([]);
  const action = 'aws:appautoscaling/scheduledAction:ScheduledAction';
  expect(found(without(stack, { type: action, name: 'tierwatch-prod-gpu-0' }))).toEqual([
    expect.stringContaining('found at least 1 at every hour'),
  ]);
  const auto = { image, schedules: [night], lane: 'auto' };
  expect(found(await stackOf('prod', { 'tierwatch:gpu': auto }))).toEqual([]);
  const powered = await stackOf('prod', { 'tierwatch:gpu': { image, schedules: [night], power } });
  expect(found(powered)).toEqual([]);
  const stop = { type: 'aws:scheduler/schedule:Schedule', name: 'tierwatch-prod-endpoint-stop' };
  expect(found(without(powered, stop))).toEqual([
    expect.stringContaining('found an endpoint-power that never stops it'),
  ]);
});

it.each([
  ['a folder', { bundle: 'model-build/default' }],
  ['an archive in S3', { bundle: 's3://their-models/a.tar.gz', sha256: 'a'.repeat(64) }],
])(
  'prod with a model of its own, %s, passes every rule, and fails where a function may read another',
  async (_, model) => {
    const stack = await stackOf('prod', { 'tierwatch:model': model });
    expect(found(stack)).toEqual([]);
    const models = stack.filter(
      ({ type, name }) => /models$/.test(name) && type.endsWith(':Bucket'),
    );
    expect(models.map(({ name }) => name)).toEqual(['tierwatch-prod-models']);
    const other = 'arn:aws:s3:::their-models/other.tar.gz';
    const reading = { Effect: 'Allow', Action: ['s3:GetObject'], Resource: other };
    expect(found(granting(stack, reading))).toEqual([
      expect.stringContaining(`"alerts" declares, found also s3:GetObject on ${other}`),
    ]);
  },
);

const named = (type: string, name: string) => ({ type, name: `tierwatch-prod${name}` });
const detect = named('aws:lambda/function:Function', '-detect-cpu');
const bucket = (type: string) => named(`aws:s3/${type}`, '-footage');
const statements = (name: string, stack: readonly Judged[]) => {
  const { type, name: full } = named('aws:iam/rolePolicy:RolePolicy', name);
  const policy = stack.find((one) => one.type === type && one.name === full)!;
  return JSON.parse(String(policy.props.policy)) as { Statement: Record<string, unknown>[] };
};
/** prod's alerts with one statement of its role changed, or one added. */
const granting = (stack: readonly Judged[], change: Record<string, unknown>, at = -1) => {
  const { Statement, ...rest } = statements('-alerts', stack);
  const changed =
    at < 0
      ? [...Statement, change]
      : Statement.map((one, index) => (index === at ? { ...one, ...change } : one));
  const policy = JSON.stringify({ ...rest, Statement: changed });
  return spoil(stack, named('aws:iam/rolePolicy:RolePolicy', '-alerts'), { policy });
};

type Spoil = (stack: readonly Judged[]) => readonly Judged[];
const SPOILED: readonly (readonly [string, string, Spoil])[] = [
  [
    'role-equals-declaration',
    '"tierwatch-prod-alerts": expected the permissions that "alerts" declares, found also s3:DeleteObject on arn:aws:s3:::tierwatch-prod-footage-id/*; declare it in handlers/<function>.permissions.ts with its reason, or take it out of the role',
    (stack) =>
      granting(stack, {
        Effect: 'Allow',
        Action: ['s3:DeleteObject'],
        Resource: 'arn:aws:s3:::tierwatch-prod-footage-id/*',
      }),
  ],
  [
    'role-equals-declaration',
    '"tierwatch-prod-alerts": expected the permissions that "alerts" declares, found not s3:GetObject on arn:aws:s3:::tierwatch-prod-fleet-id/*; declare it in handlers/<function>.permissions.ts with its reason, or take it out of the role',
    (stack) => granting(stack, { Action: [] }, 0),
  ],
  [
    'role-equals-declaration',
    '"tierwatch-prod-alerts": expected the permissions that "alerts" declares, found a managed policy beside them; declare it in handlers/<function>.permissions.ts with its reason, or take it out of the role',
    (stack) => [
      ...stack,
      made('aws:iam/rolePolicyAttachment:RolePolicyAttachment', 'admin', {
        role: 'tierwatch-prod-alerts-id',
        policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
    ],
  ],
  [
    'no-wildcard-action',
    '"tierwatch-prod-alerts": expected named actions, found dynamodb:*; name the actions, in handlers/<function>.permissions.ts with a reason',
    (stack) => granting(stack, { Action: 'dynamodb:*' }, 1),
  ],
  [
    'no-wildcard-resource',
    '"tierwatch-prod-alerts": expected named resources, found s3:GetObject on everything; name the resource; an action that has none is registered in core/permissions.ts with its reason',
    (stack) => granting(stack, { Resource: '*' }, 0),
  ],
  [
    'trust-is-narrow',
    '"tierwatch-prod-alerts": expected trust in one service for this account, found lambda.amazonaws.com for any account; trust one Service with the condition StringEquals aws:SourceAccount; people’s and pipelines’ principals are listed in policies/<environment>.json',
    (stack) =>
      spoil(stack, named('aws:iam/role:Role', '-alerts'), {
        assumeRolePolicy: JSON.stringify({
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'lambda.amazonaws.com' },
              Action: 'sts:AssumeRole',
            },
          ],
        }),
      }),
  ],
  [
    'bucket-is-encrypted',
    '"tierwatch-prod-footage": expected encryption at rest, found none; add a BucketServerSideEncryptionConfiguration with AES256, or aws:kms and bucketKeyEnabled',
    (stack) =>
      without(
        stack,
        bucket('bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration'),
      ),
  ],
  [
    'bucket-is-private',
    '"tierwatch-prod-footage": expected all public access blocked, found no restrictPublicBuckets; add a BucketPublicAccessBlock with blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets: true',
    (stack) =>
      spoil(stack, bucket('bucketPublicAccessBlock:BucketPublicAccessBlock'), {
        restrictPublicBuckets: false,
      }),
  ],
  [
    'bucket-refuses-plaintext',
    '"tierwatch-prod-footage": expected requests without TLS to be denied, found no bucket policy; add a BucketPolicy that denies s3:* to * on the bucket and its objects where aws:SecureTransport is false',
    (stack) => without(stack, bucket('bucketPolicy:BucketPolicy')),
  ],
  [
    'bucket-has-lifecycle',
    '"tierwatch-prod-footage": expected a lifecycle that ends incomplete uploads, found no lifecycle; add a BucketLifecycleConfiguration with abortIncompleteMultipartUpload, Enabled',
    (stack) => without(stack, bucket('bucketLifecycleConfiguration:BucketLifecycleConfiguration')),
  ],
  [
    'bucket-is-kept',
    '"tierwatch-prod-footage": expected forceDestroy: false, found true; set forceDestroy: false',
    (stack) => spoil(stack, bucket('bucket:Bucket'), { forceDestroy: true }),
  ],
  [
    'messages-are-encrypted',
    '"tierwatch-prod-cpu": expected encryption at rest, found none; set sqsManagedSseEnabled (queue), kmsMasterKeyId (queue, topic) or serverSideEncryption (stream)',
    (stack) => spoil(stack, named('aws:sqs/queue:Queue', '-cpu'), { kmsMasterKeyId: undefined }),
  ],
  [
    'function-keeps-its-logs',
    '"tierwatch-prod-detect-cpu": expected the log group "/aws/lambda/tierwatch-prod-detect-cpu" with a retention, found no such group; add a LogGroup named /aws/lambda/<function> with retentionInDays',
    (stack) => without(stack, named('aws:cloudwatch/logGroup:LogGroup', '-detect-cpu')),
  ],
  [
    'table-is-protected',
    '"tierwatch-prod": expected deletion protection and point-in-time recovery, found no deletion protection; set deletionProtectionEnabled: true and pointInTimeRecovery: { enabled: true }',
    (stack) =>
      spoil(stack, named('aws:dynamodb/table:Table', ''), { deletionProtectionEnabled: false }),
  ],
  [
    'log-retention-is-bounded',
    '"tierwatch-prod-route": expected logs to be kept at most 90 days, found 365 days; set retentionInDays, or raise the limit of this environment in policies/<environment>.json',
    (stack) =>
      spoil(stack, named('aws:cloudwatch/logGroup:LogGroup', '-route'), { retentionInDays: 365 }),
  ],
  [
    'provisioned-concurrency-is-bounded',
    '"tierwatch-prod-detect-cpu": expected at most 20 warm environments, scaled, found a maximum of 200; lower it, and add an appautoscaling Target with maxCapacity and target tracking or a ScheduledAction',
    (stack) =>
      spoil(stack, named('aws:appautoscaling/target:Target', '-detect-cpu'), { maxCapacity: 200 }),
  ],
  [
    'provisioned-concurrency-is-bounded',
    '"tierwatch-prod-detect-cpu": expected at most 20 warm environments, scaled, found a maximum of 300; lower it, and add an appautoscaling Target with maxCapacity and target tracking or a ScheduledAction',
    (stack) =>
      spoil(stack, named('aws:appautoscaling/scheduledAction:ScheduledAction', '-detect-cpu-0'), {
        scalableTargetAction: { minCapacity: 1, maxCapacity: 300 },
      }),
  ],
  [
    'cost-is-tagged',
    '"tierwatch-prod-detect-cpu": expected its cost allocation tags, found no tierwatch:environment, tierwatch:component, tierwatch:owner; tag it with tierwatch:environment, tierwatch:component, tierwatch:owner: infra/tags.ts',
    (stack) => spoil(stack, detect, { tags: undefined }),
  ],
  [
    'queue-has-dead-letters',
    '"tierwatch-prod-cpu": expected dead letters, found a queue without a redrivePolicy; give it a redrivePolicy that names its dead-letter queue',
    (stack) => spoil(stack, named('aws:sqs/queue:Queue', '-cpu'), { redrivePolicy: undefined }),
  ],
  [
    'visibility-covers-timeout',
    '"tierwatch-prod-detect-cpu": expected "tierwatch-prod-cpu" to hide messages for at least 5400 s, found 720 s with a timeout of 900 s; set visibilityTimeoutSeconds to 6 × the function\'s timeout',
    (stack) => spoil(stack, detect, { timeout: 900 }),
  ],
  [
    'event-source-reports-partial-failures',
    '"tierwatch-prod-detect-cpu": expected ReportBatchItemFailures, found none; set functionResponseTypes to [\'ReportBatchItemFailures\']',
    (stack) =>
      spoil(stack, named('aws:lambda/eventSourceMapping:EventSourceMapping', '-detect-cpu'), {
        functionResponseTypes: [],
      }),
  ],
];

it.each(SPOILED)('prod, spoiled in one place, fails %s: %s', (name, message, change) => {
  const rule = ALL_RULES.find((one) => one.name === name)!;
  const spoiled = change(stacks.get('prod')!);
  expect(messages(rule, spoiled, configured(rule, 'prod').limits)).toContain(message);
});

it('a customer’s own bucket needs no bucket in the program: its roles are judged by its name', async () => {
  const stack = await stackOf('dev', { 'tierwatch:existingFootageBucket': 'their-footage' });
  const rule = ALL_RULES.find(({ name }) => name === 'role-equals-declaration')!;
  expect(messages(rule, stack)).toEqual([]);
});

describe.each(ENVIRONMENTS)('policies/%s.json', (environment) => {
  it('names rules and limits that exist, of their types', () => {
    for (const [name, settings] of Object.entries(configurationOf(environment))) {
      const rule = ALL_RULES.find((one) => one.name === name);
      const { enforcementLevel = 'mandatory', ...limits } = settings;
      expect([name, rule?.name]).toEqual([name, name]);
      expect(['mandatory', 'advisory', 'disabled']).toContain(enforcementLevel);
      for (const [limit, value] of Object.entries(limits)) {
        const strict = strictLimits(rule!)[limit];
        expect([limit, typeof value]).toEqual([limit, typeof strict]);
      }
    }
  });
});
