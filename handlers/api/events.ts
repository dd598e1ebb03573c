import { createRoute, z } from '@hono/zod-openapi';
import type { EventSettings, StitchedEvent } from '../../core/events';
import { readEvent, readEvents } from '../../core/read-events';
import { type DetectionEvent, detectionEventSchema } from '../../core/segment-result';
import type { Api } from './app';
import type { ApiDeps } from './deps';
import {
  answers,
  cameraField,
  cameraParams,
  cursorField,
  limitField,
  nextCursor,
  periodFields,
  periodOf,
  siteField,
} from './fields';
import { type PageRequest, pageOf } from './page';
import { NotFoundError } from './problem';
import { isOfSites, narrow, requireSite } from './sites';

const eventSchema = z.strictObject(detectionEventSchema.shape).openapi('DetectionEvent');
const name = z.string().regex(/^[a-z0-9][a-z0-9 -]{0,62}$/);

const listRoute = createRoute({
  method: 'get',
  path: '/api/events',
  operationId: 'listEvents',
  summary: 'Events that overlap a period, stitched from the rows, by camera and start',
  request: {
    query: z.strictObject({
      site: siteField,
      camera: cameraField,
      className: name.optional().openapi({ description: 'Only this class' }),
      zone: name.optional().openapi({
        description: 'Only this zone; "frame" is the whole picture; default: every zone',
      }),
      ...periodFields,
      limit: limitField,
      cursor: cursorField,
    }),
  },
  responses: answers(
    z.strictObject({ events: z.array(eventSchema), nextCursor }),
    'A page of events',
  ),
});

const showRoute = createRoute({
  method: 'get',
  path: '/api/cameras/{site}/{camera}/events/{id}',
  operationId: 'showEvent',
  summary: 'The event with this id, or the one that it became part of',
  request: {
    params: z.strictObject({
      ...cameraParams.shape,
      id: z
        .string()
        .regex(/^[0-9a-f]{32}$/)
        .openapi({ description: 'Id that the event has, or once had' }),
    }),
    query: z.strictObject({}),
  },
  responses: answers(eventSchema, 'The event'),
});

/** Events, derived from rows as they stand: nothing of them is stored. */
export function registerEvents(app: Api, deps: ApiDeps): void {
  app.openapi(listRoute, async (c) => {
    const { limit = 50, cursor, ...filters } = c.req.valid('query');
    const { site, camera, className, zone } = filters;
    const sites = narrow(c.var.sites, { site, camera });
    const cameras = (await deps.store.cameras()).filter(
      (one) => isOfSites(sites, one) && (camera === undefined || one === camera),
    );
    const isWanted = (event: StitchedEvent): boolean =>
      (className === undefined || event.className === className) &&
      (zone === undefined || event.zone === zone);
    const { entries, nextCursor } = await pageOf({
      cameras,
      period: periodOf(filters, deps.clock.now()),
      filters: ['events', filters],
      cursor,
      limit,
      read: readOf(deps, isWanted),
      placeOf: ({ startedAt, id }) => ({ at: startedAt, id }),
    });
    return c.json({ events: entries.map(shown), nextCursor }, 200);
  });

  app.openapi(showRoute, async (c) => {
    const { site, camera: name, id } = c.req.valid('param');
    requireSite(c.var.sites, site);
    const camera = `${site}/${name}`;
    const settings = await eventSettingsOf(camera, deps);
    const event = settings && (await readEvent(deps.store, camera, { settings, id }));
    if (event) return c.json(shown(event), 200);
    throw new NotFoundError(`"${id}": expected an event of "${camera}", found none`);
  });
}

function readOf(
  deps: ApiDeps,
  isWanted: (event: StitchedEvent) => boolean,
): PageRequest<StitchedEvent>['read'] {
  return async function* read(camera, { from, to, after }) {
    const settings = await eventSettingsOf(camera, deps);
    if (!settings) return;
    const start = after !== null && after.at > from ? after.at : from;
    const events = await readEvents(deps.store, camera, { settings, from: start, to });
    yield* events.filter(isWanted);
  };
}

/** The settings in force at a camera's first row: ids stay the same whatever is asked for, and when. */
async function eventSettingsOf(
  camera: string,
  { store, resolve }: Pick<ApiDeps, 'store' | 'resolve'>,
): Promise<EventSettings | null> {
  for await (const { startedAt } of store.itemsOfCamera(camera, {})) {
    return (await resolve(camera, startedAt)).settings;
  }
  return null;
}

function shown({ partIds: _, ...event }: StitchedEvent): DetectionEvent {
  return event;
}
