import { describe, expect, it } from 'vitest';
import * as rules from '../../policies/least-privilege';
import { arnOf, made, messages, spoil } from './judged';

const documentOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const READS = {
  Effect: 'Allow',
  Action: ['s3:GetObject'],
  Resource: 'arn:aws:s3:::tierwatch-dev-footage/*',
};
const TRACES = {
  Effect: 'Allow',
  Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  Resource: '*',
};
const PASSES = {
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: arnOf('iam', 'role/tierwatch-dev-gpu'),
  Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
};
const TRUSTS = {
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
  Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
};
const role = made('aws:iam/role:Role', 'route', { assumeRolePolicy: documentOf(TRUSTS) });
const policy = made(
  'aws:iam/rolePolicy:RolePolicy',
  'route',
  { policy: documentOf(READS, TRACES, PASSES) },
  { role: [role] },
);
const GOOD = [role, policy];
const granting = (...statements: object[]) =>
  spoil(GOOD, policy, { policy: documentOf(...statements) });
const trusting = (change: object) =>
  spoil(GOOD, role, { assumeRolePolicy: documentOf({ ...TRUSTS, ...change }) });

describe('the rules of least privilege', () => {
  it.each(rules.LEAST_PRIVILEGE_RULES)('$name passes a narrow role', (rule) => {
    expect(messages(rule, GOOD)).toEqual([]);
  });

  it.each([
    ['s3:*', { Action: 's3:*' }],
    ['*', { Action: ['sqs:SendMessage', '*'] }],
    ['NotAction', { Action: undefined, NotAction: 'iam:*' }],
  ])('an action is named: not %s', (found, change) => {
    expect(messages(rules.noWildcardAction, granting({ ...READS, ...change }))).toEqual([
      `"route": expected named actions, found ${found}; name the actions, in handlers/<function>.permissions.ts with a reason`,
    ]);
  });

  it.each([
    [{ Resource: '*' }],
    [{ Resource: 'arn:aws:s3:::*' }],
    [{ Resource: ['arn:aws:s3:::own/*', 'arn:aws:s3:::tierwatch-*/*'] }],
    [{ Resource: arnOf('dynamodb', 'table/*') }],
    [{ Resource: arnOf('sqs', '*') }],
    [{ Resource: undefined, NotResource: 'arn:aws:s3:::own/*' }],
  ])('a resource is named: not %j', (change) => {
    expect(messages(rules.noWildcardResource, granting({ ...READS, ...change }))).toEqual([
      '"route": expected named resources, found s3:GetObject on everything; name the resource; an action that has none is registered in core/permissions.ts with its reason',
    ]);
  });

  it.each([
    arnOf('logs', 'log-group:/aws/lambda/route:*'),
    arnOf('dynamodb', 'table/store/index/*'),
  ])('what lies inside a named resource may be a wildcard: %s', (Resource) => {
    expect(messages(rules.noWildcardResource, granting({ ...READS, Resource }))).toEqual([]);
  });

  it.each(['user:User', 'accessKey:AccessKey', 'userLoginProfile:UserLoginProfile'])(
    'there is no %s',
    (type) => {
      const extra = made(`aws:iam/${type}`, 'bob', {});
      expect(messages(rules.noUsersOrKeys, [...GOOD, extra])).toEqual([
        `"bob": expected no users or keys, found ${type.split(':')[1]}; use a role: OIDC for pipelines, the identity centre for people`,
      ]);
    },
  );

  it.each([
    ['lambda.amazonaws.com for any account', { Condition: undefined }],
    [
      'trust in lambda.amazonaws.com, ec2.amazonaws.com',
      { Principal: { Service: ['lambda.amazonaws.com', 'ec2.amazonaws.com'] } },
    ],
    ['trust in everybody', { Principal: '*' }],
    ['trust in *', { Principal: { AWS: '*' } }],
    [
      'trust in arn:aws:iam::999999999999:root',
      { Principal: { AWS: 'arn:aws:iam::999999999999:root' } },
    ],
  ])('a role’s trust is narrow: not %s', (found, change) => {
    expect(messages(rules.trustIsNarrow, trusting(change))).toEqual([
      `"route": expected trust in one service for this account, found ${found}; trust one Service with the condition StringEquals aws:SourceAccount; people’s and pipelines’ principals are listed in policies/<environment>.json`,
    ]);
  });

  it('a role may trust a principal that the environment lists', () => {
    const AWS = 'arn:aws:iam::123456789012:role/operators';
    const stack = trusting({ Principal: { AWS }, Condition: undefined });
    expect(messages(rules.trustIsNarrow, stack, { principals: [AWS] })).toEqual([]);
  });

  it.each([
    ['any role', { Resource: arnOf('iam', 'role/*') }],
    ['0 services named', { Condition: {} }],
    [
      '2 services named',
      {
        Condition: {
          StringEquals: { 'iam:PassedToService': ['a.amazonaws.com', 'b.amazonaws.com'] },
        },
      },
    ],
  ])('a role is passed to its service alone: not %s', (found, change) => {
    expect(messages(rules.passRoleToItsService, granting({ ...PASSES, ...change }))).toEqual([
      `"route": expected iam:PassRole of a named role to one service, found ${found}; name the role’s ARN, with the condition StringEquals iam:PassedToService`,
    ]);
  });
});
