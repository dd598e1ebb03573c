import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import type { Api } from './app';
import type { ApiDeps } from './deps';
import {
  CrossSiteError,
  MethodNotAllowedError,
  NotSignedInError,
  RequestTooLargeError,
} from './problem';

/** Bodies are a few fields of JSON; an upload's is counted where it is stored. */
const MAX_BODY_BYTES = 16 * 1024;
const READING = ['GET', 'HEAD'];

/** What may be asked for besides reading, by path. */
const CHANGING: Readonly<Record<string, readonly string[]>> = {
  '/api/session': ['POST', 'DELETE'],
  '/api/session/footage': ['POST'],
  '/api/uploads': ['POST'],
  '/api/uploads/presign': ['POST'],
  '/api/dead-letters/redrive': ['POST'],
  '/api/fleet/tier-change': ['POST'],
};

/** What holds for every request, before any route: headers, size, method, origin, who may see what. */
export function guard(app: Api, deps: ApiDeps): void {
  app.use(async (c, next) => {
    c.set('requestId', crypto.randomUUID());
    await next();
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
      crossOriginResourcePolicy: 'same-origin',
      xFrameOptions: 'DENY',
    }),
  );
  const limited = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw new RequestTooLargeError(MAX_BODY_BYTES);
    },
  });
  app.use((c, next) => (c.req.path === '/api/uploads' ? next() : limited(c, next)));
  app.use(async (c, next) => {
    const { method, path } = c.req;
    if (!READING.includes(method)) {
      const changing = CHANGING[path] ?? [];
      if (!changing.includes(method)) {
        throw new MethodNotAllowedError(method, [...READING, ...changing]);
      }
      requireSameSite(c.req.raw);
    }
    requireNoEmbedding(c.req.raw);
    if (isOpen(method, path)) return next();
    const allowed = await deps.allowedSites(c.req.raw);
    if (allowed === null) throw new NotSignedInError();
    c.set('sites', allowed === 'all' ? null : allowed);
    c.set('isOperator', deps.isOperator(c.req.raw));
    await next();
  });
}

/** What nobody needs to be signed in for: signing in and out. */
function isOpen(method: string, path: string): boolean {
  if (path === '/api/session') return !READING.includes(method);
  return path === '/api/sign-in' || path.startsWith('/api/sign-in/');
}

/**
 * Browsers say who made a request: by Sec-Fetch-Site where the page came by https or from this machine, by
 * Origin with every method that changes something. What says neither is no browser, so nobody's cookie is abused.
 * https://www.w3.org/TR/fetch-metadata/
 * @throws {CrossSiteError}
 */
export function requireSameSite({ headers, url }: Request): void {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') throw new CrossSiteError();
  const origin = headers.get('origin');
  if (site !== null || origin === null) return;
  if (!URL.canParse(origin) || new URL(origin).host !== new URL(url).host) {
    throw new CrossSiteError();
  }
}

/**
 * A page of another site can read no answer; nor may it ask, for a clip or a stream takes work.
 * @throws {CrossSiteError}
 */
function requireNoEmbedding({ headers }: Request): void {
  const isLink = headers.get('sec-fetch-mode') === 'navigate';
  if (headers.get('sec-fetch-site') === 'cross-site' && !isLink) throw new CrossSiteError();
}
