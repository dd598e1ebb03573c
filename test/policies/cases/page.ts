import * as page from '../../../policies/page';
import { made, spoil } from '../judged';
import type { ThemeCases } from './case';

const behavior = { viewerProtocolPolicy: 'redirect-to-https' };
const origins = [
  { originId: 'page', domainName: 'page.s3.amazonaws.com', originAccessControlId: 'E1' },
  { originId: 'footage', domainName: 'footage.s3.amazonaws.com', originAccessControlId: 'E1' },
  {
    originId: 'api',
    customOriginConfig: { originProtocolPolicy: 'https-only', originSslProtocols: ['TLSv1.2'] },
  },
];
const distribution = made('aws:cloudfront/distribution:Distribution', 'delivery', {
  origins,
  defaultCacheBehavior: { ...behavior, targetOriginId: 'page' },
  orderedCacheBehaviors: [
    { ...behavior, targetOriginId: 'api' },
    { ...behavior, targetOriginId: 'footage', trustedKeyGroups: ['group'] },
  ],
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
const good = [distribution, access, route, open, stage];

const delivering = (change: Record<string, unknown>) => spoil(good, distribution, change);
const asking = (originProtocolPolicy: string, originSslProtocols: readonly string[]) =>
  delivering({
    origins: [
      { originId: 'api', customOriginConfig: { originProtocolPolicy, originSslProtocols } },
    ],
  });
const TLS = '"delivery": expected TLS 1.2 or later everywhere';
const THROTTLED = '"api": expected at most 1000 requests a second, logged';

export const PAGE: ThemeCases = {
  good,
  rules: [
    {
      rule: page.distributionUsesTls12,
      fix: 'give it a name and certificate (tierwatch:pageDomain) with minimumProtocolVersion TLSv1.2_2021, redirect-to-https, and https-only origins with TLSv1.2',
      fails: [
        [
          `${TLS}, found TLSv1 with browsers`,
          delivering({ viewerCertificate: { cloudfrontDefaultCertificate: true } }),
        ],
        [
          `${TLS}, found TLSv1.1_2016 with browsers`,
          delivering({ viewerCertificate: { minimumProtocolVersion: 'TLSv1.1_2016' } }),
        ],
        [
          `${TLS}, found "page" without TLS`,
          delivering({
            defaultCacheBehavior: { targetOriginId: 'page', viewerProtocolPolicy: 'allow-all' },
          }),
        ],
        [`${TLS}, found less with the origin "api"`, asking('https-only', ['TLSv1'])],
        [`${TLS}, found less with the origin "api"`, asking('http-only', [])],
      ],
    },
    {
      rule: page.bucketIsReadByAccessControl,
      fix: 'give each bucket’s origin an originAccessControlId with signingBehavior always',
      fails: [
        [
          '"delivery": expected an origin access control, found none at "footage"',
          delivering({ origins: [{ originId: 'footage' }] }),
        ],
        [
          '"delivery": expected requests that are always signed, found never',
          spoil(good, access, { signingBehavior: 'never' }),
        ],
      ],
    },
    {
      rule: page.footageNeedsASignature,
      fix: 'give the behavior of every other bucket trustedKeyGroups',
      fails: [
        [
          '"delivery": expected a trusted key group, found none for "footage"',
          delivering({ orderedCacheBehaviors: [{ ...behavior, targetOriginId: 'footage' }] }),
        ],
      ],
    },
    {
      rule: page.routeHasAuthorizer,
      fix: 'set authorizationType JWT and authorizerId; a route that nobody needs to sign in for is listed in policies/<environment>.json',
      fails: [
        [
          '"all": expected an authoriser, found none at "ANY /api/{proxy+}"',
          spoil(good, route, { authorizationType: 'NONE' }),
        ],
        [
          '"all": expected an authoriser, found JWT without one at "ANY /api/{proxy+}"',
          spoil(good, route, { authorizerId: undefined }),
        ],
        [
          '"session": expected an authoriser, found none at "POST /api/session"',
          good,
          { openRoutes: [] },
        ],
      ],
    },
    {
      rule: page.apiIsThrottled,
      fix: 'set defaultRouteSettings.throttlingRateLimit and throttlingBurstLimit, and accessLogSettings',
      fails: [
        [
          `${THROTTLED}, found no throttling`,
          spoil(good, stage, { defaultRouteSettings: undefined }),
        ],
        [
          `${THROTTLED}, found 5000`,
          spoil(good, stage, {
            defaultRouteSettings: { throttlingRateLimit: 5000, throttlingBurstLimit: 1 },
          }),
        ],
        [`${THROTTLED}, found no access log`, spoil(good, stage, { accessLogSettings: undefined })],
      ],
    },
  ],
};
