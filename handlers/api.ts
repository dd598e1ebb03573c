import { OpenAPIHono } from '@hono/zod-openapi';
import { registerAnalytics } from './api/analytics';
import type { Api, ApiEnv } from './api/app';
import { registerCameras } from './api/cameras';
import { registerCloud } from './api/cloud';
import { registerDeadLetters } from './api/dead-letters';
import type { ApiDeps } from './api/deps';
import { registerEvents } from './api/events';
import { registerFleet } from './api/fleet';
import { registerFootage } from './api/footage';
import { guard } from './api/guard';
import { registerHealth } from './api/health';
import { BadRequestError, type FieldProblem, NotFoundError, problemResponse } from './api/problem';
import { registerSegments } from './api/segments';
import { registerSession, SESSION_COOKIE } from './api/session';
import { registerSignIn } from './api/sign-in';
import { registerStream } from './api/stream';
import { registerTimeline } from './api/timeline';
import { registerUploads } from './api/uploads';
import { registerUsage } from './api/usage';

/**
 * The api as a hono app: the same on one machine and in a function. What a deployment has no port for it
 * answers with "not offered"; what changes something is named in api/guard.
 */
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
  registerStream(app, deps);
  registerFootage(app, deps);
  registerTimeline(app, deps);
  registerFleet(app, deps);
  registerDeadLetters(app, deps);
  registerUploads(app, deps);
  registerSession(app, deps);
  registerSignIn(app, deps);
  registerCloud(app, deps);
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
        'What Tierwatch knows: cameras, events, segments, footage, usage, analytics, health; and the little that its page changes. Errors are problem documents (RFC 9457).',
    },
    security: [{ token: [] }, { session: [] }],
  });
  const securitySchemes = {
    token: { type: 'http', scheme: 'bearer' },
    session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
  };
  const { webhooks: _, ...rest } = document;
  return { ...rest, components: { ...rest.components, securitySchemes } };
}

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

function invalid(target: string, issues: readonly Issue[]): BadRequestError {
  const place = target === 'param' ? 'path' : target === 'json' ? 'body' : 'query';
  const errors = issues.flatMap((issue): FieldProblem[] => {
    const fields = issue.code === 'unrecognized_keys' ? (issue.keys ?? []) : [issue.path.join('.')];
    const message = issue.code === 'unrecognized_keys' ? 'expected no such field' : issue.message;
    return fields.map((field) => ({ in: place, field: field.slice(0, 100), message }));
  });
  const detail = errors.map(({ field, message }) => `"${field}": ${message}`).join('; ');
  return new BadRequestError(detail, errors);
}
