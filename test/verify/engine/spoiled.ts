/** A file of the program, a line of it, what becomes of that, and the message that a preview of prod then fails with. */
export const SPOILED: readonly (readonly [string, string, string, string])[] = [
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
    'infra/moved-by-hours.ts',
    'scalableTargetAction: { minCapacity: min, maxCapacity: max }',
    'scalableTargetAction: { minCapacity: min, maxCapacity: 200 }',
    '"tierwatch-prod-detect-cpu": expected at most 20 warm environments, scaled, found a maximum of 200',
  ],
];

/** The same of prod with a gpu lane. */
export const SPOILED_GPU: typeof SPOILED = [
  [
    'infra/gpu-scaling.ts',
    'schedules: gpu.schedules,',
    'schedules: [],',
    'to at most 4, down by schedule or to zero, and a budget, found at least 1 at every hour',
  ],
  [
    'infra/gpu-scaling.ts',
    'schedules: gpu.schedules,',
    'schedules: gpu.schedules.map((one) => ({ ...one, max: 40 })),',
    'to at most 4, down by schedule or to zero, and a budget, found a maximum of 40',
  ],
  [
    'infra/guardrails.ts',
    'new aws.budgets.Budget(',
    'new (class { constructor(..._: unknown[]) {} })(',
    'to at most 4, down by schedule or to zero, and a budget, found no budget',
  ],
  ['infra/gpu.ts', 'instanceType: ', "instanceType: 'ml.p3.2xlarge', was: ", 'found ml.p3.2xlarge'],
];
