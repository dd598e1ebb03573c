import { matches } from '../core/iam/evaluate';
import {
  ENDPOINT_PERMISSIONS,
  METRICS_PERMISSION,
  type Permission,
  platformPermissions,
} from '../core/permissions';
import { declaredGrants, handlerOf } from './declared-parts';
import {
  conditionOf,
  grantedBy,
  IDENTITY_POLICIES,
  listOf,
  type PolicyStatement,
  statementsOf,
} from './documents';
import { type Judged, propsOf, type ResourceRule, type StackRule } from './rule';
import { attachedTo, ofType, pointsTo } from './stack';

const ROLE = 'aws:iam/role:Role';

const allowsOf = (resource: Judged): PolicyStatement[] =>
  grantedBy(resource).filter(({ Effect }) => Effect === 'Allow');

export const noWildcardAction: ResourceRule = {
  scope: 'resource',
  name: 'no-wildcard-action',
  theme: 'least privilege',
  description: 'A policy names each action that it allows.',
  why: 's3:* deletes footage where s3:GetObject was meant, and takes in every action that AWS adds later.',
  fix: 'name the actions, in handlers/<function>.permissions.ts with a reason',
  judges: IDENTITY_POLICIES,
  check(resource) {
    const allowed = allowsOf(resource);
    const wide = allowed.flatMap(({ Action }) => listOf(Action)).filter((one) => /[*?]/.test(one));
    const inverted = allowed.some(({ NotAction }) => NotAction !== undefined) ? ['NotAction'] : [];
    const found = [...wide, ...inverted];
    return found.length === 0 ? null : { expected: 'named actions', found: found.join(', ') };
  },
};

/** Actions on every resource that are declared, each with its reason. */
const WIDE_PERMISSIONS: readonly Permission[] = [
  ...ENDPOINT_PERMISSIONS,
  METRICS_PERMISSION,
  ...platformPermissions({
    eventSource: null,
    isInVpc: true,
    hasDataKey: true,
    isTraced: true,
    readsFootage: true,
    discoversEndpoints: true,
  }),
].filter(({ resource }) => resource === 'everything' || resource === 'liveEndpoints');
const WIDE_ACTIONS = WIDE_PERMISSIONS.flatMap(({ actions }) => actions);

export const noWildcardResource: ResourceRule = {
  scope: 'resource',
  name: 'no-wildcard-resource',
  theme: 'least privilege',
  description: 'A policy names the resources that it is about, but for actions that have none.',
  why: 'A role for one queue would read every queue of the account. Registered, with reasons: core/permissions.ts, "everything".',
  fix: 'name the resource; an action that has none is registered in core/permissions.ts with its reason',
  judges: IDENTITY_POLICIES,
  check(resource) {
    const wide = allowsOf(resource).filter(
      ({ Resource, NotResource }) =>
        NotResource !== undefined || listOf(Resource).some((one) => isEverything(one)),
    );
    const unregistered = wide
      .flatMap(({ Action }) => listOf(Action))
      .filter((action) => !WIDE_ACTIONS.includes(action));
    if (unregistered.length === 0) return null;
    return { expected: 'named resources', found: `${unregistered.join(', ')} on everything` };
  },
};

/** Words that stand before the name in ARNs. */
const KINDS =
  'table|function|role|policy|key|alias|log-group|secret|deliverystream|endpoint|database|repository|alarm|schedule';
const EVERY_NAME = new RegExp(`^((${KINDS})[/:])?[*?]`);

/** `*`, or an ARN whose first name is a wildcard: every bucket, queue, table, role. */
function isEverything(resource: string): boolean {
  const [, , service = '', , , ...rest] = resource.split(':');
  if (resource === '*' || /[*?]/.test(service)) return true;
  const name = rest.join(':');
  const [first = ''] = name.split('/');
  return service === 's3' ? /[*?]/.test(first) : EVERY_NAME.test(name);
}

export const noUsersOrKeys: ResourceRule = {
  scope: 'resource',
  name: 'no-users-or-keys',
  theme: 'least privilege',
  description: 'Nobody gets a user or a key: people and machines take roles.',
  why: 'A key does not expire, and is found in a repository sooner or later.',
  fix: 'use a role: OIDC for pipelines, the identity centre for people',
  judges: [
    'aws:iam/user:User',
    'aws:iam/accessKey:AccessKey',
    'aws:iam/userPolicy:UserPolicy',
    'aws:iam/userPolicyAttachment:UserPolicyAttachment',
    'aws:iam/userLoginProfile:UserLoginProfile',
    'aws:iam/group:Group',
  ],
  check: ({ type }) => ({ expected: 'no users or keys', found: type.split(':').at(-1) ?? type }),
};

export const trustIsNarrow: ResourceRule<{ readonly principals: readonly string[] }> = {
  scope: 'resource',
  name: 'trust-is-narrow',
  theme: 'least privilege',
  description: 'A role trusts one service, on behalf of this account alone.',
  why: 'A service works for every customer of AWS: without aws:SourceAccount another one’s resource may use the role (confused deputy): https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html',
  fix: 'trust one Service with the condition StringEquals aws:SourceAccount; people’s and pipelines’ principals are listed in policies/<environment>.json',
  limits: { principals: { strict: [], meaning: 'ARNs of people’s and pipelines’ principals' } },
  judges: [ROLE],
  check(role, { principals }) {
    const { assumeRolePolicy } = propsOf<{ assumeRolePolicy: unknown }>(role);
    const expected = 'trust in one service for this account';
    for (const statement of statementsOf(assumeRolePolicy)) {
      if (statement.Effect !== 'Allow') continue;
      const found = whatIsWide(statement, principals);
      if (found) return { expected, found };
    }
    return null;
  },
};

function whatIsWide(statement: PolicyStatement, trusted: readonly string[]): string | null {
  const { Principal } = statement;
  if (Principal === undefined || Principal === '*') return 'trust in everybody';
  const { Service, ...others } = Principal;
  const strangers = Object.values(others).flatMap(listOf);
  const unknown = strangers.filter((one) => !trusted.includes(one));
  if (unknown.length > 0) return `trust in ${unknown.join(', ')}`;
  const services = listOf(Service);
  if (services.length > 1) return `trust in ${services.join(', ')}`;
  const isBound = conditionOf(statement, /^StringEquals$/, 'aws:SourceAccount').length > 0;
  return services.length === 1 && !isBound ? `${services[0]} for any account` : null;
}

export const passRoleToItsService: ResourceRule = {
  scope: 'resource',
  name: 'pass-role-to-its-service',
  theme: 'least privilege',
  description: 'Who may pass a role passes named roles, to one named service.',
  why: 'Who passes any role to a function of his own has that role’s rights.',
  fix: 'name the role’s ARN, with the condition StringEquals iam:PassedToService',
  judges: IDENTITY_POLICIES,
  check(resource) {
    const passing = allowsOf(resource).filter(({ Action }) =>
      listOf(Action).some((one) => matches(one.toLowerCase(), 'iam:passrole')),
    );
    const expected = 'iam:PassRole of a named role to one service';
    for (const statement of passing) {
      if (listOf(statement.Resource).some((one) => /[*?]/.test(one))) {
        return { expected, found: 'any role' };
      }
      const services = conditionOf(statement, /^StringEquals$/, 'iam:PassedToService');
      if (services.length !== 1) return { expected, found: `${services.length} services named` };
    }
    return null;
  },
};

export const roleEqualsDeclaration: StackRule = {
  scope: 'stack',
  name: 'role-equals-declaration',
  theme: 'least privilege',
  description: 'A function’s role equals what its handler declares, and what its platform needs.',
  why: 'The declaration is proven enough and needed against the calls that the code makes; what is beside it is not.',
  fix: 'declare it in handlers/<function>.permissions.ts with its reason, or take it out of the role',
  judges: ['aws:lambda/function:Function'],
  check(lambda, stack) {
    const declared = declaredGrants(lambda, stack);
    const expected = `the permissions that "${handlerOf(lambda) ?? lambda.name}" declares`;
    if (!declared) return { expected, found: 'no declaration' };
    const role = ofType(stack, ROLE).find((one) => pointsTo(lambda, 'role', one));
    if (!role) return { expected, found: 'a role from elsewhere' };
    const attached = attachedTo(role, {
      stack,
      type: 'aws:iam/rolePolicyAttachment:RolePolicyAttachment',
      property: 'role',
    });
    const { managedPolicyArns = [] } = propsOf<{ managedPolicyArns: readonly string[] }>(role);
    if (attached.length + managedPolicyArns.length > 0) {
      return { expected, found: 'a managed policy beside them' };
    }
    const type = 'aws:iam/rolePolicy:RolePolicy';
    const policies = attachedTo(role, { stack, type, property: 'role' });
    const granted = [role, ...policies].flatMap(allowsOf).flatMap(pairsOf);
    return differenceOf(declared, granted, expected);
  },
};

function pairsOf({ Action, Resource }: PolicyStatement): string[] {
  return listOf(Action).flatMap((action) => listOf(Resource).map((arn) => `${action} on ${arn}`));
}

function differenceOf(declared: readonly string[], granted: readonly string[], expected: string) {
  const extra = [...new Set(granted.filter((pair) => !declared.includes(pair)))];
  const missing = [...new Set(declared.filter((pair) => !granted.includes(pair)))];
  const found = [
    ...(extra.length > 0 ? [`also ${extra.join(', ')}`] : []),
    ...(missing.length > 0 ? [`not ${missing.join(', ')}`] : []),
  ];
  return found.length === 0 ? null : { expected, found: found.join('; ') };
}

export const LEAST_PRIVILEGE_RULES = [
  noWildcardAction,
  noWildcardResource,
  noUsersOrKeys,
  trustIsNarrow,
  passRoleToItsService,
  roleEqualsDeclaration,
] as const;
