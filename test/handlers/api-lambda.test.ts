import { createVerify, generateKeyPairSync } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { FootageCookies } from '../../adapters/aws/footage-cookies';
import { sitesOfClaims } from '../../handlers/api/claims';
import type { ApiDeps } from '../../handlers/api/deps';
import { renderOpenApi } from '../../handlers/api/document';
import { createApiFunction } from '../../handlers/api/lambda';
import { cleanUpAfterEach } from '../adapters/embedded/data-folder';
import { itemAt, minute } from '../contracts/records';
import { apiWorld, QUAY } from './api-world';

cleanUpAfterEach();

const CLAIM = 'cognito:groups';
const HARBOUR = { [CLAIM]: '[site:harbour]' };
const FOOTAGE = itemAt(1, { camera: QUAY }).segmentKey;

interface Answer {
  readonly statusCode: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
}

/** Asks the function as API Gateway does: payload 2.0, with the claims that its authoriser has verified. */
async function asker(change: Partial<ApiDeps> = {}) {
  const { deps } = await apiWorld(change);
  const answer = createApiFunction(deps, { sitesClaim: CLAIM });
  return async (
    claims: Record<string, unknown> | null,
    path: string,
    { method = 'GET', body, headers = {} }: Partial<Asked> = {},
  ): Promise<Answer> => {
    const [rawPath, rawQueryString = ''] = path.split('?');
    const event = {
      version: '2.0',
      routeKey: 'ANY /api/{proxy+}',
      rawPath,
      rawQueryString,
      headers: { host: 'd.example', 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      isBase64Encoded: false,
      requestContext: {
        domainName: 'd.example',
        http: { method, path: rawPath },
        ...(claims ? { authorizer: { jwt: { claims, scopes: [] } } } : {}),
      },
    };
    return (await answer(event as never, {} as Context)) as Answer;
  };
}
interface Asked {
  readonly method: string;
  readonly body: unknown;
  readonly headers: Record<string, string>;
}

describe('the sites of a claim', () => {
  it.each<[unknown, unknown]>([
    ['[all]', 'all'],
    ['all', 'all'],
    ['[site:harbour site:north-mall]', ['harbour', 'north-mall']],
    ['site:harbour site:harbour', ['harbour']],
    [['site:harbour', 'staff'], ['harbour']],
    ['[staff site:all]', ['all']],
    [undefined, []],
    ['', []],
    ['[]', []],
    ['ALL', []],
    ['harbour', []],
    ['site:', []],
    ['site:*', []],
    ['site:Harbour', []],
    ['site:../harbour', []],
    [`site:${'a'.repeat(64)}`, []],
    ['["all"]', []],
    ['site:harbour,all', []],
    ['site:harbour\nall', []],
    [['all', 1], []],
    [{ all: true }, []],
    [true, []],
    ['site:harbour '.repeat(1000), []],
  ])('%j → %j', (claim, sites) => {
    expect(sitesOfClaims({ [CLAIM]: claim }, CLAIM)).toEqual(sites);
  });

  it('are none without the claim, whatever an object inherits, and nobody’s without a token', () => {
    expect(sitesOfClaims({ sub: 'x' }, CLAIM)).toEqual([]);
    expect(sitesOfClaims({}, 'constructor')).toEqual([]);
    expect(sitesOfClaims(undefined, CLAIM)).toBeNull();
  });
});

/** Every route and method of the document, with names of the harbour in it. */
const ROUTES = Object.entries(
  (JSON.parse(renderOpenApi()) as { paths: Record<string, object> }).paths,
).flatMap(([path, methods]) => Object.keys(methods).map((method) => [method, path] as const));
const filled = (path: string): string =>
  path
    .replace('{site}/{camera}/{name}', FOOTAGE)
    .replace('{site}/{camera}', QUAY)
    .replace('{objectKey}', FOOTAGE)
    .replace('{key}', `${QUAY}/a/b.jpg`)
    .replace('{id}', '0'.repeat(32));
const OPEN = [
  'post /api/session',
  'delete /api/session',
  'get /api/sign-in',
  'get /api/sign-in/start',
  'get /api/sign-in/callback',
  'get /api/sign-in/end',
];

describe.each(ROUTES)('%s %s of the function', (method, path) => {
  const isOpen = OPEN.includes(`${method} ${path}`);

  it('asks for a verified token, whatever the request says of itself', async () => {
    const ask = await asker();
    const forged = {
      authorization: 'Bearer a.b.c',
      cookie: 'tierwatch-session=a.b.c',
      'x-amzn-request-context': JSON.stringify({ authorizer: { jwt: { claims: HARBOUR } } }),
    };
    const { statusCode } = await ask(null, filled(path), {
      method: method.toUpperCase(),
      headers: forged,
    });
    expect([statusCode === 401, [200, 204, 400, 404].includes(statusCode)]).toEqual(
      isOpen ? [false, true] : [true, false],
    );
  });

  it('shows nothing of any site to a token without the claim', async () => {
    const ask = await asker();
    const { body } = await ask({ sub: 'x' }, filled(path), { method: method.toUpperCase() });
    expect(body ?? '').not.toMatch(/"(north-mall|harbour)\/|"camera":/);
  });
});

describe('footage of the cloud', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const secret = JSON.stringify({
    keyPairId: 'K2JCJMDEHXQW5F',
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }),
  });
  const clock = { now: () => new Date(minute(60)) };
  let reads = 0;
  const cookiesOf = (text: string | null) =>
    new FootageCookies(
      {
        read: async () => {
          reads += 1;
          return text;
        },
      },
      { secretId: 'footage-key', address: 'https://tierwatch.example.com', clock },
    );
  const open = (site: string) => ({ method: 'POST', body: { site } });

  /** CloudFront's own alphabet of base64. */
  const decoded = (text: string): Buffer =>
    Buffer.from(text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'), 'base64');

  it('is opened for an hour, for one allowed site, by cookies that only its path is sent', async () => {
    const ask = await asker({ footageAccess: cookiesOf(secret) });
    const {
      statusCode,
      body,
      cookies = [],
    } = await ask(HARBOUR, '/api/session/footage', open('harbour'));
    expect([statusCode, JSON.parse(body)]).toEqual([
      200,
      { path: '/footage/harbour/', expiresAt: minute(120) },
    ]);
    const pairs = cookies.map((cookie) => cookie.split('; '));
    for (const [, ...attributes] of pairs) {
      expect(attributes.sort()).toEqual(
        ['HttpOnly', 'Max-Age=3600', 'Path=/footage/harbour/', 'SameSite=Strict', 'Secure'].sort(),
      );
    }
    const values = Object.fromEntries(
      pairs.map(([pair = '']) => [
        pair.slice(0, pair.indexOf('=')),
        pair.slice(pair.indexOf('=') + 1),
      ]),
    );
    expect(Object.keys(values).sort()).toEqual([
      'CloudFront-Key-Pair-Id',
      'CloudFront-Policy',
      'CloudFront-Signature',
    ]);
    const policy = decoded(decodeURIComponent(values['CloudFront-Policy']!));
    expect(JSON.parse(policy.toString())).toEqual({
      Statement: [
        {
          Resource: 'https://tierwatch.example.com/footage/harbour/*',
          Condition: { DateLessThan: { 'AWS:EpochTime': Date.parse(minute(120)) / 1000 } },
        },
      ],
    });
    const signature = decoded(decodeURIComponent(values['CloudFront-Signature']!));
    expect(createVerify('RSA-SHA1').update(policy).verify(publicKey, signature)).toBe(true);
  });

  it('of another site is opened to nobody, by either door', async () => {
    const ask = await asker({ footageAccess: cookiesOf(secret) });
    const other = 'north-mall/entrance/20261120T080000Z_60s.mp4';
    for (const { statusCode, body, cookies } of [
      await ask(HARBOUR, '/api/session/footage', open('north-mall')),
      await ask(HARBOUR, `/api/footage/${other}`),
      await ask({ sub: 'x' }, `/api/footage/${FOOTAGE}`),
    ]) {
      expect([statusCode, JSON.parse(body).code, cookies]).toEqual([
        403,
        'site-not-allowed',
        undefined,
      ]);
    }
  });

  it('is played by the address that one machine has: opened and handed on', async () => {
    const ask = await asker({ footageAccess: cookiesOf(secret) });
    const { statusCode, headers, cookies } = await ask(HARBOUR, `/api/footage/${FOOTAGE}`);
    expect([statusCode, headers.location, cookies?.length]).toEqual([
      302,
      `/footage/${FOOTAGE}`,
      3,
    ]);
  });

  it('reads its key once in five minutes, and says nothing of one that is wrong', async () => {
    const access = cookiesOf(secret);
    reads = 0;
    await access.open('harbour');
    await access.open('north-mall');
    expect(reads).toBe(1);
    for (const [text, found] of [
      [null, 'nothing'],
      ['-----BEGIN PRIVATE KEY-----', 'another form'],
      [JSON.stringify({ keyPairId: 'k', privateKey: 'secret' }), 'another form'],
    ] as const) {
      await expect(cookiesOf(text).open('harbour')).rejects.toThrow(
        `"footage-key": expected { "keyPairId": "K…", "privateKey": "-----BEGIN …" }, found ${found}; write it as docs/deploy.md says`,
      );
    }
  });
});

describe('an upload by a form', () => {
  const made: unknown[] = [];
  const uploadForms: NonNullable<ApiDeps['uploadForms']> = {
    make: async (terms) => {
      made.push(terms);
      return { url: 'https://bucket.example/', fields: { key: terms.objectKey } };
    },
  };
  const uploader = { [CLAIM]: '[site:uploads]' };
  const video = { name: 'Door.MP4', bytes: 5000, durationSeconds: 12.5 };
  const post = (body: unknown) => ({ method: 'POST', body });

  it('has a camera of its own, and exactly the size and type that were said', async () => {
    const clock = { now: () => new Date(minute(60)) };
    const ask = await asker({ uploadForms, clock });
    made.length = 0;
    const path = '/api/uploads/presign';
    const first = JSON.parse((await ask(uploader, path, post(video))).body);
    const second = JSON.parse((await ask(uploader, path, post(video))).body);
    expect(first.camera).toMatch(/^uploads\/[0-9a-f]{32}$/);
    expect(second.camera).not.toBe(first.camera);
    expect(first.objectKey).toMatch(/^uploads\/[0-9a-f]{32}\/\d{8}T\d{6}Z_12\.5s\.mp4$/);
    expect(first).toMatchObject({
      fields: { key: first.objectKey },
      formExpiresAt: minute(75),
      expiresAt: minute(60 + 24 * 60),
    });
    expect(made[0]).toEqual({
      objectKey: first.objectKey,
      bytes: 5000,
      type: 'video/mp4',
      seconds: 900,
    });
  });

  it.each([
    [HARBOUR, video, 403, 'site-not-allowed'],
    [uploader, { ...video, name: 'notes.txt' }, 415, 'upload-type'],
    [uploader, { ...video, name: 'constructor' }, 415, 'upload-type'],
    [uploader, { ...video, bytes: 2 ** 31 + 1 }, 400, 'bad-request'],
    [uploader, { ...video, bytes: 0 }, 400, 'bad-request'],
    [uploader, { ...video, durationSeconds: 4000 }, 400, 'bad-request'],
    [uploader, { ...video, key: 'north-mall/entrance/x.mp4' }, 400, 'bad-request'],
  ])('of %j, %j: %i %s', async (claims, body, status, code) => {
    const ask = await asker({ uploadForms });
    const answer = await ask(claims, '/api/uploads/presign', post(body));
    expect([answer.statusCode, JSON.parse(answer.body).code]).toEqual([status, code]);
  });
});
