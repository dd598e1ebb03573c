import { createRoute, z } from '@hono/zod-openapi';
import type { EventSettings, StitchedEvent } from '../../core/events';
import { type EventItems, readEvent, readEvents } from '../../core/read-events';
import {
  type RecentEventsRequest,
  type RecentItems,
  readRecentEvents,
} from '../../core/recent-events';
import {
  type DetectionEvent,
  detectionEventSchema,
  type SegmentItem,
} from '../../core/segment-result';
import type { Api } from './app';
import { decodeCursor, encodeCursor } from './cursor';
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

export const eventSchema = z.strictObject(detectionEventSchema.shape).openapi('DetectionEvent');
const name = z.string().regex(/^[a-z0-9][a-z0-9 -]{0,62}$/);

const listRoute = createRoute({
  method: 'get',
  path: '/api/events',
  operationId: 'listEvents',
  summary:
    'Events that overlap a period, stitched from the rows, by camera and start or newest first',
  request: {
    query: z.strictObject({
      site: siteField,
      camera: cameraField,
      className: name.optional().openapi({ description: 'Only this class' }),
      zone: name.optional().openapi({
        description: 'Only this zone; "frame" is the whole picture; default: every zone',
      }),
      order: z.enum(['camera', 'newest']).optional().openapi({
        description:
          'camera: by camera and start; newest: of all cameras, what ended latest first; default: camera',
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
    const { limit = 50, cursor, order = 'camera', ...filters } = c.req.valid('query');
    const { site, camera, className, zone } = filters;
    const sites = narrow(c.var.sites, { site, camera });
    const isOf = (one: string): boolean =>
      isOfSites(sites, one) && (camera === undefined || one === camera);
    const isWanted = (event: StitchedEvent): boolean =>
      (className === undefined || event.className === className) &&
      (zone === undefined || event.zone === zone);
    const period = periodOf(filters, deps.clock.now());
    if (order === 'newest') {
      const filter = { sites, camera, className, zone };
      const question = { period, filters: ['newest', filters], cursor, limit, filter };
      return c.json(await newestPage(deps, question), 200);
    }
    const cameras = (await deps.store.cameras()).filter(isOf);
    const { entries, nextCursor } = await pageOf({
      cameras,
      period,
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
    const event = settings && (await readEvent(eventItemsOf(deps), camera, { settings, id }));
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
    const events = await readEvents(eventItemsOf(deps), camera, { settings, from: start, to });
    yield* events.filter(isWanted);
  };
}

/** A page of {@link readRecentEvents}; the cursor holds the period of the first page. */
async function newestPage(
  deps: ApiDeps,
  request: Pick<RecentEventsRequest, 'limit' | 'filter'> & {
    readonly period: { readonly from: string; readonly to: string };
    readonly filters: unknown;
    readonly cursor: string | undefined;
  },
): Promise<{ events: DetectionEvent[]; nextCursor: string | null }> {
  const { filters, cursor, limit, filter } = request;
  const start = decodeCursor(cursor, filters);
  const from = start?.from ?? request.period.from;
  const to = start?.to ?? request.period.to;
  const after = start === null || start.at === null ? null : { at: start.at, id: start.id };
  const found = await readRecentEvents(
    { from, to, after, limit, filter },
    {
      eventItems: eventItemsOf(deps),
      recentItems: deps.recentItems ?? recentItemsOf(deps.store),
      settingsOf: (camera) => eventSettingsOf(camera, deps),
    },
  );
  const events = found.slice(0, limit);
  const last = events.at(-1);
  const isMore = found.length > limit && last !== undefined;
  const position = { from, to, camera: '', at: last?.endedAt ?? null, id: last?.id ?? '' };
  return {
    events: events.map(shown),
    nextCursor: isMore ? encodeCursor(position, filters) : null,
  };
}

/** For stores that have no index over all cameras. */
function recentItemsOf(store: ApiDeps['store']): RecentItems {
  return async function* recent({ from, to }, { sites, camera: only }) {
    const found: SegmentItem[] = [];
    const cameras = (await store.cameras()).filter(
      (camera) => isOfSites(sites, camera) && (only === undefined || camera === only),
    );
    for (const camera of cameras) {
      for await (const item of store.itemsOfCamera(camera, { from, to })) {
        if (item.presences.length > 0) found.push(item);
      }
    }
    yield* found.sort((a, b) => (a.endedAt > b.endedAt ? -1 : 1));
  };
}

/** Reads only what events are made of, where the store can. */
export function eventItemsOf({ eventItems, store }: ApiDeps): EventItems {
  return eventItems ?? store;
}

/** The settings in force at a camera's first row: ids stay the same whatever is asked for, and when. */
export async function eventSettingsOf(
  camera: string,
  deps: ApiDeps,
): Promise<EventSettings | null> {
  for await (const { startedAt } of eventItemsOf(deps).itemsOfCamera(camera, {})) {
    return (await deps.resolve(camera, startedAt)).settings;
  }
  return null;
}

/** An event as callers see it: without what is internal. */
export function shown({ partIds: _, ...event }: StitchedEvent): DetectionEvent {
  return event;
}
