import * as z from 'zod';
import {
  ANALYTICS_QUERY_NAMES,
  AnalyticsQueryError,
  type AnalyticsQueryName,
  analyticsParamsSchema,
  scopeOf,
} from '../core/analytics-queries';
import type { AnalyticsReader, Clock } from '../core/ports';
import { NAME_PATTERN } from '../core/segment-key';

const site = z.string().regex(new RegExp(`^${NAME_PATTERN}$`));

/** What the api and the command ask the reader function. */
export const analyticsRequestSchema = z.strictObject({
  query: z.enum(ANALYTICS_QUERY_NAMES as [AnalyticsQueryName, ...AnalyticsQueryName[]]),
  sites: z.array(site).max(10_000).nullable().describe('Null: every site; empty: none'),
  params: analyticsParamsSchema,
});

/** Rows, or what was wrong with the request: an invoked function's errors lose their class on the way. */
export type AnalyticsReply =
  | { readonly rows: readonly unknown[] }
  | { readonly error: { readonly code: string; readonly message: string } };

export interface AnalyticsQueryDeps {
  readonly analytics: AnalyticsReader;
  readonly clock: Clock;
}

/** Named queries → their rows: the only function beside the writer that reaches the time series. */
export function createAnalyticsQuery({ analytics, clock }: AnalyticsQueryDeps) {
  return async (event: unknown): Promise<AnalyticsReply> => {
    const parsed = analyticsRequestSchema.safeParse(event);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const message = `"${issue?.path.join('.')}": ${issue?.message}`;
      return { error: { code: 'analytics-query', message } };
    }
    const { query, sites, params } = parsed.data;
    try {
      const scope = { ...scopeOf(query, params, clock.now()), sites };
      return { rows: await analytics.ask(query, scope) };
    } catch (error) {
      if (!(error instanceof AnalyticsQueryError)) throw error;
      return { error: { code: error.code, message: error.message } };
    }
  };
}
