import {
  conditionOf,
  isAboutEverybody,
  listOf,
  type PolicyStatement,
  principalsOf,
  statementsOf,
} from './documents';
import { type Judged, propsOf, type ResourceRule } from './rule';

const PERMISSION = 'aws:lambda/permission:Permission';

const RESOURCE_POLICIES = [
  'aws:s3/bucketPolicy:BucketPolicy',
  'aws:sqs/queuePolicy:QueuePolicy',
  'aws:sns/topicPolicy:TopicPolicy',
  'aws:kms/key:Key',
  'aws:secretsmanager/secretPolicy:SecretPolicy',
  'aws:ecr/repositoryPolicy:RepositoryPolicy',
  PERMISSION,
] as const;

export const policyIsNotPublic: ResourceRule = {
  scope: 'resource',
  name: 'policy-is-not-public',
  theme: 'data',
  description:
    'A resource’s policy allows nobody it does not name, and a service only for this account.',
  why: 'A service works for every customer of AWS: without the account, another customer’s bucket or alarm may use ours (confused deputy).',
  fix: 'name the principal, and give a service the condition aws:SourceAccount or aws:SourceArn (sourceAccount or sourceArn of a Permission)',
  judges: RESOURCE_POLICIES,
  check(resource) {
    const allowed = statementsIn(resource).filter(({ Effect }) => Effect === 'Allow');
    const expected = 'named principals';
    if (allowed.some(isAboutEverybody)) return { expected, found: 'everybody' };
    const loose = allowed.find((one) => isAboutService(one) && !isForAccount(one));
    if (!loose) return null;
    const services = listOf(principalsOf(loose).Service).join(', ');
    return { expected, found: `${services} on behalf of any account` };
  },
};

function statementsIn(resource: Judged): PolicyStatement[] {
  return resource.type === PERMISSION
    ? [statementOf(resource)]
    : statementsOf(resource.props.policy);
}

/** Lambda writes a statement of a function's policy from it. */
function statementOf(permission: Judged): PolicyStatement {
  const {
    principal = '*',
    sourceAccount,
    sourceArn,
  } = propsOf<{
    principal: string;
    sourceAccount: string;
    sourceArn: string;
  }>(permission);
  const Principal = principal.endsWith('.amazonaws.com')
    ? { Service: principal }
    : { AWS: principal };
  return {
    Effect: 'Allow',
    Principal,
    Action: 'lambda:InvokeFunction',
    Resource: '*',
    Condition: {
      ...(sourceAccount ? { StringEquals: { 'aws:SourceAccount': sourceAccount } } : {}),
      ...(sourceArn ? { ArnLike: { 'aws:SourceArn': sourceArn } } : {}),
    },
  };
}

function isAboutService(statement: PolicyStatement): boolean {
  return principalsOf(statement).Service !== undefined;
}

/** `*`, or the ARN of anything of any account. */
const ANYTHING = /^(\*|arn:[^:]*:[^:]*:[^:]*:\*?:\*)/;

function isForAccount(statement: PolicyStatement): boolean {
  return ['aws:SourceAccount', 'aws:SourceArn'].some((key) => {
    const values = conditionOf(statement, /^(String|Arn)(Equals|Like)/, key);
    return values.length > 0 && !values.some((value) => ANYTHING.test(value));
  });
}

interface IngressRule {
  readonly cidrBlocks?: readonly string[];
  readonly ipv6CidrBlocks?: readonly string[];
}

/** What lets the internet in, by type; null: nothing does. */
const OPENINGS: Readonly<Record<string, (resource: Judged) => string | null>> = {
  'aws:timestreaminfluxdb/dbInstance:DbInstance': publicAddress,
  'aws:timestreaminfluxdb/dbCluster:DbCluster': publicAddress,
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': (rule) => {
    const { cidrIpv4, cidrIpv6 } = propsOf<{ cidrIpv4: string; cidrIpv6: string }>(rule);
    return everywhere([cidrIpv4, cidrIpv6]);
  },
  'aws:ec2/securityGroup:SecurityGroup': (group) => {
    const { ingress = [] } = propsOf<{ ingress: readonly IngressRule[] }>(group);
    return everywhere(
      ingress.flatMap(({ cidrBlocks = [], ipv6CidrBlocks = [] }) => [
        ...cidrBlocks,
        ...ipv6CidrBlocks,
      ]),
    );
  },
  'aws:lambda/functionUrl:FunctionUrl': (url) =>
    propsOf<{ authorizationType: string }>(url).authorizationType === 'NONE'
      ? 'an address without authorisation'
      : null,
};

function publicAddress(database: Judged): string | null {
  const { publiclyAccessible } = propsOf<{ publiclyAccessible: boolean }>(database);
  return publiclyAccessible ? 'a public address' : null;
}

function everywhere(ranges: readonly (string | undefined)[]): string | null {
  return ranges.find((range) => range === '0.0.0.0/0' || range === '::/0') ?? null;
}

export const closedToTheInternet: ResourceRule = {
  scope: 'resource',
  name: 'closed-to-the-internet',
  theme: 'data',
  description: 'Nothing but CloudFront and the api’s gateway answers the internet.',
  why: 'A time series, a network or a function with a door of its own is found by scanners within the hour, and nobody signs in there.',
  fix: 'set publiclyAccessible: false, name the security group that may come in, or authorise by AWS_IAM',
  judges: Object.keys(OPENINGS),
  check(resource) {
    const found = OPENINGS[resource.type]?.(resource) ?? null;
    return found === null ? null : { expected: 'no door to the internet', found };
  },
};

export const alertsAreSentOverTls: ResourceRule = {
  scope: 'resource',
  name: 'alerts-are-sent-over-tls',
  theme: 'data',
  description: 'An alert leaves the platform over TLS.',
  why: 'It says which camera saw whom and when; by http everybody on the way reads it, and can forge the next.',
  fix: 'subscribe an https address',
  judges: ['aws:sns/topicSubscription:TopicSubscription'],
  check(subscription) {
    const { protocol } = propsOf<{ protocol: string }>(subscription);
    return protocol === 'http' ? { expected: 'TLS', found: 'http' } : null;
  },
};

export const EXPOSURE_RULES = [
  policyIsNotPublic,
  closedToTheInternet,
  alertsAreSentOverTls,
] as const;
