import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { infraConfigSchema } from '../../core/infra-config';
import { parseConfig, readFleet } from '../../infra/config';
import { KEY_FROM_PATH, PAGE_FROM_PATH, TOKEN_FROM_COOKIE } from '../../infra/edge-code';
import { pageFilesOf } from '../../infra/page';
import { createPlatform } from '../../infra/platform';
import { tagEverything } from '../../infra/tags';
import { type Asked, runProgram } from './mocks';

const ROOT = join(__dirname, '../..');
const publicPem = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
    type: 'spki',
    format: 'pem',
  }) as string;
const [OLD, NEW] = [publicPem(), publicPem()];
const NAME = 'tierwatch-prod';
const ISSUER = { kind: 'issuer', issuer: 'https://login.example/', audience: 'tierwatch' };
const DOMAIN = {
  name: 'tierwatch.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222',
};

const folder = mkdtempSync(join(tmpdir(), 'tierwatch-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function buildPage(): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'assets/main-1a2b3c.js'), 'export {};');
}

async function programOf(change: Record<string, unknown>): Promise<readonly Asked[]> {
  const texts = {
    owner: 'platform',
    fleet: 'fleet/prod.yaml',
    budgetUsdPerMonth: '100',
    budgetEmails: '["a@example.com"]',
    page: 'cloudfront',
    footageKeys: JSON.stringify([NEW, OLD]),
    ...Object.fromEntries(
      Object.entries(change).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
  };
  const given = Object.entries(texts).map(([key, text]) => [`tierwatch:${key}`, text]);
  const config = parseConfig(Object.fromEntries(given), 'prod');
  return runProgram(
    () => {
      tagEverything({ environment: 'prod', owner: config.owner });
      const fleet = readFleet(join(ROOT, config.fleet));
      createPlatform({ environment: 'prod', config, fleet, pageFolder: folder });
    },
    { stack: 'prod' },
  );
}

let own: readonly Asked[];
let foreign: readonly Asked[];
beforeAll(async () => {
  buildPage();
  own = await programOf({ pageDomain: DOMAIN, isProtected: true, encryption: 'kms' });
  foreign = await programOf({ signIn: ISSUER });
});

const inputsOf = (program: readonly Asked[], type: string, name: string): Asked['inputs'] => {
  const found = program.find((one) => one.type === type && one.name === `${NAME}${name}`);
  if (!found) throw new RangeError(`${type} ${name}: expected one, found none`);
  const { tags: _, ...inputs } = found.inputs;
  return inputs;
};
const namesOf = (program: readonly Asked[], type: string): string[] =>
  program.filter((one) => one.type === type).map(({ name }) => name.slice(NAME.length));

describe('the api before its function', () => {
  it('has a token verified on every route, but for signing in and out', () => {
    const routes = own.filter(({ type }) => type === 'aws:apigatewayv2/route:Route');
    const byKey = routes.map(({ inputs }) => inputs);
    byKey.sort((a, b) => String(a.routeKey).localeCompare(String(b.routeKey)));
    expect(byKey).toEqual([
      {
        apiId: `${NAME}-api-id`,
        routeKey: 'ANY /api/{proxy+}',
        target: `integrations/${NAME}-api-id`,
        authorizationType: 'JWT',
        authorizerId: `${NAME}-api-id`,
      },
      ...[
        'DELETE /api/session',
        'GET /api/sign-in',
        'GET /api/sign-in/{step}',
        'POST /api/session',
      ].map((routeKey) => ({
        apiId: `${NAME}-api-id`,
        routeKey,
        target: `integrations/${NAME}-api-id`,
        authorizationType: 'NONE',
      })),
    ]);
    expect(inputsOf(foreign, 'aws:apigatewayv2/authorizer:Authorizer', '-api')).toEqual({
      apiId: `${NAME}-api-id`,
      authorizerType: 'JWT',
      identitySources: ['$request.header.Authorization'],
      jwtConfiguration: { issuer: 'https://login.example/', audiences: ['tierwatch'] },
    });
  });

  it('is throttled, and logs who asked for what, but no token, cookie or query', () => {
    const { accessLogSettings, ...stage } = inputsOf(own, 'aws:apigatewayv2/stage:Stage', '-api');
    expect(stage).toEqual({
      apiId: `${NAME}-api-id`,
      name: '$default',
      autoDeploy: true,
      defaultRouteSettings: { throttlingRateLimit: 50, throttlingBurstLimit: 100 },
    });
    const { format } = accessLogSettings as { format: string };
    expect(format).not.toMatch(/authorization|cookie|queryString|header/i);
    const logs = own.filter(
      ({ type, inputs }) =>
        type === 'aws:cloudwatch/logGroup:LogGroup' &&
        inputs.name === `/aws/vendedlogs/${NAME}-api`,
    );
    expect(logs.map(({ inputs }) => inputs.retentionInDays)).toEqual([30]);
  });

  it('asks the alias, and is alone let do so', () => {
    expect(inputsOf(own, 'aws:apigatewayv2/integration:Integration', '-api')).toEqual({
      apiId: `${NAME}-api-id`,
      integrationType: 'AWS_PROXY',
      integrationUri: `arn:aws:lambda:us-east-1:123456789012:${NAME}-api`,
      payloadFormatVersion: '2.0',
      timeoutMilliseconds: 30_000,
    });
    expect(inputsOf(own, 'aws:lambda/permission:Permission', '-api')).toEqual({
      action: 'lambda:InvokeFunction',
      function: `${NAME}-api`,
      qualifier: 'live',
      principal: 'apigateway.amazonaws.com',
      sourceArn: `arn:aws:execute-api:us-east-1:123456789012:${NAME}-api/*/*`,
    });
  });

  it('reads the sites from the groups of a pool of our own, or from the issuer’s claim', () => {
    const claimOf = (program: readonly Asked[]) => {
      const { environment } = inputsOf(program, 'aws:lambda/function:Function', '-api') as {
        environment: { variables: Record<string, string> };
      };
      return environment.variables.TIERWATCH_SITES_CLAIM;
    };
    expect([claimOf(own), claimOf(foreign)]).toEqual(['cognito:groups', 'tierwatch:sites']);
    expect(namesOf(foreign, 'aws:cognito/userPool:UserPool')).toEqual([]);
    const groups = own.filter(({ type }) => type === 'aws:cognito/userGroup:UserGroup');
    const sites = Object.keys(readFleet(join(ROOT, 'fleet/prod.yaml')).sites);
    expect(groups.map(({ inputs }) => inputs.name)).toEqual([
      'all',
      'operator',
      ...sites.map((site) => `site:${site}`),
      'site:uploads',
    ]);
    expect(inputsOf(own, 'aws:cognito/userPool:UserPool', '-sign-in')).toMatchObject({
      adminCreateUserConfig: { allowAdminCreateUserOnly: true },
      deletionProtection: 'ACTIVE',
    });
  });
});

it('the api is told after how many days the bucket’s lifecycle removes footage', () => {
  const { environment } = inputsOf(own, 'aws:lambda/function:Function', '-api') as {
    environment: { variables: Record<string, string> };
  };
  const { rules } = inputsOf(
    own,
    'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration',
    '-footage',
  ) as { rules: { filter?: object; expiration?: { days: number } }[] };
  const ends = rules.filter(({ filter, expiration }) => expiration && !('prefix' in filter!));
  expect(ends.map(({ expiration }) => String(expiration!.days))).toEqual([
    environment.variables.TIERWATCH_FOOTAGE_DAYS,
  ]);
});

describe('the queues of the page’s Health', () => {
  it('are those that feed functions, each with its own dead letters', () => {
    const { environment } = inputsOf(own, 'aws:lambda/function:Function', '-api') as {
      environment: { variables: Record<string, string> };
    };
    const desk = JSON.parse(environment.variables.TIERWATCH_QUEUE_DESK!);
    const arn = (end: string): string => `arn:aws:sqs:us-east-1:123456789012:tierwatch-prod-${end}`;
    const pair = (end: string) => ({ arn: arn(end), deadLetterArn: arn(`${end}-dead`) });
    expect(desk).toEqual({
      route: pair('landed'),
      'detect-cpu': pair('cpu'),
      retention: pair('retention'),
    });
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    expect(JSON.stringify(environment.variables).length).toBeLessThan(4096);
  });
});

describe('the form that people sign in by', () => {
  const variablesOf = (program: readonly Asked[]) => {
    const { environment } = inputsOf(program, 'aws:lambda/function:Function', '-api') as {
      environment: { variables: Record<string, string> };
    };
    const { TIERWATCH_PAGE_ADDRESS, TIERWATCH_SIGN_IN_ISSUER, TIERWATCH_SIGN_IN_CLIENT } =
      environment.variables;
    return [TIERWATCH_PAGE_ADDRESS, TIERWATCH_SIGN_IN_ISSUER, TIERWATCH_SIGN_IN_CLIENT];
  };

  it('is Cognito’s own, which leads back to the page alone, by a code and no other flow', () => {
    expect(inputsOf(own, 'aws:cognito/userPoolDomain:UserPoolDomain', '-sign-in')).toEqual({
      userPoolId: `${NAME}-sign-in-id`,
      domain: expect.stringMatching(/^tierwatch-[0-9a-f]{16}$/),
    });
    expect(inputsOf(own, 'aws:cognito/userPoolClient:UserPoolClient', '-sign-in')).toMatchObject({
      generateSecret: false,
      supportedIdentityProviders: ['COGNITO'],
      allowedOauthFlowsUserPoolClient: true,
      allowedOauthFlows: ['code'],
      allowedOauthScopes: ['openid'],
      callbackUrls: ['https://tierwatch.example.com/api/sign-in/callback'],
      logoutUrls: ['https://tierwatch.example.com/'],
    });
    expect(variablesOf(own)).toEqual([
      'https://tierwatch.example.com',
      expect.stringMatching(/^https:\/\/tierwatch-prod-sign-in\./),
      `${NAME}-sign-in-id`,
    ]);
  });

  it('is the issuer’s, where the page is a client there; else tokens are pasted', async () => {
    const client = await programOf({ signIn: { ...ISSUER, clientId: 'the-page' } });
    expect(variablesOf(client)).toEqual([
      expect.stringMatching(/^https:\/\/.*cloudfront/),
      'https://login.example/',
      'the-page',
    ]);
    expect(variablesOf(foreign)).toEqual([
      expect.stringMatching(/^https:\/\/.*cloudfront/),
      undefined,
      undefined,
    ]);
  });
});

describe('page, api and footage under one name', () => {
  const distribution = (program: readonly Asked[]) =>
    inputsOf(program, 'aws:cloudfront/distribution:Distribution', '-delivery');

  it('are three origins, the buckets by access control, the api by TLS 1.2', () => {
    const access = `${NAME}-delivery-id`;
    expect(distribution(own).origins).toEqual([
      {
        originId: 'page',
        domainName: `${NAME}-page-id.s3.us-east-1.amazonaws.com`,
        originAccessControlId: access,
      },
      {
        originId: 'footage',
        domainName: `${NAME}-footage-id.s3.us-east-1.amazonaws.com`,
        originAccessControlId: access,
      },
      {
        originId: 'api',
        domainName: `${NAME}-api.execute-api.us-east-1.amazonaws.com`,
        customOriginConfig: {
          httpPort: 80,
          httpsPort: 443,
          originProtocolPolicy: 'https-only',
          originSslProtocols: ['TLSv1.2'],
        },
      },
    ]);
    expect(
      inputsOf(own, 'aws:cloudfront/originAccessControl:OriginAccessControl', '-delivery'),
    ).toEqual({
      originAccessControlOriginType: 's3',
      signingBehavior: 'always',
      signingProtocol: 'sigv4',
    });
  });

  it('let footage be read by who holds cookies of a trusted key, two while it is rotated', () => {
    const { orderedCacheBehaviors } = distribution(own) as {
      orderedCacheBehaviors: readonly Record<string, unknown>[];
    };
    const trusted = orderedCacheBehaviors.map(({ pathPattern, trustedKeyGroups }) => [
      pathPattern,
      trustedKeyGroups,
    ]);
    expect(trusted).toEqual([
      ['/api/*', undefined],
      ['/footage/*', [`${NAME}-footage-key-id`]],
    ]);
    const keys = own.filter(({ type }) => type === 'aws:cloudfront/publicKey:PublicKey');
    expect(keys.map(({ inputs }) => inputs.encodedKey)).toEqual([NEW, OLD]);
    expect(inputsOf(own, 'aws:cloudfront/keyGroup:KeyGroup', '-footage-key')).toEqual({
      items: keys.map(({ name }) => `${name}-id`),
    });
  });

  it('keep one copy for everybody: neither cookies nor queries nor headers are of the cache’s key', () => {
    const { parametersInCacheKeyAndForwardedToOrigin } = inputsOf(
      own,
      'aws:cloudfront/cachePolicy:CachePolicy',
      '-delivery',
    );
    expect(parametersInCacheKeyAndForwardedToOrigin).toEqual({
      cookiesConfig: { cookieBehavior: 'none' },
      headersConfig: { headerBehavior: 'none' },
      queryStringsConfig: { queryStringBehavior: 'none' },
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
    });
  });

  it('say HSTS, nosniff, no referrer, no frame, and no script but the page’s own files', () => {
    const { securityHeadersConfig } = inputsOf(
      own,
      'aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy',
      '-delivery',
    );
    expect(securityHeadersConfig).toEqual({
      contentSecurityPolicy: {
        contentSecurityPolicy: expect.stringMatching(
          /script-src 'self'; .*connect-src 'self' https:\/\/tierwatch-prod-footage-id\.s3\.us-east-1\.amazonaws\.com; .*frame-ancestors 'none'/,
        ),
        override: false,
      },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: 'DENY', override: true },
      referrerPolicy: { referrerPolicy: 'no-referrer', override: true },
      strictTransportSecurity: { accessControlMaxAgeSec: 63_072_000, override: true },
    });
    expect(JSON.stringify(securityHeadersConfig)).not.toMatch(/unsafe/);
  });

  it('are of a name of ours with TLS 1.2, or of CloudFront’s own', () => {
    expect([distribution(own).aliases, distribution(own).viewerCertificate]).toEqual([
      [DOMAIN.name],
      {
        acmCertificateArn: DOMAIN.certificateArn,
        sslSupportMethod: 'sni-only',
        minimumProtocolVersion: 'TLSv1.2_2021',
      },
    ]);
    expect([distribution(foreign).aliases, distribution(foreign).viewerCertificate]).toEqual([
      undefined,
      { cloudfrontDefaultCertificate: true },
    ]);
  });

  it.each(['-page', '-footage'])('alone read the bucket %s', (bucket) => {
    const { policy } = inputsOf(own, 'aws:s3/bucketPolicy:BucketPolicy', bucket);
    const arn = `arn:aws:s3:::${NAME}${bucket}-id`;
    expect(JSON.parse(String(policy)).Statement).toEqual([
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Sid: 'Delivery',
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: 's3:GetObject',
        Resource: `${arn}/*`,
        Condition: {
          StringEquals: {
            'aws:SourceArn': `arn:aws:cloudfront:us-east-1:123456789012:${NAME}-delivery`,
          },
        },
      },
    ]);
  });

  it('have the built page’s files, the hashed ones for a year', () => {
    const files = own.filter(({ name }) => name.startsWith(`${NAME}-page/`));
    expect(
      files.map(({ inputs }) => [inputs.key, inputs.contentType, inputs.cacheControl]),
    ).toEqual([
      [
        'assets/main-1a2b3c.js',
        'text/javascript; charset=utf-8',
        'public, max-age=31536000, immutable',
      ],
      ['index.html', 'text/html; charset=utf-8', 'no-cache'],
    ]);
  });

  it('take uploads from the page itself, which go after a day', () => {
    expect(
      inputsOf(own, 'aws:s3/bucketCorsConfiguration:BucketCorsConfiguration', '-footage'),
    ).toEqual({
      bucket: `${NAME}-footage-id`,
      corsRules: [
        {
          allowedMethods: ['POST'],
          allowedOrigins: ['https://tierwatch.example.com'],
          allowedHeaders: ['*'],
        },
      ],
    });
    const { rules } = inputsOf(
      own,
      'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration',
      '-footage',
    );
    expect(rules).toContainEqual({
      id: 'uploads',
      status: 'Enabled',
      filter: { prefix: 'uploads/' },
      expiration: { days: 1 },
    });
  });
});

describe('without a page', () => {
  it('there is no api, no distribution, no pool, nothing that costs', async () => {
    const none = await programOf({ page: 'none' });
    const types = new Set(none.map(({ type }) => type.split('/')[0]));
    for (const service of ['aws:apigatewayv2', 'aws:cloudfront', 'aws:cognito']) {
      expect(types).not.toContain(service);
    }
  });

  it('that is built nothing is created: the sentence says how to build it', () => {
    const empty = join(folder, 'assets');
    expect(() => pageFilesOf(empty)).toThrow(
      `tierwatch:page: expected the built page in "${empty}", found none; build it with "npx vite build dashboard", or write "none"`,
    );
  });

  it.each([
    [{ page: 'cloudfront' }, 'footageKeys'],
    [{ page: 'cloudfront', footageKeys: [NEW], existingFootageBucket: 'theirs' }, 'page'],
    [{ footageKeys: ['-----BEGIN PRIVATE KEY-----'] }, 'footageKeys.0'],
    [
      { signIn: { kind: 'issuer', issuer: 'http://login.example', audience: 'a' } },
      'signIn.issuer',
    ],
    [{ signIn: { kind: 'cognito', issuer: 'https://login.example' } }, 'signIn'],
    [
      {
        pageDomain: {
          ...DOMAIN,
          certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/1',
        },
      },
      'pageDomain.certificateArn',
    ],
  ])('%j is refused by %s', (change, field) => {
    const { error } = infraConfigSchema.safeParse({
      owner: 'platform',
      fleet: 'fleet/prod.yaml',
      budgetUsdPerMonth: 100,
      budgetEmails: ['a@example.com'],
      ...change,
    });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });
});

describe('what runs at the edge', () => {
  type Request = {
    uri: string;
    headers: Record<string, unknown>;
    cookies: Record<string, unknown>;
    querystring: Record<string, unknown>;
  };
  const run = (code: string, request: Partial<Request>): Request =>
    new Function(`${code}; return handler(arguments[0]);`)({
      request: { uri: '/', headers: {}, cookies: {}, querystring: {}, ...request },
    }) as Request;

  it('hands the session’s token to the authoriser, and lets a header stand', () => {
    const cookies = { 'tierwatch-session': { value: 'a.b.c' } };
    expect(run(TOKEN_FROM_COOKIE, { cookies }).headers).toEqual({
      authorization: { value: 'Bearer a.b.c' },
    });
    const headers = { authorization: { value: 'Bearer own' } };
    expect(run(TOKEN_FROM_COOKIE, { cookies, headers }).headers).toEqual(headers);
    expect(run(TOKEN_FROM_COOKIE, {}).headers).toEqual({});
  });

  it.each([
    '/footage/harbour/../north-mall/a.mp4',
    '/footage/harbour/%2e%2e/north-mall/a.mp4',
    '/footage/harbour/..',
    '/footage/harbour//north-mall/a.mp4',
    '/footage/harbour\\..\\north-mall/a.mp4',
  ])('refuses %s', (uri) => {
    expect(run(KEY_FROM_PATH, { uri })).toEqual({ statusCode: 403 });
  });

  it('refuses a question about footage: its words are no part of what cookies were signed for', () => {
    const asked = { uri: '/footage/north-mall/door/a.mp4', querystring: { x: { value: '1' } } };
    expect(run(KEY_FROM_PATH, asked)).toEqual({ statusCode: 403 });
  });

  it.each([
    [KEY_FROM_PATH, '/footage/harbour/quay/a.mp4', '/harbour/quay/a.mp4'],
    [KEY_FROM_PATH, '/footage/footage/a.mp4', '/footage/a.mp4'],
    [PAGE_FROM_PATH, '/', '/index.html'],
    [PAGE_FROM_PATH, '/cameras/harbour', '/index.html'],
    [PAGE_FROM_PATH, '/assets/main-1a.js', '/assets/main-1a.js'],
  ])('finds the object of a path', (code, uri, key) => {
    expect(run(code, { uri }).uri).toBe(key);
  });
});
