import { createRoute, z } from '@hono/zod-openapi';
import { UPLOAD_MAX_BYTES, UPLOAD_SITE, type Upload, uploadSchema } from '../../core/upload';
import type { Api } from './app';
import type { ApiDeps } from './deps';
import { answers, problemAnswer } from './fields';
import {
  BadRequestError,
  LengthRequiredError,
  NotFoundError,
  NotOfferedError,
  RequestTooLargeError,
} from './problem';
import { requireSite } from './sites';
import { fileResponse } from './stored-file';

const idParams = z.strictObject({
  id: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .openapi({ description: 'Id of the upload' }),
});
const shownSchema = z.strictObject(uploadSchema.shape).openapi('Upload');
const nothing = z.strictObject({});

const receiveRoute = {
  method: 'post',
  path: '/api/uploads',
  operationId: 'uploadVideo',
  summary: `Tries a video of at most ${UPLOAD_MAX_BYTES} bytes: the body is the file; it goes after a day`,
  request: {
    query: z.strictObject({
      name: z
        .string()
        .min(1)
        .max(255)
        .openapi({ description: 'Name of the file: .mp4, .m4v, .mov, .ts or .mkv' }),
    }),
    headers: z.object({
      'content-length': z.string().openapi({ description: 'Bytes of the file' }),
    }),
    body: { required: true, content: { 'application/octet-stream': { schema: z.unknown() } } },
  },
  responses: {
    201: {
      description: 'Stored; its analysis has begun',
      content: { 'application/json': { schema: shownSchema } },
    },
    default: problemAnswer,
  },
} as const;

const showRoute = createRoute({
  method: 'get',
  path: '/api/uploads/{id}',
  operationId: 'showUpload',
  summary: 'How far the analysis of an uploaded video is, and what it found',
  request: { params: idParams, query: nothing },
  responses: answers(shownSchema, 'The upload'),
});

const videoRoute = createRoute({
  method: 'get',
  path: '/api/uploads/{id}/video',
  operationId: 'readUpload',
  summary: 'The uploaded video, whole or one range of bytes',
  request: { params: idParams, query: nothing },
  responses: {
    200: { description: 'The file', content: { 'video/mp4': { schema: z.unknown() } } },
    206: { description: 'A range of it', content: { 'video/mp4': { schema: z.unknown() } } },
    default: problemAnswer,
  },
});

/** Videos that somebody tries. */
export function registerUploads(app: Api, deps: ApiDeps): void {
  app.openAPIRegistry.registerPath({ ...receiveRoute });
  app.post('/api/uploads', async (c) => {
    requireSite(c.var.sites, UPLOAD_SITE);
    const desk = deskOf(deps);
    const name = nameOf(c.req.query());
    const bytes = lengthOf(c.req.header('content-length'));
    if (bytes > UPLOAD_MAX_BYTES) throw new RequestTooLargeError(UPLOAD_MAX_BYTES);
    const { body } = c.req.raw;
    if (!body) throw new LengthRequiredError();
    return c.json(await desk.receive({ name, bytes, body }), 201);
  });

  app.openapi(showRoute, async (c) => {
    requireSite(c.var.sites, UPLOAD_SITE);
    const { id } = c.req.valid('param');
    const upload: Upload = (await deskOf(deps).show(id)) ?? gone(id);
    return c.json(upload, 200);
  });

  app.openapi(videoRoute, async (c) => {
    requireSite(c.var.sites, UPLOAD_SITE);
    const { id } = c.req.valid('param');
    const { file, type } = (await deskOf(deps).video(id)) ?? gone(id);
    return fileResponse(c, file, { type });
  });
}

function deskOf({ uploads }: ApiDeps): NonNullable<ApiDeps['uploads']> {
  if (uploads) return uploads;
  throw new NotOfferedError('uploads', 'use "tierwatch detect FILE"');
}

function gone(id: string): never {
  throw new NotFoundError(`"${id}": expected an upload of the last day, found none`);
}

/** @throws {BadRequestError} */
function nameOf(query: Readonly<Record<string, string>>): string {
  const parsed = receiveRoute.request.query.safeParse(query);
  if (parsed.success) return parsed.data.name;
  const message = 'expected the name of the file and nothing else';
  throw new BadRequestError(`"name": ${message}`, [{ in: 'query', field: 'name', message }]);
}

/** @throws {LengthRequiredError} */
function lengthOf(header: string | undefined): number {
  if (header !== undefined && /^\d{1,15}$/.test(header) && Number(header) > 0)
    return Number(header);
  throw new LengthRequiredError();
}
