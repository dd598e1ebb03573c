import { describe, expect, it } from 'vitest';
import * as page from '../../policies/page';
import { made, messages, spoil } from './judged';

const behavior = { viewerProtocolPolicy: 'redirect-to-https' };
const origins = [
  { originId: 'page', domainName: 'page.s3.amazonaws.com', originAccessControlId: 'E1' },
  { originId: 'footage', domainName: 'footage.s3.amazonaws.com', originAccessControlId: 'E1' },
  {
    originId: 'api',
    customOriginConfig: { originProtocolPolicy: 'https-only', originSslProtocols: ['TLSv1.2'] },
  },
];
const behaviors = [
  { ...behavior, targetOriginId: 'api' },
  { ...behavior, targetOriginId: 'footage', trustedKeyGroups: ['group'] },
];
const distribution = made('aws:cloudfront/distribution:Distribution', 'delivery', {
  origins,
  defaultCacheBehavior: { ...behavior, targetOriginId: 'page' },
  orderedCacheBehaviors: behaviors,
  viewerCertificate: { minimumProtocolVersion: 'TLSv1.2_2021' },
});
const access = made('aws:cloudfront/originAccessControl:OriginAccessControl', 'delivery', {
  signingBehavior: 'always',
});
const route = made('aws:apigatewayv2/route:Route', 'all', {
  routeKey: 'ANY /api/{proxy+}',
  authorizationType: 'JWT',
  authorizerId: 'a',
});
const open = made('aws:apigatewayv2/route:Route', 'session', {
  routeKey: 'POST /api/session',
  authorizationType: 'NONE',
});
const stage = made('aws:apigatewayv2/stage:Stage', 'api', {
  accessLogSettings: { destinationArn: 'arn' },
  defaultRouteSettings: { throttlingRateLimit: 50, throttlingBurstLimit: 100 },
});
const GOOD = [distribution, access, route, open, stage];

describe('the rules of the page', () => {
  it.each(page.PAGE_RULES)('$name passes the page as it is', (rule) => {
    expect(messages(rule, GOOD)).toEqual([]);
  });

  const TLS =
    'give it a name and certificate (tierwatch:pageDomain) with minimumProtocolVersion TLSv1.2_2021, redirect-to-https, and https-only origins with TLSv1.2';
  it.each<[Record<string, unknown>, string]>([
    [{ viewerCertificate: { cloudfrontDefaultCertificate: true } }, 'TLSv1 with browsers'],
    [
      { viewerCertificate: { minimumProtocolVersion: 'TLSv1.1_2016' } },
      'TLSv1.1_2016 with browsers',
    ],
    [
      { defaultCacheBehavior: { targetOriginId: 'page', viewerProtocolPolicy: 'allow-all' } },
      '"page" without TLS',
    ],
    [
      {
        origins: [
          {
            originId: 'api',
            customOriginConfig: {
              originProtocolPolicy: 'https-only',
              originSslProtocols: ['TLSv1'],
            },
          },
        ],
      },
      'less with the origin "api"',
    ],
    [
      {
        origins: [{ originId: 'api', customOriginConfig: { originProtocolPolicy: 'http-only' } }],
      },
      'less with the origin "api"',
    ],
  ])('CloudFront speaks TLS 1.2: %j', (change, found) => {
    expect(messages(page.distributionUsesTls12, spoil(GOOD, distribution, change))).toEqual([
      `"delivery": expected TLS 1.2 or later everywhere, found ${found}; ${TLS}`,
    ]);
  });

  const CONTROL = 'give each bucket’s origin an originAccessControlId with signingBehavior always';
  it('a bucket is read by access control, which always signs', () => {
    const bare = [{ originId: 'footage', domainName: 'footage.s3.amazonaws.com' }];
    expect(
      messages(page.bucketIsReadByAccessControl, spoil(GOOD, distribution, { origins: bare })),
    ).toEqual([
      `"delivery": expected an origin access control, found none at "footage"; ${CONTROL}`,
    ]);
    expect(
      messages(page.bucketIsReadByAccessControl, spoil(GOOD, access, { signingBehavior: 'never' })),
    ).toEqual([`"delivery": expected requests that are always signed, found never; ${CONTROL}`]);
  });

  it('footage needs a signature', () => {
    const orderedCacheBehaviors = [{ ...behavior, targetOriginId: 'footage' }];
    expect(
      messages(page.footageNeedsASignature, spoil(GOOD, distribution, { orderedCacheBehaviors })),
    ).toEqual([
      '"delivery": expected a trusted key group, found none for "footage"; give the behavior of every other bucket trustedKeyGroups',
    ]);
  });

  const AUTHORIZER =
    'set authorizationType JWT and authorizerId; a route that nobody needs to sign in for is listed in policies/<environment>.json';
  it('a route has its token verified', () => {
    expect(
      messages(page.routeHasAuthorizer, spoil(GOOD, route, { authorizationType: 'NONE' })),
    ).toEqual([`"all": expected an authoriser, found none at "ANY /api/{proxy+}"; ${AUTHORIZER}`]);
    expect(
      messages(page.routeHasAuthorizer, spoil(GOOD, route, { authorizerId: undefined })),
    ).toEqual([
      `"all": expected an authoriser, found JWT without one at "ANY /api/{proxy+}"; ${AUTHORIZER}`,
    ]);
    expect(messages(page.routeHasAuthorizer, GOOD, { openRoutes: [] })).toEqual([
      `"session": expected an authoriser, found none at "POST /api/session"; ${AUTHORIZER}`,
    ]);
  });

  const THROTTLE =
    'set defaultRouteSettings.throttlingRateLimit and throttlingBurstLimit, and accessLogSettings';
  it.each<[Record<string, unknown>, string]>([
    [{ defaultRouteSettings: undefined }, 'no throttling'],
    [{ defaultRouteSettings: { throttlingRateLimit: 5000, throttlingBurstLimit: 1 } }, '5000'],
    [{ accessLogSettings: undefined }, 'no access log'],
  ])('an api is throttled and logged: %j', (change, found) => {
    expect(messages(page.apiIsThrottled, spoil(GOOD, stage, change))).toEqual([
      `"api": expected at most 1000 requests a second, logged, found ${found}; ${THROTTLE}`,
    ]);
  });
});
