import { createRoute, z } from '@hono/zod-openapi';
import { lifecycleEndOf } from '../../core/footage-life';
import type { Recording } from '../../core/ports';
import { readEvents } from '../../core/read-events';
import { parseSegmentKey } from '../../core/segment-key';
import type { Api } from './app';
import type { ApiDeps, TimelineItem } from './deps';
import { eventItemsOf, eventSchema, eventSettingsOf, shown } from './events';
import { answers, cameraPath } from './fields';
import { timelineItemsOf } from './footage';
import { BadRequestError } from './problem';
import { requireSite } from './sites';

const HOUR_MS = 3_600_000;
/** A day may have 25 hours. */
const MAX_HOURS = 25;

const instant = z.iso.datetime({ precision: 3 });
const asked = z.iso.datetime({ offset: true });
const segmentSchema = z
  .strictObject({
    segmentKey: z.string(),
    objectKey: z.string().describe('Key as stored: what /api/footage takes'),
    startedAt: instant,
    seconds: z.number().min(0).describe('Of the recording, by its key (s)'),
    status: z.enum(['done', 'partial']),
    hasFootage: z.boolean().describe('False: gone; snapshots and events stay longer'),
    expiredBy: z
      .enum(['retention', 'lifecycle'])
      .nullable()
      .describe('What removed it; null: it is there, or something else did'),
    expiredAt: instant
      .nullable()
      .describe('Since when; lifecycle is seen by nobody: from then on by its rule, at about'),
    expiredReason: z.string().nullable(),
  })
  .openapi('TimelineSegment');
type Segment = z.infer<typeof segmentSchema>;

const route = createRoute({
  method: 'get',
  path: '/api/timeline',
  operationId: 'showTimeline',
  summary: 'A camera’s segments and events over at most a day, each by start',
  request: {
    query: z.strictObject({
      camera: cameraPath.openapi({ description: 'site/camera' }),
      from: asked.openapi({ description: 'What ends after this instant' }),
      to: asked.openapi({
        description: `What starts before this instant, at most ${MAX_HOURS} h later`,
      }),
    }),
  },
  responses: answers(
    z.strictObject({ segments: z.array(segmentSchema), events: z.array(eventSchema) }),
    'The timeline',
  ),
});

/** What playback draws: footage and events of a day. */
export function registerTimeline(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { camera, ...query } = c.req.valid('query');
    requireSite(c.var.sites, camera.split('/')[0]!);
    const period = periodOf(query);
    const settings = await eventSettingsOf(camera, deps);
    const events = settings
      ? await readEvents(eventItemsOf(deps), camera, { settings, ...period })
      : [];
    const items = await Array.fromAsync(timelineItemsOf(deps, camera, period));
    const segments = await segmentsOf(items, camera, deps);
    return c.json({ segments, events: events.map(shown) }, 200);
  });
}

/** Time ranges of one recording are one segment, damaged where one of them is. */
async function segmentsOf(
  items: readonly TimelineItem[],
  camera: string,
  deps: ApiDeps,
): Promise<Segment[]> {
  const byFile = Map.groupBy(items, ({ objectKey }) => objectKey);
  const keys = [...byFile.keys()];
  const present = await (deps.footageFate?.present(keys) ?? new Set(keys));
  const gone = [...byFile]
    .filter(([objectKey]) => !present.has(objectKey))
    .map(([objectKey, ranges]) => recordingOf(objectKey, ranges[0]!));
  const expirations = await expirationsOf(gone, camera, deps);
  return [...byFile]
    .map(([objectKey, ranges]): Segment => {
      const { segmentKey } = ranges[0]!;
      const { startedAt, seconds } = parseSegmentKey(segmentKey);
      return {
        segmentKey,
        objectKey,
        startedAt,
        seconds,
        status: ranges.some(({ status }) => status === 'partial') ? 'partial' : 'done',
        hasFootage: present.has(objectKey),
        ...(expirations.get(objectKey) ?? UNKNOWN),
      };
    })
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

type Expiration = Pick<Segment, 'expiredBy' | 'expiredAt' | 'expiredReason'>;
const UNKNOWN: Expiration = { expiredBy: null, expiredAt: null, expiredReason: null };

/** What retention noted of recordings that are gone; of the others, whether they are older than lifecycle lets them be. */
async function expirationsOf(
  gone: readonly Recording[],
  camera: string,
  { footageFate: fate, clock }: ApiDeps,
): Promise<ReadonlyMap<string, Expiration>> {
  if (!fate || gone.length === 0) return new Map();
  const deletions = await fate.deletions.find(camera, gone);
  const now = clock.now().toISOString();
  return new Map(
    gone.flatMap(({ objectKey, endedAt }): [string, Expiration][] => {
      const noted = deletions.get(objectKey);
      if (noted) {
        const { at: expiredAt, reason: expiredReason } = noted;
        return [[objectKey, { expiredBy: 'retention', expiredAt, expiredReason }]];
      }
      const days = fate.lifeDays(objectKey);
      const expiredAt = days === null ? null : lifecycleEndOf(endedAt, days);
      if (expiredAt === null || expiredAt > now) return [];
      const expiredReason = `${days} day${days === 1 ? '' : 's'} after it landed`;
      return [[objectKey, { expiredBy: 'lifecycle', expiredAt, expiredReason }]];
    }),
  );
}

function recordingOf(objectKey: string, { segmentKey }: TimelineItem): Recording {
  const { startedAt, seconds } = parseSegmentKey(segmentKey);
  const endedAt = new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
  return { objectKey, startedAt, endedAt };
}

/** @throws {BadRequestError} for a period that is empty or longer than a day */
function periodOf({ from, to }: { readonly from: string; readonly to: string }): {
  from: string;
  to: string;
} {
  const hours = (Date.parse(to) - Date.parse(from)) / HOUR_MS;
  if (hours > 0 && hours <= MAX_HOURS) {
    return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  }
  const message = `expected from before to and at most ${MAX_HOURS} h apart, found ${Number(hours.toFixed(3))} h`;
  throw new BadRequestError(`"to": ${message}`, [{ in: 'query', field: 'to', message }]);
}
