import * as rules from '../../../policies/least-privilege';
import type { Judged } from '../../../policies/rule';
import { arnOf, made, spoil, without } from '../judged';
import type { Case, ThemeCases } from './case';

const documentOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const allowing = (Action: string | readonly string[], Resource: string, change = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...change,
});
const TRUSTS = {
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
  Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
};
/** A role of a service, with what it may do. */
const TRACES = allowing(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*');
const READS = allowing(['s3:GetObject'], 'arn:aws:s3:::tierwatch-dev-footage/*');
const PASSES = allowing('iam:PassRole', arnOf('iam', 'role/tierwatch-dev-gpu'), {
  Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
});
const role = made('aws:iam/role:Role', 'own', { assumeRolePolicy: documentOf(TRUSTS) });
const policy = made(
  'aws:iam/rolePolicy:RolePolicy',
  'own',
  { policy: documentOf(READS, TRACES, PASSES) },
  { role: [role] },
);

/** A function with the role that its handler declares. */
const table = made('aws:dynamodb/table:Table', 'store', { arn: arnOf('dynamodb', 'table/store') });
const lambdaRole = made('aws:iam/role:Role', 'roll-up', {
  arn: arnOf('iam', 'role/roll-up'),
  id: 'roll-up',
  assumeRolePolicy: documentOf(TRUSTS),
});
const lambda = made(
  'aws:lambda/function:Function',
  'roll-up',
  { name: 'roll-up', imageConfig: { commands: ['handlers/roll-up.handler'] } },
  { role: [lambdaRole] },
);
const logs = made('aws:cloudwatch/logGroup:LogGroup', 'roll-up', {
  name: '/aws/lambda/roll-up',
  arn: arnOf('logs', 'log-group:/aws/lambda/roll-up'),
});
const DECLARED = [
  allowing(
    ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
    arnOf('dynamodb', 'table/store'),
  ),
  allowing(['dynamodb:Query'], arnOf('dynamodb', 'table/store/index/by-time')),
  allowing(
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    arnOf('logs', 'log-group:/aws/lambda/roll-up:*'),
  ),
];
const lambdaPolicy = made(
  'aws:iam/rolePolicy:RolePolicy',
  'roll-up',
  { role: 'roll-up', policy: documentOf(...DECLARED) },
  { role: [lambdaRole] },
);
const good: readonly Judged[] = [role, policy, table, lambdaRole, lambda, logs, lambdaPolicy];

const granting = (...statements: object[]) =>
  spoil(good, policy, { policy: documentOf(...statements) });
const trusting = (change: object) =>
  spoil(good, role, { assumeRolePolicy: documentOf({ ...TRUSTS, ...change }) });
const declaring = (...statements: object[]) =>
  spoil(good, lambdaPolicy, { policy: documentOf(...statements) });
const attached = made(
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment',
  'admin',
  { role: 'roll-up', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
  { role: [lambdaRole] },
);
const operators = arnOf('iam', 'role/operators');

const RESOURCES = '"own": expected named resources, found s3:GetObject on everything';
const TRUST = '"own": expected trust in one service for this account';
const PASSING = '"own": expected iam:PassRole of a named role to one service';
const DECLARATION = '"roll-up": expected the permissions that "roll-up" declares';

export const LEAST_PRIVILEGE: ThemeCases = {
  good,
  rules: [
    {
      rule: rules.noWildcardAction,
      fix: 'name the actions, in handlers/<function>.permissions.ts with a reason',
      fails: [
        ['"own": expected named actions, found s3:*', granting({ ...READS, Action: 's3:*' })],
        [
          '"own": expected named actions, found *',
          granting({ ...READS, Action: ['sqs:SendMessage', '*'] }),
        ],
        [
          '"own": expected named actions, found NotAction',
          granting({ ...READS, Action: undefined, NotAction: 'iam:*' }),
        ],
        [
          '"own": expected named actions, found s3:*',
          [
            {
              ...role,
              props: {
                ...role.props,
                inlinePolicies: [{ policy: documentOf(allowing('s3:*', 'arn:aws:s3:::own')) }],
              },
            },
          ],
        ],
      ],
    },
    {
      rule: rules.noWildcardResource,
      fix: 'name the resource; an action that has none is registered in core/permissions.ts with its reason',
      passes: [
        // What lies inside a named resource may be a wildcard.
        [
          'every stream of a log group',
          granting({ ...READS, Resource: arnOf('logs', 'log-group:/aws/lambda/route:*') }),
        ],
        [
          'every index of a table',
          granting({ ...READS, Resource: arnOf('dynamodb', 'table/store/index/*') }),
        ],
      ],
      fails: [
        '*',
        'arn:aws:s3:::*',
        ['arn:aws:s3:::own/*', 'arn:aws:s3:::tierwatch-*/*'],
        arnOf('dynamodb', 'table/*'),
        arnOf('sqs', '*'),
      ]
        .map((Resource): Case => [RESOURCES, granting({ ...READS, Resource })])
        .concat([
          [
            RESOURCES,
            granting({ ...READS, Resource: undefined, NotResource: 'arn:aws:s3:::own/*' }),
          ],
        ]),
    },
    {
      rule: rules.noUsersOrKeys,
      fix: 'use a role: OIDC for pipelines, the identity centre for people',
      fails: [
        'user:User',
        'accessKey:AccessKey',
        'userPolicy:UserPolicy',
        'userPolicyAttachment:UserPolicyAttachment',
        'userLoginProfile:UserLoginProfile',
        'group:Group',
      ].map((type) => [
        `"bob": expected no users or keys, found ${type.split(':')[1]}`,
        [...good, made(`aws:iam/${type}`, 'bob', {})],
      ]),
    },
    {
      rule: rules.trustIsNarrow,
      fix: 'trust one Service with the condition StringEquals aws:SourceAccount; people’s and pipelines’ principals are listed in policies/<environment>.json',
      passes: [
        [
          'a principal that the environment lists',
          trusting({ Principal: { AWS: operators }, Condition: undefined }),
          { principals: [operators] },
        ],
      ],
      fails: [
        [
          `${TRUST}, found lambda.amazonaws.com for any account`,
          trusting({ Condition: undefined }),
        ],
        [
          `${TRUST}, found trust in lambda.amazonaws.com, ec2.amazonaws.com`,
          trusting({ Principal: { Service: ['lambda.amazonaws.com', 'ec2.amazonaws.com'] } }),
        ],
        [`${TRUST}, found trust in everybody`, trusting({ Principal: '*' })],
        [`${TRUST}, found trust in *`, trusting({ Principal: { AWS: '*' } })],
        [`${TRUST}, found trust in ${operators}`, trusting({ Principal: { AWS: operators } })],
      ],
    },
    {
      rule: rules.passRoleToItsService,
      fix: 'name the role’s ARN, with the condition StringEquals iam:PassedToService',
      fails: [
        [`${PASSING}, found any role`, granting({ ...PASSES, Resource: arnOf('iam', 'role/*') })],
        [`${PASSING}, found 0 services named`, granting({ ...PASSES, Condition: {} })],
        [
          `${PASSING}, found 2 services named`,
          granting({
            ...PASSES,
            Condition: {
              StringEquals: { 'iam:PassedToService': ['a.amazonaws.com', 'b.amazonaws.com'] },
            },
          }),
        ],
      ],
    },
    {
      rule: rules.roleEqualsDeclaration,
      fix: 'declare it in handlers/<function>.permissions.ts with its reason, or take it out of the role',
      fails: [
        [
          `${DECLARATION}, found also s3:DeleteObject on arn:aws:s3:::footage/*`,
          declaring(...DECLARED, allowing('s3:DeleteObject', 'arn:aws:s3:::footage/*')),
        ],
        [
          `${DECLARATION}, found not dynamodb:Query on ${arnOf('dynamodb', 'table/store/index/by-time')}`,
          declaring(DECLARED[0]!, DECLARED[2]!),
        ],
        [`${DECLARATION}, found a managed policy beside them`, [...good, attached]],
        [
          `${DECLARATION}, found a role from elsewhere`,
          without(without(good, lambdaRole), lambdaPolicy),
        ],
        [
          '"roll-up": expected the permissions that "roll-up" declares, found no declaration',
          spoil(good, lambda, { imageConfig: undefined }),
        ],
      ],
    },
  ],
};
