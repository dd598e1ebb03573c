import { createRoute, z } from '@hono/zod-openapi';
import type { AnalyticsAnswer, AnalyticsScope } from '../../core/analytics-queries';
import { ASSUMED_USAGE_IN_WORDS } from '../../core/assumed-cost';
import { changePublishedTier, changeTier, type TierChange } from '../../core/fleet/change-tier';
import { FleetFileError } from '../../core/fleet/parse';
import { workByTier } from '../../core/measured-work';
import { suggestTier } from '../../core/suggest-tier';
import { COST_ASSUMPTIONS, costOfTier, type MeasuredWork, sumWork } from '../../core/tier-cost';
import { priceTiers } from '../../core/tier-prices';
import { allowedScope, analyticsFields } from './analytics';
import type { Api } from './app';
import { cameraNames, requireCamera } from './cameras';
import { decodeCursor, encodeCursor } from './cursor';
import type { ApiDeps } from './deps';
import {
  answers,
  cameraParams,
  cameraPath,
  cursorField,
  limitField,
  nextCursor,
  siteField,
  siteName,
} from './fields';
import { BadRequestError, NotFoundError, NotOfferedError } from './problem';
import { isOfSites, narrow, requireSite } from './sites';

const amount = z.number().min(0);
const instant = z.iso.datetime({ precision: 3 });
const period = { since: instant, until: instant };
const { since, until } = analyticsFields;
/** Cameras whose settings are asked for at the same time. */
const AT_ONCE = 10;
/** Of a camera's rows, where they are summed one by one: some hundred reads. */
const SUMMED_MS = 3 * 3_600_000;

const costSchema = z
  .strictObject({
    camera: z.string(),
    ...period,
    segments: z.number().int().min(0),
    footageSeconds: amount.describe('Measured in the period (s)'),
    totalUsdPerMonth: amount.nullable().describe('Null: no footage was measured'),
    lines: z.array(
      z.strictObject({
        name: z.enum(['compute', 'requests', 'storage', 'analytics']),
        usdPerMonth: amount,
        isVerified: z.boolean().describe('False where a price in it was not read at its source'),
        basis: z.string(),
      }),
    ),
    assumptions: z.string().describe('What the camera-month takes for granted'),
  })
  .openapi('CameraCost');

const tiersSchema = z
  .strictObject({
    camera: z.string(),
    tier: z.string().describe('Tier at this moment'),
    lane: z.enum(['cpu', 'gpu']),
    activity: z.strictObject({
      segments: z.number().int().min(0),
      footageSeconds: amount,
      movingSeconds: amount,
      movingRatio: z.number().min(0).max(1).nullable().describe('Null: no footage'),
    }),
    tiers: z.array(
      z.strictObject({
        tier: z.string(),
        lane: z.enum(['cpu', 'gpu']),
        sampleIntervalSeconds: z.number(),
        usdPerMonth: amount.nullable().describe('Null: a lane priced by its endpoint'),
        isMeasured: z.boolean().describe('False: by assumed usage'),
      }),
    ),
    suggestion: z.strictObject({ tier: z.string(), why: z.string() }),
  })
  .openapi('CameraTiers');
type CameraTiers = z.infer<typeof tiersSchema>;

const costRoute = createRoute({
  method: 'get',
  path: '/api/cameras/{site}/{camera}/cost',
  operationId: 'showCameraCost',
  summary: 'What a camera costs a month by line, from what its segments of a period took',
  request: { params: cameraParams, query: z.strictObject({ since, until }) },
  responses: answers(costSchema, 'The cost'),
});

const tiersRoute = createRoute({
  method: 'get',
  path: '/api/fleet/tiers',
  operationId: 'listTiers',
  summary: 'Each camera’s tier, activity, dollars a month at each tier, and the tier that suits it',
  request: {
    query: z.strictObject({
      site: siteField,
      since,
      until,
      limit: limitField,
      cursor: cursorField,
    }),
  },
  responses: answers(
    z.strictObject({
      ...period,
      cameras: z.array(tiersSchema),
      assumptions: z.string(),
      nextCursor,
    }),
    'A page of cameras, by name',
  ),
});

const changeRoute = createRoute({
  method: 'post',
  path: '/api/fleet/tier-change',
  operationId: 'planTierChange',
  summary: 'What the fleet file would have to say for a camera in another tier; edits nothing',
  request: {
    query: z.strictObject({}),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({ camera: cameraPath, tier: siteName }),
        },
      },
    },
  },
  responses: answers(
    z
      .strictObject({
        file: z
          .string()
          .describe(
            'Of the fleet that changes; where no file is at hand, whose entry the diff is of',
          ),
        diff: z.string().describe('Unified; empty: it is in that tier already'),
        command: z
          .string()
          .nullable()
          .describe('Makes the change in the repository; null: the diff is of the file itself'),
        changes: z.array(
          z.strictObject({
            cameras: z.array(z.string()),
            what: z.array(z.string()),
            usdPerMonth: z.number().nullable().describe('More or less; null: a lane not priced'),
          }),
        ),
        basis: z.string().describe('What the dollars take for granted'),
      })
      .openapi('TierChange'),
    'The change',
  ),
});

/** Tiers and what they cost; changing one is said, not done. */
export function registerFleet(app: Api, deps: ApiDeps): void {
  app.openapi(costRoute, async (c) => {
    const { site, camera: name } = c.req.valid('param');
    requireSite(c.var.sites, site);
    const camera = `${site}/${name}`;
    await requireCamera(camera, deps);
    const now = deps.clock.now();
    const asked = { ...c.req.valid('query'), camera };
    const scope = allowedScope('cost-by-tier', asked, { sites: c.var.sites, now });
    const { since, rows } = await workOf(scope, camera, deps);
    const work = sumWork(rows);
    const { settings } = await deps.resolve(camera, now.toISOString());
    const cost = costOfTier(work, settings.retention);
    return c.json(
      {
        camera,
        since,
        until: scope.to,
        segments: work.segments,
        footageSeconds: work.footageSeconds,
        totalUsdPerMonth: cost?.totalUsdPerMonth ?? null,
        lines: [...(cost?.lines ?? [])],
        assumptions: COST_ASSUMPTIONS,
      },
      200,
    );
  });

  app.openapi(tiersRoute, async (c) => {
    const { site, limit = 50, cursor, ...asked } = c.req.valid('query');
    const sites = narrow(c.var.sites, { site });
    const filters = ['fleet-tiers', site, asked];
    const start = decodeCursor(cursor, filters);
    const names = (await cameraNames(deps)).filter(
      (name) => isOfSites(sites, name) && (start === null || name > start.camera),
    );
    const shown = names.slice(0, limit);
    const question = { sites: c.var.sites, now: deps.clock.now() };
    const scope = allowedScope('work-by-camera', { ...asked, cameras: shown }, question);
    // Rows of many cameras are too many to sum here: without a time series usage is assumed, and said to be.
    const rows = (await deps.analytics?.ask('work-by-camera', scope)) ?? [];
    const work = Map.groupBy(rows, ({ camera }) => camera);
    const cameras: CameraTiers[] = [];
    for (let index = 0; index < shown.length; index += AT_ONCE) {
      const tiers = shown
        .slice(index, index + AT_ONCE)
        .map((name) => tiersOf(name, work.get(name) ?? [], deps));
      cameras.push(...(await Promise.all(tiers)));
    }
    const position = { from: null, to: null, at: null, id: '' };
    const last = names.length > limit ? shown.at(-1) : undefined;
    return c.json(
      {
        since: scope.from,
        until: scope.to,
        cameras,
        assumptions: COST_ASSUMPTIONS,
        nextCursor:
          last === undefined ? null : encodeCursor({ ...position, camera: last }, filters),
      },
      200,
    );
  });

  app.openapi(changeRoute, async (c) => {
    const { camera, tier } = c.req.valid('json');
    requireSite(c.var.sites, camera.split('/')[0]!);
    try {
      const change = await plannedChange(camera, tier, deps);
      if (change) return c.json({ ...change, basis: ASSUMED_USAGE_IN_WORDS }, 200);
    } catch (error) {
      if (!(error instanceof FleetFileError)) throw error;
      throw new BadRequestError(`"tier": ${error.problems[0]!.message}`, [
        { in: 'body', field: 'tier', message: error.problems[0]!.message },
      ]);
    }
    throw new NotFoundError(
      `"${camera}": expected a camera that the fleet file names, found none; add it under cameras: first`,
    );
  });
}

/**
 * By the fleet's files, or by what is published of it.
 * @returns null where the fleet does not name the camera
 * @throws {FleetFileError} {@link NotOfferedError}
 */
async function plannedChange(
  camera: string,
  tier: string,
  { fleetTexts, publishedFleet, clock }: ApiDeps,
): Promise<(TierChange & { readonly command: string | null }) | null> {
  const asked = { camera, tier, now: clock.now().toISOString() };
  if (fleetTexts) {
    const change = changeTier(await fleetTexts(), asked);
    return change && { ...change, command: null };
  }
  if (!publishedFleet) {
    throw new NotOfferedError('tier-change', 'use "tierwatch fleet set-tier" in the repository');
  }
  const change = changePublishedTier(await publishedFleet.camera(camera), asked);
  const command = `npx tierwatch fleet set-tier ${camera} ${tier} --env ${publishedFleet.environment}`;
  return change && { ...change, command };
}

/**
 * What a camera's footage took. Where there is no time series it is summed from the rows of its last hours.
 * @returns since when
 */
async function workOf(
  scope: AnalyticsScope,
  camera: string,
  { analytics, store }: ApiDeps,
): Promise<{ readonly since: string; readonly rows: readonly MeasuredWork[] }> {
  if (analytics) {
    return { since: scope.from, rows: await analytics.ask('cost-by-tier', scope) };
  }
  const earliest = new Date(Date.parse(scope.to) - SUMMED_MS).toISOString();
  const since = scope.from > earliest ? scope.from : earliest;
  const items = store.itemsOfCamera(camera, { from: since, to: scope.to });
  return { since, rows: workByTier(await Array.fromAsync(items)) };
}

/** @param work of the camera, by tier */
async function tiersOf(
  camera: string,
  work: readonly AnalyticsAnswer<'work-by-camera'>[],
  { clock, resolve, tierSettings }: ApiDeps,
): Promise<CameraTiers> {
  const at = clock.now().toISOString();
  const { settings } = await resolve(camera, at);
  const choices = (await tierSettings?.(camera, at)) ?? [settings];
  const { segments, footageSeconds } = sumWork(work);
  const movingSeconds = work.reduce((sum, one) => sum + one.movingSeconds, 0);
  const tiers = priceTiers(work, choices, settings.tier);
  return {
    camera,
    tier: settings.tier,
    lane: settings.lane,
    activity: {
      segments,
      footageSeconds,
      movingSeconds,
      movingRatio: footageSeconds > 0 ? Math.min(1, movingSeconds / footageSeconds) : null,
    },
    tiers: tiers.map((one) => ({ ...one })),
    suggestion: { ...suggestTier(settings.tier, { footageSeconds, movingSeconds }, tiers) },
  };
}
