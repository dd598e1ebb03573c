import { createRoute, z } from '@hono/zod-openapi';
import { cameraSettingsSchema } from '../../core/camera-settings';
import type { Api } from './app';
import { decodeCursor, encodeCursor } from './cursor';
import type { ApiDeps } from './deps';
import { answers, cameraParams, cursorField, limitField, nextCursor, siteField } from './fields';
import { NotFoundError } from './problem';
import { isOfSites, narrow, requireSite } from './sites';

const instant = z.iso.datetime({ precision: 3 });

const cameraSchema = z
  .strictObject({
    camera: z.string().describe('site/camera'),
    isKnown: z.boolean().describe('The fleet file names it; others take their site’s settings'),
    tier: z.string().describe('Tier at this moment'),
    lane: z.enum(['cpu', 'gpu']),
    lastLandedAt: instant
      .nullable()
      .describe('When footage landed last, or when it was first watched'),
    silentSince: instant.nullable().describe('Last landing before a silence that goes on'),
  })
  .openapi('Camera');
type Camera = z.infer<typeof cameraSchema>;

const pageSchema = z.strictObject({ cameras: z.array(cameraSchema), nextCursor });

const resolvedSchema = z
  .strictObject({
    ...cameraSchema.shape,
    at: instant.describe('Instant that the settings hold for'),
    settings: cameraSettingsSchema,
    origins: z
      .record(z.string(), z.string())
      .describe('Where each setting came from: product, defaults, tier NAME, site NAME, camera'),
  })
  .openapi('ResolvedCamera');

const listRoute = createRoute({
  method: 'get',
  path: '/api/cameras',
  operationId: 'listCameras',
  summary: 'Cameras by name: those of the fleet file and those whose footage landed',
  request: {
    query: z.strictObject({ site: siteField, limit: limitField, cursor: cursorField }),
  },
  responses: answers(pageSchema, 'A page of cameras'),
});

const showRoute = createRoute({
  method: 'get',
  path: '/api/cameras/{site}/{camera}',
  operationId: 'showCamera',
  summary: 'One camera: its settings at an instant, and where each came from',
  request: {
    params: cameraParams,
    query: z.strictObject({
      at: z.iso
        .datetime({ offset: true })
        .optional()
        .openapi({ description: 'Settings for segments that start at it; default: now' }),
    }),
  },
  responses: answers(resolvedSchema, 'The camera'),
});

/** Cameras and their resolved settings. */
export function registerCameras(app: Api, deps: ApiDeps): void {
  app.openapi(listRoute, async (c) => {
    const { site, limit = 50, cursor } = c.req.valid('query');
    const sites = narrow(c.var.sites, { site });
    const filters = ['cameras', site];
    const start = decodeCursor(cursor, filters);
    const names = (await cameraNames(deps)).filter(
      (name) => isOfSites(sites, name) && (start === null || name > start.camera),
    );
    const cameras = await describeCameras(names.slice(0, limit), deps);
    const last = names.length > limit ? names[limit - 1] : undefined;
    const position = { from: null, to: null, at: null, id: '' };
    return c.json(
      {
        cameras,
        nextCursor:
          last === undefined ? null : encodeCursor({ ...position, camera: last }, filters),
      },
      200,
    );
  });

  app.openapi(showRoute, async (c) => {
    const params = c.req.valid('param');
    requireSite(c.var.sites, params.site);
    const camera = `${params.site}/${params.camera}`;
    await requireCamera(camera, deps);
    const { at: asked } = c.req.valid('query');
    const at = new Date(asked ?? deps.clock.now()).toISOString();
    const { settings, origins } = await deps.resolve(camera, at);
    const [facts] = await describeCameras([camera], deps);
    const { tier, lane } = settings;
    return c.json({ ...facts!, tier, lane, at, settings, origins: { ...origins } }, 200);
  });
}

/** @throws {NotFoundError} where neither the fleet file nor any footage knows the camera */
export async function requireCamera(camera: string, deps: ApiDeps): Promise<void> {
  if ((await cameraNames(deps)).includes(camera)) return;
  throw new NotFoundError(
    `"${camera}": expected a camera of the fleet file or with footage, found none`,
  );
}

/** Names of every camera that there is anything about. */
export async function cameraNames({ store, health, fleetCameras }: ApiDeps): Promise<string[]> {
  const names = new Set([
    ...(await fleetCameras()),
    ...(await store.cameras()),
    ...(await health.lastLandings()).keys(),
  ]);
  return [...names].sort();
}

async function describeCameras(
  names: readonly string[],
  { health, clock, resolve }: ApiDeps,
): Promise<Camera[]> {
  const landings = await health.lastLandings();
  return Promise.all(
    names.map(async (camera) => {
      const { settings, isKnown } = await resolve(camera, clock.now().toISOString());
      const latest = await health.latestHealthAlert(camera);
      return {
        camera,
        isKnown,
        tier: settings.tier,
        lane: settings.lane,
        lastLandedAt: landings.get(camera) ?? null,
        silentSince: latest?.state === 'raised' ? latest.lastLandedAt : null,
      };
    }),
  );
}
