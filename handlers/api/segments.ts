import { createRoute, z } from '@hono/zod-openapi';
import { parseSegmentKey } from '../../core/segment-key';
import {
  type SampledFrame,
  type SegmentItem,
  sampledFrameSchema,
  segmentItemSchema,
} from '../../core/segment-result';
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
  siteOfKey,
} from './fields';
import { type PageRequest, type Place, pageOf } from './page';
import { NotFoundError } from './problem';
import { isOfSites, narrow, requireSite } from './sites';

const { frames: _frames, packetSummary: _summary, ...summaryShape } = segmentItemSchema.shape;
const summarySchema = z.strictObject(summaryShape).openapi('Segment');
const itemSchema = z.strictObject(segmentItemSchema.shape).openapi('SegmentItem');

const listRoute = createRoute({
  method: 'get',
  path: '/api/segments',
  operationId: 'listSegments',
  summary: 'Analysed segments that overlap a period, by camera and start; a time range each',
  request: {
    query: z.strictObject({
      site: siteField,
      camera: cameraField,
      status: z
        .enum(['done', 'partial'])
        .optional()
        .openapi({ description: 'Only these; partial: damaged, analysed as far as it goes' }),
      ...periodFields,
      limit: limitField,
      cursor: cursorField,
    }),
  },
  responses: answers(
    z.strictObject({ segments: z.array(summarySchema), nextCursor }),
    'A page of segments, without their frames',
  ),
});

const showRoute = createRoute({
  method: 'get',
  path: '/api/segments/{site}/{camera}/{name}',
  operationId: 'showSegment',
  summary: 'One segment whole: the current analysis of each of its time ranges',
  request: {
    params: z.strictObject({
      ...cameraParams.shape,
      name: z
        .string()
        .regex(/^\d{8}T\d{6}(\d{3})?Z_\d{1,6}(\.\d{1,3})?s\.(mp4|ts|mkv)$/)
        .openapi({ description: 'Last part of the segment key' }),
    }),
    query: z.strictObject({}),
  },
  responses: answers(z.strictObject({ ranges: z.array(itemSchema) }), 'Its analyses, by range'),
});

const framesSchema = z
  .strictObject({
    segmentKey: z.string(),
    startedAt: z.iso
      .datetime()
      .openapi({ description: 'Of the recording: frames count from here' }),
    model: z.string(),
    tier: z.string(),
    frames: z.array(sampledFrameSchema),
  })
  .openapi('SegmentFrames');

const framesRoute = createRoute({
  method: 'get',
  path: '/api/segments/frames',
  operationId: 'listSegmentFrames',
  summary: 'The sampled frames of a segment with their boxes, of its current analysis, by time',
  request: {
    query: z.strictObject({
      segmentKey: z.string().max(200).openapi({ description: 'Segment key' }),
    }),
  },
  responses: answers(framesSchema, 'Its frames'),
});

/** Segments that were analysed; what was rejected or waits is in the health. */
export function registerSegments(app: Api, deps: ApiDeps): void {
  app.openapi(listRoute, async (c) => {
    const { limit = 50, cursor, ...filters } = c.req.valid('query');
    const { site, camera, status } = filters;
    const sites = narrow(c.var.sites, { site, camera });
    const cameras = (await deps.store.cameras()).filter(
      (one) => isOfSites(sites, one) && (camera === undefined || one === camera),
    );
    const { entries, nextCursor } = await pageOf({
      cameras,
      period: periodOf(filters, deps.clock.now()),
      filters: ['segments', filters],
      cursor,
      limit,
      read: readOf(deps, (item) => status === undefined || item.status === status),
      placeOf,
    });
    return c.json({ segments: entries.map(summaryOf), nextCursor }, 200);
  });

  app.openapi(showRoute, async (c) => {
    const { site, camera, name } = c.req.valid('param');
    requireSite(c.var.sites, site);
    const ranges = await rangesOf(deps, `${site}/${camera}/${name}`);
    return c.json({ ranges }, 200);
  });

  app.openapi(framesRoute, async (c) => {
    const { segmentKey } = c.req.valid('query');
    const { site, startedAt } = parsedOrNotFound(segmentKey);
    requireSite(c.var.sites, site);
    const ranges = await rangesOf(deps, segmentKey);
    const { objectVersion, model, tier } = ranges.reduce((latest, range) =>
      range.analysedAt > latest.analysedAt ? range : latest,
    );
    const frames = ranges
      .filter((range) => range.objectVersion === objectVersion)
      .flatMap(framesOfRecording)
      .toSorted((a, b) => a.atSeconds - b.atSeconds);
    return c.json({ segmentKey, startedAt, model, tier, frames }, 200);
  });
}

/** Current analyses of a segment, at least one. @throws {NotFoundError} */
async function rangesOf({ store }: Pick<ApiDeps, 'store'>, key: string): Promise<SegmentItem[]> {
  const { camera, startedAt, seconds } = parsedOrNotFound(key);
  const to = new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
  const items = store.itemsOfCamera(camera, { from: startedAt, to });
  const ranges = (await Array.fromAsync(items)).filter(({ segmentKey }) => segmentKey === key);
  if (ranges.length > 0) return ranges;
  throw new NotFoundError(`"${key}": expected an analysed segment, found none`);
}

/** An item's frames count from its range; here from the start of the recording. */
function framesOfRecording({ range, frames }: SegmentItem): SampledFrame[] {
  const rangeMs = Number(range.split('-')[0]);
  return frames.map((frame) => ({
    ...frame,
    atSeconds: Math.round(frame.atSeconds * 1000 + rangeMs) / 1000,
  }));
}

function parsedOrNotFound(key: string): ReturnType<typeof parseSegmentKey> {
  if (siteOfKey(key) !== null) return parseSegmentKey(key);
  throw new NotFoundError(`"${key}": expected a segment key, found one that names no instant`);
}

function readOf(
  { store }: Pick<ApiDeps, 'store'>,
  isWanted: (item: SegmentItem) => boolean,
): PageRequest<SegmentItem>['read'] {
  return async function* read(camera, { from, to, after }) {
    const start = after !== null && after.at > from ? after.at : from;
    // Stores give items by start; those that start together are put in order here.
    let together: SegmentItem[] = [];
    for await (const item of store.itemsOfCamera(camera, { from: start, to })) {
      if (!isWanted(item)) continue;
      if (together[0] && together[0].startedAt !== item.startedAt) {
        yield* inOrder(together);
        together = [];
      }
      together.push(item);
    }
    yield* inOrder(together);
  };
}

function inOrder(items: readonly SegmentItem[]): SegmentItem[] {
  return items.toSorted((a, b) => (placeOf(a).id < placeOf(b).id ? -1 : 1));
}

function placeOf({ startedAt, segmentKey, range, objectVersion }: SegmentItem): Place {
  return { at: startedAt, id: [segmentKey, range, objectVersion].join(' ') };
}

function summaryOf({ frames: _, packetSummary: __, ...summary }: SegmentItem) {
  return summary;
}
