import { createRoute, z } from '@hono/zod-openapi';
import type { Api } from './app';
import { deadLetterSchema, lettersOf, rejectionSchema } from './dead-letters';
import type { ApiDeps } from './deps';
import { answers, siteField, siteOfKey } from './fields';
import { isOfSites, narrow, type Sites } from './sites';

const instant = z.iso.datetime({ precision: 3 });
const count = z.number().int().min(0);
/** Dead letters and rejections shown, the latest; all are counted. */
const SHOWN = 100;

const countsSchema = z.strictObject({ waiting: count, inFlight: count, dead: count });
const healthSchema = z
  .strictObject({
    queues: z
      .record(
        z.string(),
        countsSchema.extend({
          oldestSeconds: z
            .number()
            .min(0)
            .nullable()
            .describe('How long the oldest message has waited (s); null: none waits, or not known'),
        }),
      )
      .nullable()
      .describe('By function; null for callers who may not see every site'),
    deadLetters: z.strictObject({
      count: count.describe('Those that the caller may see'),
      latest: z.array(deadLetterSchema).describe(`At most ${SHOWN}`),
    }),
    quarantined: z.strictObject({
      count,
      latest: z.array(rejectionSchema).describe(`At most ${SHOWN}`),
    }),
    silentCameras: z.array(
      z.strictObject({ camera: z.string(), since: instant.describe('Last landing') }),
    ),
    model: z.strictObject({
      name: z.string(),
      version: z.string(),
      grade: z.string(),
      sha256: z.string(),
      variant: z
        .string()
        .nullable()
        .describe('In use on this machine; null: by `choice`, else timed at each start'),
      choice: z
        .array(z.strictObject({ cpuFeatures: z.array(z.string()), variant: z.string() }))
        .describe('The variant proven fastest on a processor with these features; the first holds'),
    }),
    versions: z.strictObject({ tierwatch: z.string(), node: z.string(), schema: z.string() }),
  })
  .openapi('Health');
type Health = z.infer<typeof healthSchema>;

/** The health as numbers: what the stream tells of as they change. Ages change all the time. */
export const healthCountsSchema = z.strictObject({
  queues: z.record(z.string(), countsSchema).nullable(),
  deadLetters: healthSchema.shape.deadLetters.shape.count,
  quarantined: count,
  silentCameras: count,
});
export type HealthCounts = z.infer<typeof healthCountsSchema>;

const route = createRoute({
  method: 'get',
  path: '/api/health',
  operationId: 'showHealth',
  summary: 'Queues, dead letters, quarantine, silent cameras, model and versions',
  request: { query: z.strictObject({ site: siteField }) },
  responses: answers(healthSchema, 'The health'),
});

/** What operations looks at first. */
export function registerHealth(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { site } = c.req.valid('query');
    const sites = narrow(c.var.sites, { site });
    const letters = await lettersOf(deps, sites);
    const rejected = await rejectionsOf(deps, sites);
    return c.json(
      {
        queues: await countsOf(deps, c.var.sites === null),
        deadLetters: { count: letters.count, latest: letters.latest.slice(0, SHOWN) },
        quarantined: { count: rejected.length, latest: latest(rejected, ({ at }) => at) },
        silentCameras: await silentCamerasOf(deps, sites),
        model: {
          ...deps.model,
          choice: deps.model.choice.map(({ cpuFeatures, variant }) => ({
            cpuFeatures: [...cpuFeatures],
            variant,
          })),
        },
        versions: { ...deps.versions },
      },
      200,
    );
  });
}

/** @param audience `isWhole`: may see every site, so the queues too */
export async function healthCounts(
  deps: ApiDeps,
  { sites, isWhole }: { readonly sites: Sites; readonly isWhole: boolean },
): Promise<HealthCounts> {
  const queues = await countsOf(deps, isWhole);
  const counted = Object.entries(queues ?? {}).map(
    ([name, { oldestSeconds: _, ...counts }]) => [name, counts] as const,
  );
  return {
    queues: queues && Object.fromEntries(counted),
    deadLetters: (await lettersOf(deps, sites)).count,
    quarantined: (await rejectionsOf(deps, sites)).length,
    silentCameras: (await silentCamerasOf(deps, sites)).length,
  };
}

async function countsOf({ queues }: ApiDeps, isWhole: boolean): Promise<Health['queues']> {
  return isWhole ? { ...(await queues.counts()) } : null;
}

/** A key that names no segment is of no site: only who may see every site sees it. */
async function rejectionsOf(
  { quarantine }: ApiDeps,
  sites: Sites,
): Promise<Health['quarantined']['latest']> {
  return (await quarantine.rejections())
    .filter(({ key }) => sites === null || sites.includes(siteOfKey(key) ?? ''))
    .map(({ key, code, reason, at }) => ({ key, code, reason, at }));
}

async function silentCamerasOf(
  { health }: ApiDeps,
  sites: Sites,
): Promise<Health['silentCameras']> {
  const cameras = [...(await health.lastLandings()).keys()].filter((one) => isOfSites(sites, one));
  const found = cameras.sort().map(async (camera) => {
    const alert = await health.latestHealthAlert(camera);
    return alert?.state === 'raised' ? [{ camera, since: alert.lastLandedAt }] : [];
  });
  return (await Promise.all(found)).flat();
}

function latest<One>(all: readonly One[], at: (one: One) => string): One[] {
  return all.toSorted((a, b) => (at(a) > at(b) ? -1 : 1)).slice(0, SHOWN);
}
