import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { FOOTAGE_PATH } from '../core/footage-access';
import type { InfraConfig } from '../core/infra-config';
import { contentSecurityPolicy } from '../core/page-files';
import { KEY_FROM_PATH, PAGE_FROM_PATH, TOKEN_FROM_COOKIE } from './edge-code';

export interface DeliveryArgs {
  readonly config: InfraConfig;
  readonly page: aws.s3.Bucket;
  readonly footage: aws.s3.Bucket;
  /** Who signs for footage. */
  readonly keys: aws.cloudfront.KeyGroup;
  /** Name of the HTTP API. */
  readonly apiDomain: pulumi.Input<string>;
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html */
const ALL_BUT_HOST = 'b689b0a8-53d0-40ab-baf2-67738e2966ac';
const HSTS_SECONDS = 63_072_000;
const FRESH_SECONDS = 3600;
const KEPT_SECONDS = 86_400;
const READING = ['GET', 'HEAD'];
const EVERYTHING = [...READING, 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'];

/** Page, api and footage under one name; footage by signed cookies alone. */
export class Delivery extends pulumi.ComponentResource {
  readonly distribution: aws.cloudfront.Distribution;

  constructor(name: string, args: DeliveryArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:Delivery', name, {}, options);
    const parent = { parent: this };
    const { config, page, footage, keys, apiDomain } = args;
    const edge = (part: string, code: string): aws.cloudfront.Function =>
      new aws.cloudfront.Function(
        `${name}-${part}`,
        { runtime: 'cloudfront-js-2.0', code, publish: true },
        parent,
      );
    const access = new aws.cloudfront.OriginAccessControl(
      name,
      {
        originAccessControlOriginType: 's3',
        signingBehavior: 'always',
        signingProtocol: 'sigv4',
      },
      parent,
    );
    const files = filesPolicy(name, parent);
    const headers = headersPolicy(name, footage, parent);
    const shared = {
      viewerProtocolPolicy: 'redirect-to-https',
      responseHeadersPolicyId: headers.id,
      cachedMethods: READING,
      compress: true,
    };
    const stored = { ...shared, allowedMethods: READING, cachePolicyId: files.id };
    const at = (one: aws.cloudfront.Function) => [
      { eventType: 'viewer-request', functionArn: one.arn },
    ];
    const bucketOrigin = (originId: string, bucket: aws.s3.Bucket) => ({
      originId,
      domainName: bucket.bucketRegionalDomainName,
      originAccessControlId: access.id,
    });
    this.distribution = new aws.cloudfront.Distribution(
      name,
      {
        comment: name,
        enabled: true,
        isIpv6Enabled: true,
        httpVersion: 'http2and3',
        priceClass: config.pagePriceClass,
        ...(config.pageDomain ? { aliases: [config.pageDomain.name] } : {}),
        origins: [
          bucketOrigin('page', page),
          bucketOrigin('footage', footage),
          {
            originId: 'api',
            domainName: apiDomain,
            customOriginConfig: {
              httpPort: 80,
              httpsPort: 443,
              originProtocolPolicy: 'https-only',
              originSslProtocols: ['TLSv1.2'],
            },
          },
        ],
        defaultCacheBehavior: {
          ...stored,
          targetOriginId: 'page',
          functionAssociations: at(edge('page', PAGE_FROM_PATH)),
        },
        orderedCacheBehaviors: [
          {
            ...shared,
            pathPattern: '/api/*',
            targetOriginId: 'api',
            allowedMethods: EVERYTHING,
            cachePolicyId: CACHING_DISABLED,
            originRequestPolicyId: ALL_BUT_HOST,
            functionAssociations: at(edge('api', TOKEN_FROM_COOKIE)),
          },
          {
            ...stored,
            compress: false,
            pathPattern: `${FOOTAGE_PATH}*`,
            targetOriginId: 'footage',
            trustedKeyGroups: [keys.id],
            functionAssociations: at(edge('footage', KEY_FROM_PATH)),
          },
        ],
        restrictions: { geoRestriction: { restrictionType: 'none' } },
        viewerCertificate: certificateOf(config),
      },
      parent,
    );
    this.registerOutputs({ domainName: this.distribution.domainName });
  }
}

function certificateOf({
  pageDomain,
}: InfraConfig): aws.types.input.cloudfront.DistributionViewerCertificate {
  if (!pageDomain) return { cloudfrontDefaultCertificate: true };
  return {
    acmCertificateArn: pageDomain.certificateArn,
    sslSupportMethod: 'sni-only',
    minimumProtocolVersion: 'TLSv1.2_2021',
  };
}

/** One copy for everybody: signatures and cookies are checked, and are no part of what is kept. */
function filesPolicy(
  name: string,
  parent: pulumi.CustomResourceOptions,
): aws.cloudfront.CachePolicy {
  return new aws.cloudfront.CachePolicy(
    name,
    {
      minTtl: 0,
      defaultTtl: FRESH_SECONDS,
      maxTtl: KEPT_SECONDS,
      parametersInCacheKeyAndForwardedToOrigin: {
        cookiesConfig: { cookieBehavior: 'none' },
        headersConfig: { headerBehavior: 'none' },
        queryStringsConfig: { queryStringBehavior: 'none' },
        enableAcceptEncodingGzip: true,
        enableAcceptEncodingBrotli: true,
      },
    },
    parent,
  );
}

/** The api's own, stricter headers stand; uploads go straight into the footage bucket. */
function headersPolicy(
  name: string,
  footage: aws.s3.Bucket,
  parent: pulumi.CustomResourceOptions,
): aws.cloudfront.ResponseHeadersPolicy {
  const uploads = pulumi.interpolate`https://${footage.bucketRegionalDomainName}`;
  return new aws.cloudfront.ResponseHeadersPolicy(
    name,
    {
      securityHeadersConfig: {
        contentSecurityPolicy: {
          contentSecurityPolicy: uploads.apply((address) => contentSecurityPolicy([address])),
          override: false,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: 'DENY', override: true },
        referrerPolicy: { referrerPolicy: 'no-referrer', override: true },
        strictTransportSecurity: { accessControlMaxAgeSec: HSTS_SECONDS, override: true },
      },
    },
    parent,
  );
}
