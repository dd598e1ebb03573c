import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineWorkspace, type Finished } from './engine';

const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;

let workspace: EngineWorkspace;
beforeAll(() => {
  workspace = EngineWorkspace.open();
}, 600_000);
afterAll(() => workspace?.close());

function judged(environment: string, ...values: string[]): Finished {
  const pack = ['--policy-pack', 'policies', '--policy-pack-config'];
  const stack = ['--stack', environment, '--non-interactive'];
  return workspace.run(...values, ...stack, ...pack, `policies/${environment}.json`);
}

describe.each(ENVIRONMENTS)('the real engine with the policy pack, %s', (environment) => {
  it('creates everything; no rule is broken, and none is left unjudged', () => {
    workspace.init(environment);
    const { status, text } = judged(environment, 'up', '--yes', '--skip-preview');
    expect([status, text]).toEqual([0, expect.stringMatching(/\+ \d{3} created/)]);
    expect(text).not.toMatch(/\[mandatory\]|can't run/);
    const again = judged(environment, 'preview', '--expect-no-changes');
    expect([again.status, again.text]).toEqual([0, expect.not.stringMatching(/can't run/)]);
  });
});

/** A line of the program, what becomes of it, and the message that the preview then fails with. */
const SPOILED: readonly (readonly [string, string, string, string])[] = [
  [
    'infra/role.ts',
    'Action: [...actions]',
    "Action: ['s3:*']",
    '"tierwatch-prod-alerts": expected named actions, found s3:*',
  ],
  [
    'infra/role.ts',
    'Resource: arn }',
    "Resource: '*' }",
    '"tierwatch-prod-alerts": expected named resources, found s3:GetObject, dynamodb:GetItem',
  ],
  [
    'infra/role.ts',
    "Condition: { StringEquals: { 'aws:SourceAccount': accountId } },",
    '',
    '"tierwatch-prod-alerts": expected trust in one service for this account, found lambda.amazonaws.com for any account',
  ],
  [
    'infra/image-function.ts',
    'permissions: [...permissions, ...platform]',
    'permissions: [...permissions]',
    '"tierwatch-prod-alerts": expected the permissions that "alerts" declares, found not logs:CreateLogStream on',
  ],
  [
    'infra/alert-topics.ts',
    "Condition: { StringEquals: { 'aws:SourceAccount': accountId } },",
    '',
    'expected named principals, found cloudwatch.amazonaws.com, budgets.amazonaws.com on behalf of any account',
  ],
  [
    'infra/private-bucket.ts',
    'restrictPublicBuckets: true',
    'restrictPublicBuckets: false',
    '"tierwatch-prod-footage": expected all public access blocked, found no restrictPublicBuckets',
  ],
  [
    'infra/private-bucket.ts',
    "'aws:SecureTransport': 'false'",
    "'aws:SecureTransport': 'true'",
    '"tierwatch-prod-footage": expected requests without TLS to be denied, found them allowed',
  ],
  [
    'infra/private-bucket.ts',
    'abortIncompleteMultipartUpload: { daysAfterInitiation: INCOMPLETE_UPLOAD_DAYS },',
    '',
    '"tierwatch-prod-footage": expected a lifecycle that ends incomplete uploads, found one that keeps them',
  ],
  [
    'infra/lane-queue.ts',
    'args.functionTimeoutSeconds * VISIBILITY_FACTOR',
    'args.functionTimeoutSeconds',
    '"tierwatch-prod-detect-cpu": expected "tierwatch-prod-cpu" to hide messages for at least 720 s, found 120 s with a timeout of 120 s',
  ],
  [
    'infra/lane-queue.ts',
    'maxReceiveCount: MAX_DELIVERIES',
    'maxReceiveCount: 50',
    '"tierwatch-prod-cpu": expected at most 5 deliveries, found 50',
  ],
  [
    'infra/feed.ts',
    "functionResponseTypes: ['ReportBatchItemFailures'],",
    '',
    '"tierwatch-prod-detect-cpu": expected ReportBatchItemFailures, found none',
  ],
  [
    'infra/feed.ts',
    'maxCapacity: warm.max,',
    'maxCapacity: 200,',
    '"tierwatch-prod-detect-cpu": expected at most 20 warm environments, scaled, found a maximum of 200',
  ],
];

it.each(SPOILED)(
  'a preview of prod fails where %s says not "%s" but "%s"',
  (file, from, to, message) => {
    const good = readFileSync(join(workspace.folder, file), 'utf8');
    workspace.edit(file, (text) => text.replaceAll(from, to));
    try {
      const { status, text } = judged('prod', 'preview');
      expect(status).not.toBe(0);
      expect(text).toContain(message);
      expect(text).toContain('[mandatory]');
    } finally {
      workspace.edit(file, () => good);
    }
  },
  60_000,
);
