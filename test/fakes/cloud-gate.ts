import type { Context } from 'aws-lambda';
import type { createApiFunction } from '../../handlers/api/lambda';
import { TOKEN_FROM_COOKIE } from '../../infra/edge-code';
import type { OidcIssuer } from './oidc-issuer';

/** As infra/api.ts has them. */
const OPEN = [/^(POST|DELETE) \/api\/session$/, /^GET \/api\/sign-in(\/[^/]+)?$/];

interface Answer {
  readonly statusCode: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly isBase64Encoded?: boolean;
}

/** What stands before the function in the cloud: the edge hands on the cookie's token, the gateway verifies it. */
export function cloudGate(
  answer: ReturnType<typeof createApiFunction>,
  issuer: OidcIssuer,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    const headers = atEdge(request);
    const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
    const isOpen = OPEN.some((route) => route.test(`${request.method} ${pathname}`));
    const claims = token === undefined ? null : issuer.claimsOf(token);
    if (!isOpen && claims === null)
      return Response.json({ message: 'Unauthorized' }, { status: 401 });
    const event = {
      version: '2.0',
      routeKey: 'ANY /api/{proxy+}',
      rawPath: pathname,
      rawQueryString: search.slice(1),
      headers: { ...headers, host: 'gateway.example' },
      cookies: headers.cookie?.split('; ') ?? [],
      body: await request.text(),
      isBase64Encoded: false,
      requestContext: {
        domainName: 'gateway.example',
        http: { method: request.method, path: pathname },
        ...(isOpen ? {} : { authorizer: { jwt: { claims: asText(claims!), scopes: [] } } }),
      },
    };
    const {
      statusCode,
      body,
      headers: named,
      cookies,
      isBase64Encoded,
    } = (await answer(event as never, {} as Context)) as Answer;
    const sent = new Headers(named);
    for (const cookie of cookies ?? []) sent.append('set-cookie', cookie);
    const bytes = isBase64Encoded ? Buffer.from(body ?? '', 'base64') : body;
    const isEmpty = [204, 304].includes(statusCode);
    return new Response(isEmpty ? null : bytes, { status: statusCode, headers: sent });
  };
}

function atEdge(request: Request): Record<string, string> {
  const { cookie = '', ...headers } = Object.fromEntries(request.headers);
  const cookies = Object.fromEntries(
    cookie.split('; ').map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), { value: pair.slice(at + 1) }] as const;
    }),
  );
  const edge = new Function(`${TOKEN_FROM_COOKIE}; return handler(arguments[0]);`);
  const given: Record<string, { value: string }> = {};
  const { authorization } = headers;
  if (authorization !== undefined) given.authorization = { value: authorization };
  const passed = edge({ request: { headers: given, cookies } }) as { headers: typeof given };
  const value = passed.headers.authorization?.value;
  return { ...headers, cookie, ...(value === undefined ? {} : { authorization: value }) };
}

/** The gateway makes text of every claim: a list is "[a b]". */
function asText(claims: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      Array.isArray(value) ? `[${value.join(' ')}]` : String(value),
    ]),
  );
}
