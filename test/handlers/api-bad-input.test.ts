import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siteOf } from '../../cli/serve/site';
import { listen, type WebServer } from '../../cli/serve/web';
import type { ApiDeps } from '../../handlers/api/deps';
import { renderOpenApi } from '../../handlers/api/document';
import { createApiFunction } from '../../handlers/api/lambda';
import { problemSchema } from '../../handlers/api/problem';
import { cleanUpAfterEach } from '../adapters/embedded/data-folder';
import { itemAt } from '../contracts/records';
import { type ApiWorld, apiWorld, QUAY } from './api-world';

cleanUpAfterEach();

interface Asked {
  readonly method: string;
  /** With its query, exactly as it is sent. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
}
type Ask = (asked: Asked) => Promise<Answer>;

/** Everything that a deployment may offer, so that every route has something to fail in. */
const unreached = async (): Promise<never> => {
  throw new Error('expected bad input to be refused before');
};
const OFFERED: Partial<ApiDeps> = {
  fleetTexts: unreached,
  cutClip: unreached,
  footage: {
    open: async () => null,
    siteOf: () => null,
  },
  snapshots: { get: async () => null },
  uploads: { receive: unreached, show: async () => null, video: async () => null },
  footageAccess: { open: unreached },
  uploadForms: { make: unreached },
  signIn: { open: () => null, seconds: 1 },
};
const offered = (): Promise<ApiWorld> => apiWorld(OFFERED, unreached);

/** The api of one machine, asked over a socket: nothing tidies the path on its way. */
function overSocket(origin: string): Ask {
  return async ({ method, path, headers = {}, body }) => {
    const { hostname, port } = new URL(origin);
    const sent = request({ hostname, port, method, path, headers: { ...headers } });
    sent.end(body);
    const [response] = await once(sent, 'response');
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    return { status: response.statusCode, type: response.headers['content-type'], text };
  };
}

/** The function, asked as an HTTP API asks it. */
function asGateway(deps: ApiDeps): Ask {
  const handler = createApiFunction(deps, { sitesClaim: 'sites' });
  return async ({ method, path, headers = {}, body }) => {
    const [rawPath = '', rawQueryString = ''] = path.split(/\?(.*)/s);
    const claims = { sites: 'all operator' };
    const event = {
      version: '2.0',
      routeKey: 'ANY /api/{proxy+}',
      rawPath,
      rawQueryString,
      headers: { host: 'd.example', ...headers },
      ...(body === undefined ? {} : { body }),
      isBase64Encoded: false,
      requestContext: {
        domainName: 'd.example',
        http: { method, path: rawPath },
        authorizer: { jwt: { claims, scopes: [] } },
      },
    };
    const answer = (await handler(event as never, {} as Context)) as {
      statusCode: number;
      headers?: Record<string, string>;
      body?: string;
    };
    const { statusCode: status, headers: found = {}, body: text = '' } = answer;
    return { status, type: found['content-type'], text };
  };
}

const ROUTES = Object.entries(
  (JSON.parse(renderOpenApi()) as { paths: Record<string, Record<string, object>> }).paths,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, route]) => ({
    path,
    method: method.toUpperCase(),
    hasBody: 'requestBody' in route && path !== '/api/uploads',
  })),
);
const FOOTAGE = itemAt(1, { camera: QUAY }).segmentKey;
const filled = (path: string, name?: string, value?: string): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, one: string) => {
    if (one === name) return value!;
    const names = { site: 'harbour', camera: 'quay', name: FOOTAGE.split('/')[2]! };
    const others = { objectKey: FOOTAGE, key: `${QUAY}/a/b.jpg`, id: '0'.repeat(32) };
    return { ...names, ...others }[one]!;
  });

const QUERIES = {
  'an unknown field': 'colour=red',
  'a field of every object': '__proto__=1&constructor=2',
  'a cursor that is none': 'cursor=!!',
  'a cursor of JSON of another form': `cursor=${Buffer.from('{"camera":["a"]}').toString('base64url')}&limit=1e9`,
  'a query of half an escape': '%E0%A4%A=%zz&%00=%00',
  'a long query': `x=${'a'.repeat(6000)}`,
} as const;
const TRICKS = {
  'a way up': '..%2f..%2f..%2fetc%2fpasswd',
  'a way up, escaped twice': '%252e%252e%252f%252e%252e',
  'a way up, plain': '../../../../etc/passwd',
  'a way up by backslashes': '..%5c..%5cetc',
  'a zero byte': 'quay%00.mp4',
  'half an escape': '%E0%A4%A',
  markup: '%3Cimg%20src=x%20onerror=alert(1)%3E',
  'a long name': 'a'.repeat(3000),
  nothing: '',
} as const;
const JSON_TYPE = { 'content-type': 'application/json' };
const BODIES = {
  'half a document': ['{"ids":[', JSON_TYPE],
  'no document': ['', JSON_TYPE],
  null: ['null', JSON_TYPE],
  'a list': ['[]', JSON_TYPE],
  'a number': ['1e999', JSON_TYPE],
  'unknown fields': ['{"colour":"red"}', JSON_TYPE],
  'fields of every object': ['{"__proto__":{"ids":[]},"constructor":1}', JSON_TYPE],
  'a thousand lists in one another': [`${'['.repeat(1000)}${']'.repeat(1000)}`, JSON_TYPE],
  text: ['ids=1', { 'content-type': 'text/plain' }],
  'a form': ['ids=1', { 'content-type': 'application/x-www-form-urlencoded' }],
  'JSON that does not say so': ['{"colour":"red"}', {}],
  'more than it may be': [JSON.stringify({ x: 'x'.repeat(20_000) }), JSON_TYPE],
} as const satisfies Record<string, readonly [string, Readonly<Record<string, string>>]>;

/** Every request that is wrong, by what is wrong with it. */
function wrongRequests(): (readonly [string, Asked])[] {
  return ROUTES.flatMap(({ path, method, hasBody }) => {
    const name = `${method} ${path}`;
    const headers = hasBody ? JSON_TYPE : {};
    const body = hasBody ? { body: '{}' } : {};
    const params = [...path.matchAll(/\{(\w+)\}/g)].map(([, one]) => one!);
    return [
      ...Object.entries(QUERIES).map(
        ([what, query]) =>
          [
            `${name}: ${what}`,
            { method, path: `${filled(path)}?${query}`, headers, ...body },
          ] as const,
      ),
      ...params.flatMap((param) =>
        Object.entries(TRICKS).map(
          ([what, trick]) =>
            [
              `${name}: ${param} is ${what}`,
              { method, path: filled(path, param, trick), headers, ...body },
            ] as const,
        ),
      ),
      ...(hasBody
        ? Object.entries(BODIES).map(
            ([what, [text, given]]) =>
              [
                `${name}: a body of ${what}`,
                { method, path: filled(path), headers: given, body: text },
              ] as const,
          )
        : [
            [
              `${name}: a body nobody asked for, and a large one`,
              { method: 'POST', path: filled(path), body: 'x'.repeat(20_000) },
            ] as const,
          ]),
      ...['PUT', 'PATCH'].map(
        (other) => [`${other} ${path}`, { method: other, path: filled(path), ...body }] as const,
      ),
    ];
  });
}

/** What is said of an answer that is no problem document of 4xx; null: it is one. */
function complaint({ status, type, text }: Answer): string | null {
  if (status < 400 || status > 499) return `${status} ${text.slice(0, 200)}`;
  if (type !== 'application/problem+json') return `${status} as ${type}: ${text.slice(0, 200)}`;
  if (/node_modules|\.(ts|js):\d|\bat \w+ \(|Error:/.test(text)) return `its inside: ${text}`;
  const problem = problemSchema.safeParse(JSON.parse(text));
  return problem.success && problem.data.status === status ? null : `another form: ${text}`;
}

describe.each(['a socket', 'the gateway'])('bad input over %s', (entry) => {
  let world: ApiWorld;
  let server: WebServer | null = null;
  let ask: Ask;
  beforeAll(async () => {
    world = await offered();
    if (entry === 'a socket') {
      const site = siteOf(world.deps, { isKnownHost: () => true, page: null });
      server = await listen(site, { host: '127.0.0.1', port: 0 });
    }
    ask = server ? overSocket(server.origin) : asGateway(world.deps);
  });
  afterAll(() => server?.close());

  it('is answered by a problem of 4xx on every route, and fails nothing behind it', async () => {
    const wrong = wrongRequests();
    const found: string[] = [];
    for (const [name, asked] of wrong) {
      const said = complaint(await ask(asked));
      if (said !== null) found.push(`${name}: ${said}`);
    }
    expect(found).toEqual([]);
    expect(world.errors.map(({ error }) => String(error))).toEqual([]);
    expect(wrong.length).toBeGreaterThan(400);
  });
});

it('a socket that speaks no HTTP, or too much of it, is answered 4xx and closed', async () => {
  const world = await offered();
  const site = siteOf(world.deps, { isKnownHost: () => true, page: null });
  const server = await listen(site, { host: '127.0.0.1', port: 0 });
  const { port } = new URL(server.origin);
  const answerTo = async (text: string): Promise<string> => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(text);
    let said = '';
    for await (const part of socket) said += String(part);
    return said.split('\r\n')[0]!;
  };
  const many = Array.from({ length: 2000 }, (_, index) => `x-${index}: ${'a'.repeat(20)}\r\n`);
  expect(await answerTo('no http\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request');
  expect(await answerTo(`GET /api/health HTTP/1.1\r\nhost: a\r\n${many.join('')}\r\n`)).toBe(
    'HTTP/1.1 431 Request Header Fields Too Large',
  );
  server.close();
});
