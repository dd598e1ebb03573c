import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { SESSION_COOKIE } from '../../core/page-files';
import type { Api, ApiEnv } from './app';
import type { ApiDeps } from './deps';
import { answers, problemAnswer } from './fields';
import { NotOfferedError, NotSignedInError } from './problem';
import { lastChangeOf } from './stream';

export { SESSION_COOKIE };

const OFFERED = [
  'stream',
  'snapshots',
  'footage',
  'clips',
  'tier-change',
  'redrive',
  'uploads',
  'upload-forms',
  'sign-out',
  'sign-in-form',
] as const;
type Offered = (typeof OFFERED)[number];

const showRoute = createRoute({
  method: 'get',
  path: '/api/session',
  operationId: 'showSession',
  summary: 'What the caller may see, and what this deployment offers',
  request: { query: z.strictObject({}) },
  responses: answers(
    z
      .strictObject({
        sites: z.array(z.string()).nullable().describe('Sites that may be seen; null: every site'),
        offers: z.array(z.enum(OFFERED)),
        lastChange: z
          .number()
          .int()
          .min(0)
          .nullable()
          .describe(
            'A stream after it tells all that happens from now on; null: there is no stream',
          ),
      })
      .openapi('Session'),
    'The session',
  ),
});

const openRoute = createRoute({
  method: 'post',
  path: '/api/session',
  operationId: 'openSession',
  summary: 'Signs the page in by a token: sets a cookie that no script can read',
  security: [],
  request: {
    query: z.strictObject({}),
    body: {
      required: true,
      content: {
        'application/json': { schema: z.strictObject({ token: z.string().min(1).max(3500) }) },
      },
    },
  },
  responses: { 204: { description: 'Signed in' }, default: problemAnswer },
});

const closeRoute = createRoute({
  method: 'delete',
  path: '/api/session',
  operationId: 'closeSession',
  summary: 'Signs the page out',
  security: [],
  request: { query: z.strictObject({}) },
  responses: { 204: { description: 'Signed out' }, default: problemAnswer },
});

/** Who is asking; signing in and out where there is a token. */
export function registerSession(app: Api, deps: ApiDeps): void {
  app.openapi(showRoute, async (c) => {
    const { sites } = c.var;
    const lastChange = deps.changes ? await lastChangeOf(deps.changes) : null;
    const offers = offersOf(deps);
    return c.json({ sites: sites === null ? null : [...sites], offers, lastChange }, 200);
  });

  app.openapi(openRoute, (c) => {
    const { signIn } = deps;
    if (!signIn) throw new NotOfferedError('signing in by a token', 'none is needed here');
    const value = signIn.open(c.req.valid('json').token);
    if (value === null) throw new NotSignedInError();
    setSession(c, value, signIn.seconds);
    return c.body(null, 204);
  });

  app.openapi(closeRoute, (c) => {
    deleteCookie(c, SESSION_COOKIE, { path: '/', httpOnly: true, sameSite: 'Strict' });
    return c.body(null, 204);
  });
}

/** The page's session: no script reads it, no other site's request has it. */
export function setSession(c: Context<ApiEnv>, value: string, seconds: number): void {
  setCookie(c, SESSION_COOKIE, value, {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure: new URL(c.req.url).protocol === 'https:',
    maxAge: seconds,
  });
}

function offersOf(deps: ApiDeps): Offered[] {
  const has: Readonly<Record<Offered, unknown>> = {
    stream: deps.changes,
    snapshots: deps.snapshots,
    footage: deps.footage ?? deps.footageAccess,
    clips: deps.cutClip,
    'tier-change': deps.fleetTexts ?? deps.publishedFleet,
    redrive: deps.queues.redrive ?? deps.queues.redriveAll,
    uploads: deps.uploads,
    'upload-forms': deps.uploadForms,
    'sign-out': deps.signIn ?? deps.signInForm,
    'sign-in-form': deps.signInForm,
  };
  return OFFERED.filter((name) => has[name] !== undefined);
}
