import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import { registerAnalytics } from './api/analytics';
import type { Api, ApiEnv } from './api/app';
import { registerCameras } from './api/cameras';
import type { ApiDeps } from './api/deps';
import { registerEvents } from './api/events';
import { registerHealth } from './api/health';
import {
  BadRequestError,
  type FieldProblem,
  MethodNotAllowedError,
  NotFoundError,
  NotSignedInError,
  problemResponse,
  RequestTooLargeError,
} from './api/problem';
import { registerSegments } from './api/segments';
import { registerUsage } from './api/usage';

/** No route reads a body. */
const MAX_BODY_BYTES = 16 * 1024;

/** The api as a hono app: the same on one machine and in a function. It only reads. */
export function createApi(deps: ApiDeps): Api {
  const app: Api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalid(result.target, result.error.issues);
    },
  });
  app.onError((error, c) => {
    const requestId = c.var.requestId;
    const response = problemResponse(error, { path: c.req.path, requestId });
    if (response.status >= 500) deps.onError(error, requestId);
    return response;
  });
  app.notFound((c) => {
    throw new NotFoundError(
      `"${c.req.path.slice(0, 200)}": expected a path of /api/openapi.json, found another`,
    );
  });
  guard(app, deps);
  registerCameras(app, deps);
  registerEvents(app, deps);
  registerSegments(app, deps);
  registerUsage(app, deps);
  registerAnalytics(app, deps);
  registerHealth(app, deps);
  app.get('/api/openapi.json', (c) => c.json(openApiDocument(app)));
  return app;
}

/** The OpenAPI 3.1 document of the same schemas that check requests. */
export function openApiDocument(app: Api): Record<string, unknown> {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Tierwatch',
      version: '1',
      description:
        'Reads what Tierwatch knows: cameras, events, segments, usage, analytics, health. Errors are problem documents (RFC 9457).',
    },
    security: [{ token: [] }],
  });
  const token = { type: 'http', scheme: 'bearer' };
  const { webhooks: _, ...rest } = document;
  return { ...rest, components: { ...rest.components, securitySchemes: { token } } };
}

/** What holds for every request, before any route: headers, size, method, who may see what. */
function guard(app: Api, deps: ApiDeps): void {
  app.use(async (c, next) => {
    c.set('requestId', crypto.randomUUID());
    await next();
    c.res.headers.set('cache-control', 'no-store');
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
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new RequestTooLargeError(MAX_BODY_BYTES);
      },
    }),
  );
  app.use(async (c, next) => {
    const { method } = c.req;
    if (method !== 'GET' && method !== 'HEAD') throw new MethodNotAllowedError(method);
    const allowed = await deps.allowedSites(c.req.raw);
    if (allowed === null) throw new NotSignedInError();
    c.set('sites', allowed === 'all' ? null : allowed);
    await next();
  });
}

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

function invalid(target: string, issues: readonly Issue[]): BadRequestError {
  const place = target === 'param' ? 'path' : 'query';
  const errors = issues.flatMap((issue): FieldProblem[] => {
    const fields = issue.code === 'unrecognized_keys' ? (issue.keys ?? []) : [issue.path.join('.')];
    const message = issue.code === 'unrecognized_keys' ? 'expected no such field' : issue.message;
    return fields.map((field) => ({ in: place, field: field.slice(0, 100), message }));
  });
  const detail = errors.map(({ field, message }) => `"${field}": ${message}`).join('; ');
  return new BadRequestError(detail, errors);
}
