import { describe, expect, it } from 'vitest';
import { US_EAST_1 } from '../../core/prices/us-east-1';
import { type Plan, reviewIdleCost, reviewPlan, unreasoned } from '../../core/review';
import { policyFindings, renderReview } from '../../core/review-report';
import { declaredReason } from '../../infra/declared-reason';

const TYPE = 'aws:iam/rolePolicy:RolePolicy';
const urn = (type: string, name: string) =>
  `urn:pulumi:dev::tierwatch::tierwatch:index:X$${type}::${name}`;
const policy = (...Statement: object[]) => ({
  type: TYPE,
  inputs: { policy: JSON.stringify({ Statement }) },
});
const allow = (Action: string | string[], Resource: string) => ({
  Effect: 'Allow',
  Action,
  Resource,
});
const KEY = 'aws:kms/key:Key';
const ALARM = 'aws:cloudwatch/metricAlarm:MetricAlarm';
const ENDPOINT = {
  type: 'aws:sagemaker/endpointConfiguration:EndpointConfiguration',
  inputs: {
    productionVariants: [{ instanceType: 'ml.g4dn.xlarge', initialInstanceCount: 2 }],
  },
};
const FLEET = 'arn:aws:s3:::fleet/*';

const PLAN: Plan = {
  steps: [
    { op: 'same', urn: urn('aws:sqs/queue:Queue', 'tierwatch-dev-cpu') },
    { op: 'update', urn: 'urn:pulumi:dev::tierwatch::tierwatch:index:Store::tierwatch-dev' },
    { op: 'delete', urn: urn('aws:sqs/queue:Queue', 'tierwatch-dev-old') },
    {
      op: 'update',
      urn: urn(TYPE, 'tierwatch-dev-alerts'),
      oldState: policy(allow(['s3:GetObject', 's3:ListBucket'], FLEET)),
      newState: policy(
        allow('s3:GetObject', FLEET),
        allow(['sns:Publish', 's3:DeleteObject'], '*'),
      ),
    },
    {
      op: 'create',
      urn: urn(TYPE, 'tierwatch-dev-route'),
      newState: { type: TYPE, inputs: { policy: '04da6b54-80e4-46f7-96ec-b56ff0331ba9' } },
    },
  ],
};

describe('the review of a plan', () => {
  const review = reviewPlan(PLAN, declaredReason);

  it('names each resource that changes, and each action that a role wins or loses', () => {
    expect(review).toEqual({
      changes: [
        { op: 'delete', type: 'aws:sqs/queue:Queue', name: 'tierwatch-dev-old' },
        { op: 'update', type: TYPE, name: 'tierwatch-dev-alerts' },
        { op: 'create', type: TYPE, name: 'tierwatch-dev-route' },
      ],
      added: [
        {
          role: 'tierwatch-dev-alerts',
          action: 'sns:Publish',
          resource: '*',
          reason: 'alerts and health alerts',
        },
        { role: 'tierwatch-dev-alerts', action: 's3:DeleteObject', resource: '*', reason: null },
      ],
      removed: [
        {
          role: 'tierwatch-dev-alerts',
          action: 's3:ListBucket',
          resource: FLEET,
          reason: expect.stringContaining('S3 answers 403'),
        },
      ],
      unknownRoles: ['tierwatch-dev-route'],
    });
  });

  it('refuses an addition that nobody gave a reason for', () => {
    expect(unreasoned(review).map(({ action }) => action)).toEqual(['s3:DeleteObject']);
    expect(unreasoned(reviewPlan({ steps: [] }, declaredReason))).toEqual([]);
  });

  it('sees a grant that is written the other way round', () => {
    const steps = [
      {
        op: 'create',
        urn: urn(TYPE, 'tierwatch-dev-alerts'),
        newState: policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }),
      },
    ];
    expect(reviewPlan({ steps }, declaredReason).added).toEqual([
      { role: 'tierwatch-dev-alerts', action: 'not iam:*', resource: '*', reason: null },
    ]);
  });

  it('becomes one comment', () => {
    const previewText = `Policies:
    tierwatch@v0.1.0 (local: policies)
        - [mandatory]  no-wildcard-action  (aws:iam/rolePolicy:RolePolicy: tierwatch-dev-alerts)
          A policy names each action that it allows.
          "tierwatch-dev-alerts": expected named actions, found s3:*; name the actions
        - [advisory]  role-equals-declaration  (pulumi:pulumi:Stack: tierwatch-dev)
          can't run policy 'role-equals-declaration' from policy pack 'tierwatch@v0.1.0' during preview
`;
    const fleetDiff = 'moved 1 camera (lab/door): tier low → steady; +$1.20 a month\n';
    const idle = reviewIdleCost(
      {
        steps: [
          { op: 'same', urn: urn(KEY, 'k'), oldState: { type: KEY }, newState: { type: KEY } },
          { op: 'create', urn: urn(ENDPOINT.type, 'gpu'), newState: ENDPOINT },
          { op: 'delete', urn: urn(ALARM, 'old'), oldState: { type: ALARM } },
        ],
      },
      US_EAST_1,
    );
    expect(renderReview({ environment: 'dev', review, idle, previewText, fleetDiff })).toBe(`## dev

**Resources**

\`\`\`
delete Queue tierwatch-dev-old
update RolePolicy tierwatch-dev-alerts
create RolePolicy tierwatch-dev-route
\`\`\`

**Roles**

\`\`\`
+ tierwatch-dev-alerts: sns:Publish on *: alerts and health alerts
+ tierwatch-dev-alerts: s3:DeleteObject on *: NO REASON DECLARED
- tierwatch-dev-alerts: s3:ListBucket on arn:aws:s3:::fleet/*
? tierwatch-dev-route: known when its resources are; judged by pulumi up
\`\`\`

**1 without a reason:** declare it in \`handlers/*.permissions.ts\`.

**Policies**

\`\`\`
[mandatory] no-wildcard-action: "tierwatch-dev-alerts": expected named actions, found s3:*; name the actions
1 wait for values that are known by the update
\`\`\`

**Infrastructure, dollars a month idle**

\`\`\`
- MetricAlarm old: $0.10 (each)
+ EndpointConfiguration gpu: $1075.14 (2 x 730 h sagemaker.ml.g4dn.xlarge.hour)
$1.10 → $1076.14, list prices, free tiers not taken off
\`\`\`

**Cameras and dollars a month**

\`\`\`
moved 1 camera (lab/door): tier low → steady; +$1.20 a month
\`\`\`
`);
  });

  it('says where nothing was found', () => {
    expect(policyFindings('Resources:\n    12 unchanged\n')).toEqual([]);
  });
});
