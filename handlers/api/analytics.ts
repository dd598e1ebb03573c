import { createRoute, z } from '@hono/zod-openapi';
import {
  ANALYTICS_QUERIES,
  ANALYTICS_QUERY_NAMES,
  type AnalyticsParams,
  type AnalyticsQueryName,
  type AnalyticsScope,
  analyticsParamsSchema,
  scopeOf,
} from '../../core/analytics-queries';
import type { AnalyticsReader } from '../../core/ports';
import type { Api } from './app';
import { csvOf } from './csv';
import type { ApiDeps } from './deps';
import { answers, cameraField, siteField, wholeNumber } from './fields';
import { NotOfferedError } from './problem';
import { narrow, type Sites } from './sites';

const { since, until } = analyticsParamsSchema.shape;
export const analyticsFields = { site: siteField, camera: cameraField, since, until };
const limit = wholeNumber({
  minimum: 1,
  maximum: 1000,
  default: 10,
  description: 'Rows at most',
});

/** The scope of a question, narrowed to the sites that may be seen. @throws {AnalyticsQueryError} {@link SiteNotAllowedError} */
export function allowedScope(
  query: AnalyticsQueryName,
  params: { readonly [Field in keyof AnalyticsParams]: AnalyticsParams[Field] | undefined },
  { sites, now }: { readonly sites: Sites; readonly now: Date },
): AnalyticsScope {
  const asked = Object.fromEntries(
    Object.entries(params).filter(([, value]) => value !== undefined),
  ) as AnalyticsParams;
  return { ...scopeOf(query, asked, now), sites: narrow(sites, asked) };
}

/** @throws {NotOfferedError} where nothing answers the named queries */
export function analyticsOf({ analytics }: ApiDeps): AnalyticsReader {
  if (analytics) return analytics;
  throw new NotOfferedError('analytics', 'set tierwatch:analytics');
}

/** One route a named query, so that the document has the exact rows of each. */
export function registerAnalytics(app: Api, deps: ApiDeps): void {
  for (const query of ANALYTICS_QUERY_NAMES) {
    const { summary, isRanked, row, maxDays } = ANALYTICS_QUERIES[query];
    const route = createRoute({
      method: 'get',
      path: `/api/analytics/${query}`,
      operationId: `analytics-${query}`,
      summary: `Analytics: ${summary}; at most ${maxDays} days`,
      request: {
        query: z.strictObject({
          ...analyticsFields,
          ...(isRanked ? { limit } : {}),
          format: z
            .enum(['json', 'csv'])
            .optional()
            .openapi({ description: 'csv: the rows alone, with a header; default: json' }),
        }),
      },
      responses: answers(
        z.strictObject({
          query: z.literal(query),
          since: z.iso.datetime({ precision: 3 }),
          until: z.iso.datetime({ precision: 3 }),
          rows: z.array(row as z.ZodType<Record<string, unknown>>),
        }),
        'The rows',
      ),
    });
    app.openapi(route, async (c) => {
      const { format, ...params } = c.req.valid('query') as AnalyticsParams & { format?: string };
      const now = deps.clock.now();
      const scope = allowedScope(query, params, { sites: c.var.sites, now });
      const rows = await analyticsOf(deps).ask(query, scope);
      if (format === 'csv') {
        const disposition = `attachment; filename="${query}_${scope.from.slice(0, 10)}.csv"`;
        c.header('content-disposition', disposition);
        // Another representation than the schema's: as JSON the document has the rows of each query.
        return c.body(csvOf(Object.keys(row.shape), rows), 200, {
          'content-type': 'text/csv; charset=utf-8',
        }) as never;
      }
      return c.json({ query, since: scope.from, until: scope.to, rows: [...rows] }, 200);
    });
  }
}
