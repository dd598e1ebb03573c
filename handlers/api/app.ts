import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Sites } from './sites';

/** What the middleware has found out before a route runs. */
export interface ApiEnv {
  Variables: {
    readonly sites: Sites;
    readonly isOperator: boolean;
    readonly requestId: string;
  };
}

export type Api = OpenAPIHono<ApiEnv>;
