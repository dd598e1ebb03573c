import { createRoute, z } from '@hono/zod-openapi';
import { FOOTAGE_PATH } from '../../core/footage-access';
import { parseSegmentKey } from '../../core/segment-key';
import type { Api } from './app';
import { giveAccess } from './cloud';
import type { ApiDeps, TimelineItem } from './deps';
import { cameraPath, problemAnswer, siteOfKey } from './fields';
import { BadRequestError, NotFoundError, NotOfferedError } from './problem';
import { requireSite, type Sites } from './sites';
import { fileResponse } from './stored-file';

/** A clip may be this long (s). */
export const MAX_CLIP_SECONDS = 600;
/** A snapshot never changes: its key names the analysis that made it. */
const IMMUTABLE = 'private, max-age=31536000, immutable';
const TYPES: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  ts: 'video/mp2t',
  mkv: 'video/x-matroska',
};
const KEY_PART = /^[^/\\\0]+$/;

const snapshotsRoute = {
  method: 'get',
  path: '/api/snapshots/{key}',
  operationId: 'showSnapshot',
  summary: 'A snapshot by the key that an event has; the key’s "/" stay as they are',
  request: { params: z.object({ key: z.string().openapi({ description: 'snapshotKey' }) }) },
  responses: {
    200: { description: 'The picture', content: { 'image/jpeg': { schema: z.unknown() } } },
    default: problemAnswer,
  },
} as const;

const footageRoute = {
  method: 'get',
  path: '/api/footage/{objectKey}',
  operationId: 'readFootage',
  summary: 'A file of footage as it landed, whole or one range of bytes; its "/" stay as they are',
  request: {
    params: z.object({ objectKey: z.string().openapi({ description: 'Key as stored' }) }),
    headers: z.object({
      range: z.string().optional().openapi({
        description: 'One range of bytes, such as bytes=0-1023',
      }),
    }),
  },
  responses: {
    200: { description: 'The file', content: { 'video/mp4': { schema: z.unknown() } } },
    206: { description: 'A range of it', content: { 'video/mp4': { schema: z.unknown() } } },
    302: { description: 'It lies behind another door of this name, which has been opened' },
    default: problemAnswer,
  },
} as const;

const instant = z.iso.datetime({ offset: true });
const clipRoute = createRoute({
  method: 'get',
  path: '/api/clips',
  operationId: 'cutClip',
  summary: `A clip of at most ${MAX_CLIP_SECONDS} s as MP4, cut at keyframes without transcoding`,
  request: {
    query: z.strictObject({
      camera: cameraPath.openapi({ description: 'site/camera' }),
      from: instant.openapi({ description: 'It starts at the last keyframe before this instant' }),
      to: instant.openapi({ description: 'It ends at this instant' }),
    }),
  },
  responses: {
    200: { description: 'The clip', content: { 'video/mp4': { schema: z.unknown() } } },
    default: problemAnswer,
  },
});

/** What is looked at: snapshots, footage, clips. */
export function registerFootage(app: Api, deps: ApiDeps): void {
  app.openAPIRegistry.registerPath({ ...snapshotsRoute });
  app.get('/api/snapshots/:key{.+}', async (c) => {
    const key = keyOf(c.req.param('key'));
    requireNoQuery(c.req.query());
    requireSiteOf(c.var.sites, /^([a-z0-9-]+)\/.+\.jpg$/.exec(key)?.[1] ?? null);
    if (!deps.snapshots) throw new NotOfferedError('snapshots', 'they lie behind another name');
    const jpeg = await deps.snapshots.get(key);
    if (!jpeg) throw new NotFoundError(`"${key}": expected a snapshot, found none; it has expired`);
    return c.body(Uint8Array.from(jpeg), 200, {
      'content-type': 'image/jpeg',
      'cache-control': IMMUTABLE,
    });
  });

  app.openAPIRegistry.registerPath({ ...footageRoute });
  app.get('/api/footage/:key{.+}', async (c) => {
    const key = keyOf(c.req.param('key'));
    requireNoQuery(c.req.query());
    const type = TYPES[/\.([a-z0-9]+)$/.exec(key)?.[1] ?? ''];
    requireSiteOf(c.var.sites, siteOfKey(key) ?? deps.footage?.siteOf(key) ?? null);
    const site = siteOfKey(key);
    if (deps.footageAccess && site !== null) {
      giveAccess(c, site, await deps.footageAccess.open(site));
      return c.redirect(`${FOOTAGE_PATH}${key}`);
    }
    if (!deps.footage) throw new NotOfferedError('footage', 'it lies behind another name');
    const file = type === undefined ? null : await deps.footage.open(key);
    if (file && type !== undefined) return fileResponse(c, file, { type });
    throw new NotFoundError(
      `"${key}": expected footage, found none; it has expired or never landed`,
    );
  });

  app.openapi(clipRoute, async (c) => {
    const { camera, ...asked } = c.req.valid('query');
    requireSite(c.var.sites, camera.split('/')[0]!);
    if (!deps.cutClip) throw new NotOfferedError('clips', 'download the segments instead');
    const period = clipPeriod(asked);
    const segments = await segmentsOf(deps, camera, period);
    if (segments.length === 0) {
      throw new NotFoundError(`"${camera}": expected footage between those instants, found none`);
    }
    const file = await deps.cutClip({ segments, ...period });
    const saveAs = `${camera.replace('/', '_')}_${period.from.replace(/[-:.]/g, '')}.mp4`;
    return fileResponse(c, file, { type: 'video/mp4', saveAs });
  });
}

/** @throws {NotFoundError} for what is no key: nothing is looked up */
function keyOf(text: string): string {
  const isKey = text.length <= 1000 && text.split('/').every(isPlainPart);
  if (isKey) return text;
  throw new NotFoundError('expected a key of names parted by "/", found another form');
}

function isPlainPart(part: string): boolean {
  return KEY_PART.test(part) && !part.startsWith('.');
}

/** What is of no site that can be told is for who may see every site. */
function requireSiteOf(sites: Sites, site: string | null): void {
  if (sites !== null) requireSite(sites, site ?? '');
}

/** @throws {BadRequestError} for any field */
function requireNoQuery(query: Readonly<Record<string, string>>): void {
  const message = 'expected no such field';
  const errors = Object.keys(query).map((name) => {
    return { in: 'query' as const, field: name.slice(0, 100), message };
  });
  if (errors.length === 0) return;
  const detail = errors.map(({ field }) => `"${field}": ${message}`).join('; ');
  throw new BadRequestError(detail, errors);
}

/** @throws {BadRequestError} */
function clipPeriod({ from, to }: { readonly from: string; readonly to: string }): {
  from: string;
  to: string;
} {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  if (seconds > 0 && seconds <= MAX_CLIP_SECONDS) {
    return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  }
  const message = `expected from before to and at most ${MAX_CLIP_SECONDS} s apart, found ${Number(seconds.toFixed(3))} s`;
  throw new BadRequestError(`"to": ${message}`, [{ in: 'query', field: 'to', message }]);
}

/** The files of a period with the starts of their recordings, each once, by start. */
async function segmentsOf(
  deps: ApiDeps,
  camera: string,
  period: { readonly from: string; readonly to: string },
): Promise<{ objectKey: string; startedAt: string }[]> {
  const found = new Map<string, string>();
  for await (const { objectKey, segmentKey } of timelineItemsOf(deps, camera, period)) {
    found.set(objectKey, parseSegmentKey(segmentKey).startedAt);
  }
  return [...found]
    .map(([objectKey, startedAt]) => ({ objectKey, startedAt }))
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

/** Without frames, where the store can. */
export function timelineItemsOf(
  { timelineItems, store }: ApiDeps,
  camera: string,
  period: { readonly from: string; readonly to: string },
): AsyncIterable<TimelineItem> {
  return timelineItems?.(camera, period) ?? store.itemsOfCamera(camera, period);
}
