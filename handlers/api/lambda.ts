import type { Context } from 'aws-lambda';
import { Hono } from 'hono';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { createApi } from '../api';
import { isOperatorByClaims, sitesOfClaims } from './claims';
import type { AllowedSites, ApiDeps } from './deps';

interface Invoked {
  readonly event: {
    readonly requestContext?: {
      readonly authorizer?: { readonly jwt?: { readonly claims?: Record<string, unknown> } };
    };
  };
}

/**
 * The api as a function behind an HTTP API (payload 2.0). Who may see what is decided by the claims that the
 * gateway's authoriser has verified, never by anything that the request itself says.
 * @param sitesClaim name of the claim that names sites
 */
export function createApiFunction(
  deps: Omit<ApiDeps, 'allowedSites' | 'isOperator'>,
  { sitesClaim }: { readonly sitesClaim: string },
): (event: LambdaEvent, context: Context) => Promise<unknown> {
  const allowed = new WeakMap<Request, AllowedSites>();
  const operators = new WeakSet<Request>();
  const api = createApi({
    ...deps,
    allowedSites: (request) => allowed.get(request) ?? null,
    isOperator: (request) => operators.has(request),
  });
  const outer = new Hono<{ Bindings: Invoked }>();
  outer.all('*', (c) => {
    const { claims } = c.env.event.requestContext?.authorizer?.jwt ?? {};
    allowed.set(c.req.raw, sitesOfClaims(claims, sitesClaim));
    if (isOperatorByClaims(claims, sitesClaim)) operators.add(c.req.raw);
    return api.fetch(c.req.raw);
  });
  const answer = handle(outer);
  return (event, context) => answer(event, context as never);
}
