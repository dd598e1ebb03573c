import { createRoute, z } from '@hono/zod-openapi';
import { ANALYTICS_QUERIES } from '../../core/analytics-queries';
import { US_EAST_1 } from '../../core/prices/us-east-1';
import { COST_ASSUMPTIONS, costOfTier } from '../../core/tier-cost';
import { allowedScope, analyticsFields, analyticsOf } from './analytics';
import type { Api } from './app';
import type { ApiDeps } from './deps';
import { answers } from './fields';

const usd = z.number().min(0);
const cameraMonthSchema = z
  .strictObject({
    totalUsd: usd,
    lines: z.array(
      z.strictObject({
        name: z.enum(['compute', 'requests', 'storage', 'analytics']),
        usdPerMonth: usd,
        isVerified: z.boolean().describe('False where a price in it was not read at its source'),
        basis: z.string(),
      }),
    ),
  })
  .describe('Dollars a camera-month by line, were every hour like this footage');

const { usdPerCameraMonth: _, ...tierShape } = ANALYTICS_QUERIES['cost-by-tier'].row.shape;
const usageSchema = z
  .strictObject({
    since: z.iso.datetime({ precision: 3 }),
    until: z.iso.datetime({ precision: 3 }),
    workUsd: usd.describe('Compute and requests of all these segments (USD)'),
    assumptions: z.string().describe('What the camera-month takes for granted'),
    pricesAsOf: z.string().describe('yyyy-mm'),
    region: z.string(),
    tiers: z.array(z.strictObject({ ...tierShape, cameraMonth: cameraMonthSchema.nullable() })),
  })
  .openapi('Usage');

const route = createRoute({
  method: 'get',
  path: '/api/usage',
  operationId: 'showUsage',
  summary: 'What the segments of a period took, by tier, with dollars',
  request: { query: z.strictObject(analyticsFields) },
  responses: answers(usageSchema, 'The usage'),
});

/** Usage and its dollars, from the analytics: it adds up any number of cameras. */
export function registerUsage(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const now = deps.clock.now();
    const scope = allowedScope('cost-by-tier', c.req.valid('query'), { sites: c.var.sites, now });
    const rows = await analyticsOf(deps).ask('cost-by-tier', scope);
    const workUsd = rows.reduce((sum, row) => sum + row.workUsd, 0);
    const tiers = rows.map(({ usdPerCameraMonth: _, ...row }) => {
      const cost = costOfTier(row);
      const cameraMonth = cost && { totalUsd: cost.totalUsdPerMonth, lines: [...cost.lines] };
      return { ...row, cameraMonth };
    });
    return c.json(
      {
        since: scope.from,
        until: scope.to,
        workUsd: Math.round(workUsd * 1e9) / 1e9,
        assumptions: COST_ASSUMPTIONS,
        pricesAsOf: US_EAST_1.asOf,
        region: US_EAST_1.region,
        tiers,
      },
      200,
    );
  });
}
