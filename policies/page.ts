import { type Judged, propsOf, type ResourceRule } from './rule';
import { isSet } from './stack';

const DISTRIBUTION = 'aws:cloudfront/distribution:Distribution';

interface Behavior {
  readonly targetOriginId?: string;
  readonly viewerProtocolPolicy?: string;
  readonly trustedKeyGroups?: readonly string[];
}
interface Origin {
  readonly originId?: string;
  readonly originAccessControlId?: unknown;
  readonly customOriginConfig?: {
    readonly originProtocolPolicy?: string;
    readonly originSslProtocols?: readonly string[];
  };
}
interface Distribution {
  readonly origins: readonly Origin[];
  readonly defaultCacheBehavior: Behavior;
  readonly orderedCacheBehaviors: readonly Behavior[];
  readonly viewerCertificate: { readonly minimumProtocolVersion?: string };
}

const bucketOrigins = ({ origins = [] }: Partial<Distribution>): readonly Origin[] =>
  origins.filter(({ customOriginConfig }) => !customOriginConfig);

export const distributionUsesTls12: ResourceRule = {
  scope: 'resource',
  name: 'distribution-uses-tls-1-2',
  theme: 'data',
  description: 'CloudFront speaks TLS 1.2 or later with browsers and with what it asks.',
  why: 'With CloudFront’s own name and certificate a browser may fall back to TLS 1.0: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html',
  fix: 'give it a name and certificate (tierwatch:pageDomain) with minimumProtocolVersion TLSv1.2_2021, redirect-to-https, and https-only origins with TLSv1.2',
  judges: [DISTRIBUTION],
  check(distribution) {
    const props = propsOf<Distribution>(distribution);
    const { viewerCertificate, defaultCacheBehavior, orderedCacheBehaviors = [] } = props;
    const expected = 'TLS 1.2 or later everywhere';
    const least = viewerCertificate?.minimumProtocolVersion ?? 'TLSv1';
    if (!/^TLSv1\.[23]/.test(least)) return { expected, found: `${least} with browsers` };
    const behaviors = [
      ...(defaultCacheBehavior ? [defaultCacheBehavior] : []),
      ...orderedCacheBehaviors,
    ];
    const plain = behaviors.find(
      ({ viewerProtocolPolicy }) => viewerProtocolPolicy === 'allow-all',
    );
    if (plain) return { expected, found: `"${plain.targetOriginId}" without TLS` };
    const weak = props.origins?.find(({ customOriginConfig: asked }) => {
      if (!asked) return false;
      const { originProtocolPolicy, originSslProtocols = [] } = asked;
      return (
        originProtocolPolicy !== 'https-only' ||
        originSslProtocols.some((protocol) => !/^TLSv1\.[23]$/.test(protocol))
      );
    });
    return weak ? { expected, found: `less with the origin "${weak.originId}"` } : null;
  },
};

export const bucketIsReadByAccessControl: ResourceRule = {
  scope: 'resource',
  name: 'bucket-is-read-by-access-control',
  theme: 'data',
  description: 'CloudFront signs what it asks of a bucket, so the bucket itself stays private.',
  why: 'Without an origin access control the bucket would have to be public: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html',
  fix: 'give each bucket’s origin an originAccessControlId with signingBehavior always',
  judges: [DISTRIBUTION, 'aws:cloudfront/originAccessControl:OriginAccessControl'],
  check(resource) {
    if (resource.type !== DISTRIBUTION) {
      const { signingBehavior } = propsOf<{ signingBehavior: string }>(resource);
      if (signingBehavior === 'always') return null;
      return { expected: 'requests that are always signed', found: String(signingBehavior) };
    }
    const open = bucketOrigins(propsOf<Distribution>(resource)).find(
      (origin) => !('originAccessControlId' in origin),
    );
    if (!open) return null;
    return { expected: 'an origin access control', found: `none at "${open.originId}"` };
  },
};

export const footageNeedsASignature: ResourceRule = {
  scope: 'resource',
  name: 'footage-needs-a-signature',
  theme: 'data',
  description: 'Of the buckets behind CloudFront only the page’s is read without a signature.',
  why: 'A link to footage would show a customer’s premises to whoever has it, for ever.',
  fix: 'give the behavior of every other bucket trustedKeyGroups',
  judges: [DISTRIBUTION],
  check(distribution) {
    const props = propsOf<Distribution>(distribution);
    const buckets = bucketOrigins(props).map(({ originId }) => originId);
    const open = (props.orderedCacheBehaviors ?? []).find(
      ({ targetOriginId, trustedKeyGroups }) =>
        buckets.includes(targetOriginId) && (trustedKeyGroups ?? []).length === 0,
    );
    if (!open) return null;
    return { expected: 'a trusted key group', found: `none for "${open.targetOriginId}"` };
  },
};

export const routeHasAuthorizer: ResourceRule<{ readonly openRoutes: readonly string[] }> = {
  scope: 'resource',
  name: 'route-has-authorizer',
  theme: 'least privilege',
  description: 'Every route of an API has a token verified before its function is asked.',
  why: 'What the function shows depends on the token’s claims: without an authoriser anybody could write them.',
  fix: 'set authorizationType JWT and authorizerId; a route that nobody needs to sign in for is listed in policies/<environment>.json',
  limits: {
    openRoutes: {
      strict: [
        'POST /api/session',
        'DELETE /api/session',
        'GET /api/sign-in',
        'GET /api/sign-in/{step}',
      ],
      meaning: 'Routes without a token: nobody has one before signing in',
    },
  },
  judges: ['aws:apigatewayv2/route:Route'],
  check(route, { openRoutes }) {
    const { routeKey = '', authorizationType = 'NONE' } = propsOf<{
      routeKey: string;
      authorizationType: string;
    }>(route);
    const expected = 'an authoriser';
    if (authorizationType === 'NONE') {
      return openRoutes.includes(routeKey) ? null : { expected, found: `none at "${routeKey}"` };
    }
    const needsOne = authorizationType === 'JWT' || authorizationType === 'CUSTOM';
    if (!needsOne || isSet(route, 'authorizerId')) return null;
    return { expected, found: `${authorizationType} without one at "${routeKey}"` };
  },
};

export const apiIsThrottled: ResourceRule<{ readonly maxRequestsPerSecond: number }> = {
  scope: 'resource',
  name: 'api-is-throttled',
  theme: 'cost',
  description: 'An API answers so many requests a second, and logs them.',
  why: 'Each request is a function’s time and reads of the table: a loop in a browser, or an attack, is a bill.',
  fix: 'set defaultRouteSettings.throttlingRateLimit and throttlingBurstLimit, and accessLogSettings',
  limits: { maxRequestsPerSecond: { strict: 1000, meaning: 'Requests a second' } },
  judges: ['aws:apigatewayv2/stage:Stage'],
  check(stage, { maxRequestsPerSecond }) {
    const { defaultRouteSettings = {} } = propsOf<{
      defaultRouteSettings: { throttlingRateLimit?: number; throttlingBurstLimit?: number };
    }>(stage);
    const { throttlingRateLimit: rate = 0, throttlingBurstLimit: burst = 0 } = defaultRouteSettings;
    const expected = `at most ${maxRequestsPerSecond} requests a second, logged`;
    if (rate <= 0 || burst <= 0) return { expected, found: 'no throttling' };
    if (rate > maxRequestsPerSecond) return { expected, found: String(rate) };
    return hasAccessLog(stage) ? null : { expected, found: 'no access log' };
  },
};

function hasAccessLog(stage: Judged): boolean {
  return isSet(stage, 'accessLogSettings');
}

export const PAGE_RULES = [
  distributionUsesTls12,
  bucketIsReadByAccessControl,
  footageNeedsASignature,
  routeHasAuthorizer,
  apiIsThrottled,
] as const;
