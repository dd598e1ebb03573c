import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { SIGN_IN_CALLBACK, type SignInForm } from '../../core/sign-in-form';
import type { Api, ApiEnv } from './app';
import type { ApiDeps } from './deps';
import { answers, problemAnswer } from './fields';
import { requireSameSite } from './guard';
import { NotOfferedError } from './problem';
import { setSession } from './session';

/** The prefix binds it to this very name: no other can set it. */
const COOKIE = '__Host-tierwatch-sign-in';
const FORM_SECONDS = 900;
const FAILED = '/#/errors/sign-in';
/** A place of the page, and of nothing else: it comes after the page's own address. */
const placeSchema = z.string().regex(/^#\/[!-~]{0,1000}$/, 'expected a place of the page: "#/…"');
const begunSchema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  to: placeSchema,
});

const redirect = { 302: { description: 'Elsewhere' }, default: problemAnswer } as const;
const waysRoute = createRoute({
  method: 'get',
  path: '/api/sign-in',
  operationId: 'showSignIn',
  summary: 'How one signs in here: by a form, or by a token',
  security: [],
  request: { query: z.strictObject({}) },
  responses: answers(
    z
      .strictObject({ hasForm: z.boolean().describe('There is a form: /api/sign-in/start') })
      .openapi('SignIn'),
    'The ways',
  ),
});
const startRoute = createRoute({
  method: 'get',
  path: '/api/sign-in/start',
  operationId: 'startSignIn',
  summary: 'Sends the browser to the issuer’s form (authorisation code, PKCE)',
  security: [],
  request: {
    query: z.strictObject({
      to: placeSchema.optional().openapi({ description: 'Where on the page to go on afterwards' }),
    }),
  },
  responses: redirect,
});
const callbackRoute = createRoute({
  method: 'get',
  path: SIGN_IN_CALLBACK,
  operationId: 'finishSignIn',
  summary: 'Where the issuer sends the browser back to: its code becomes the session’s cookie',
  security: [],
  responses: redirect,
});
const endRoute = createRoute({
  method: 'get',
  path: '/api/sign-in/end',
  operationId: 'endSignIn',
  summary: 'Signs the browser out of the issuer too, where that can be',
  security: [],
  request: { query: z.strictObject({}) },
  responses: redirect,
});

/** Signing in by the form of an issuer. The token goes from it to a cookie, past every script. */
export function registerSignIn(app: Api, deps: ApiDeps): void {
  app.openapi(waysRoute, (c) => c.json({ hasForm: deps.signInForm !== undefined }, 200));

  app.openapi(startRoute, async (c) => {
    const form = formOf(deps);
    requireSameSite(c.req.raw);
    const { to = '#/now' } = c.req.valid('query');
    return orFailed(c, deps, async () => {
      const { url, secrets } = await form.begin();
      const begun = Buffer.from(JSON.stringify({ ...secrets, to })).toString('base64url');
      // Lax: the issuer's answer is a link from another site.
      setCookie(c, COOKIE, begun, { ...COOKIE_SCOPE, sameSite: 'Lax', maxAge: FORM_SECONDS });
      return url;
    });
  });

  app.openapi(callbackRoute, async (c) => {
    const form = formOf(deps);
    const begun = begunBy(getCookie(c, COOKIE));
    deleteCookie(c, COOKIE, COOKIE_SCOPE);
    if (!begun) return c.redirect(FAILED);
    return orFailed(c, deps, async () => {
      const { to, ...secrets } = begun;
      const { token, seconds } = await form.finish(new URL(c.req.url).search, secrets);
      setSession(c, token, seconds);
      return `/${to}`;
    });
  });

  app.openapi(endRoute, async (c) => {
    const form = formOf(deps);
    requireSameSite(c.req.raw);
    return orFailed(c, deps, async () => (await form.end()) ?? '/');
  });
}

const COOKIE_SCOPE = { path: '/', httpOnly: true, secure: true } as const;

/** @throws {NotOfferedError} */
function formOf({ signInForm }: ApiDeps): SignInForm {
  if (signInForm) return signInForm;
  throw new NotOfferedError('a sign-in form', 'sign in by a token');
}

/** Whoever reads the answer is a person: what went wrong is on the page, why in the log. */
async function orFailed(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  place: () => Promise<string>,
): Promise<Response> {
  try {
    return c.redirect(await place());
  } catch (error) {
    deps.onError(error, c.var.requestId);
    return c.redirect(FAILED);
  }
}

/** What `start` left with this browser; null: nothing, or something else. */
function begunBy(cookie: string | undefined): z.infer<typeof begunSchema> | null {
  try {
    const text = Buffer.from(cookie ?? '', 'base64url').toString();
    return begunSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
