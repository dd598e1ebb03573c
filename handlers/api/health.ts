import { createRoute, z } from '@hono/zod-openapi';
import type { Api } from './app';
import type { ApiDeps } from './deps';
import { answers, siteField, siteOfKey } from './fields';
import { isOfSites, narrow, type Sites } from './sites';

const instant = z.iso.datetime({ precision: 3 });
const count = z.number().int().min(0);
/** Dead letters and rejections shown, the latest; all are counted. */
const SHOWN = 100;

const deadLetterSchema = z.strictObject({
  queue: z.string(),
  id: z.string(),
  camera: z.string(),
  segmentKey: z.string(),
  range: z.string(),
  cause: z.string(),
  deadAt: instant,
});
const rejectionSchema = z.strictObject({
  key: z.string().describe('As stored'),
  code: z.string().describe('A heading of docs/errors.md'),
  reason: z.string(),
  at: instant,
});

const healthSchema = z
  .strictObject({
    queues: z
      .record(z.string(), z.strictObject({ waiting: count, inFlight: count, dead: count }))
      .nullable()
      .describe(
        'By name; null for callers who may not see every site, and where queues are not read',
      ),
    deadLetters: z.strictObject({
      count: count.nullable().describe('Null: queues are not read here'),
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
        .describe('That this processor takes; null: they are timed at each start'),
    }),
    versions: z.strictObject({ tierwatch: z.string(), node: z.string(), schema: z.string() }),
  })
  .openapi('Health');
type Health = z.infer<typeof healthSchema>;

/** The health as numbers: what the stream tells of. */
export const healthCountsSchema = z.strictObject({
  queues: healthSchema.shape.queues,
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
    const letters = await deadLettersOf(deps, sites);
    const rejected = await rejectionsOf(deps, sites);
    return c.json(
      {
        queues: await countsOf(deps, c.var.sites === null),
        deadLetters: {
          count: readsQueues(deps) ? letters.length : null,
          latest: latest(letters, ({ deadAt }) => deadAt),
        },
        quarantined: { count: rejected.length, latest: latest(rejected, ({ at }) => at) },
        silentCameras: await silentCamerasOf(deps, sites),
        model: { ...deps.model },
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
  return {
    queues: await countsOf(deps, isWhole),
    deadLetters: readsQueues(deps) ? (await deadLettersOf(deps, sites)).length : null,
    quarantined: (await rejectionsOf(deps, sites)).length,
    silentCameras: (await silentCamerasOf(deps, sites)).length,
  };
}

/** In the cloud they are SQS's: its alarms watch them, and the command puts dead letters back. */
export function readsQueues({ queues }: ApiDeps): boolean {
  return Object.keys(queues).length > 0;
}

async function countsOf(deps: ApiDeps, isWhole: boolean): Promise<Health['queues']> {
  const { queues } = deps;
  if (!isWhole || !readsQueues(deps)) return null;
  const counts = Object.entries(queues).map(
    async ([name, queue]) => [name, { ...(await queue.counts()) }] as const,
  );
  return Object.fromEntries(await Promise.all(counts));
}

async function deadLettersOf(
  { queues }: ApiDeps,
  sites: Sites,
): Promise<Health['deadLetters']['latest']> {
  const found = Object.entries(queues).map(async ([queue, one]) =>
    (await one.deadLetters()).map(({ id, cause, deadAt, body }) => {
      const { camera, segmentKey, range } = body;
      return { queue, id, camera, segmentKey, range, cause, deadAt };
    }),
  );
  return (await Promise.all(found)).flat().filter(({ camera }) => isOfSites(sites, camera));
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
