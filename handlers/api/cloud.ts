import { randomUUID } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { setCookie } from 'hono/cookie';
import {
  FOOTAGE_ACCESS_SECONDS,
  type FootageAccess,
  footagePathOf,
} from '../../core/footage-access';
import { UPLOAD_LIFE_HOURS, UPLOAD_MAX_BYTES, UPLOAD_SITE } from '../../core/upload';
import { SEGMENT_TYPES, uploadKeyOf } from '../../core/upload-form';
import type { Api, ApiEnv } from './app';
import type { ApiDeps } from './deps';
import { answers, siteName } from './fields';
import { NotOfferedError, UploadTypeError } from './problem';
import { requireSite } from './sites';

const FORM_SECONDS = 900;
const HOUR_MS = 3_600_000;
/** What a function works through in one message. */
const MAX_VIDEO_SECONDS = 3600;
const instant = z.iso.datetime({ precision: 3 });
const nothing = z.strictObject({});
const bodyOf = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { 'application/json': { schema } },
});

const accessRoute = createRoute({
  method: 'post',
  path: '/api/session/footage',
  operationId: 'openFootage',
  summary:
    'Lets this browser read one site’s footage for an hour: sets cookies that no script can read',
  request: {
    query: nothing,
    body: bodyOf(z.strictObject({ site: siteName })),
  },
  responses: answers(
    z
      .strictObject({
        path: z.string().describe('Footage is read under it: path and the rest of its key'),
        expiresAt: instant,
      })
      .openapi('FootageAccess'),
    'Cookies are set',
  ),
});

const formRoute = createRoute({
  method: 'post',
  path: '/api/uploads/presign',
  operationId: 'presignUpload',
  summary: `A form that puts a video of at most ${UPLOAD_MAX_BYTES} bytes into the footage bucket; it goes after ${UPLOAD_LIFE_HOURS} hours`,
  request: {
    query: nothing,
    body: bodyOf(
      z.strictObject({
        name: z.string().min(1).max(255).describe('Name of the file: .mp4, .ts or .mkv'),
        bytes: z.number().int().min(1).max(UPLOAD_MAX_BYTES).describe('Size of the file (bytes)'),
        durationSeconds: z
          .number()
          .min(0.001)
          .max(MAX_VIDEO_SECONDS)
          .describe('Length of the video (s)'),
      }),
    ),
  },
  responses: answers(
    z
      .strictObject({
        url: z.url(),
        fields: z.record(z.string(), z.string()).describe('Fields of the form, before the file'),
        camera: z.string().describe('site/camera that its events will have'),
        objectKey: z.string(),
        formExpiresAt: instant.describe('The form holds until then'),
        expiresAt: instant.describe('The video goes then'),
      })
      .openapi('UploadForm'),
    'The form',
  ),
});

/** What only a deployment in the cloud answers: footage behind another door, files put straight into the bucket. */
export function registerCloud(app: Api, deps: ApiDeps): void {
  app.openapi(accessRoute, async (c) => {
    const { site } = c.req.valid('json');
    requireSite(c.var.sites, site);
    if (!deps.footageAccess) {
      throw new NotOfferedError('cookies for footage', 'read it under /api/footage');
    }
    const access = await deps.footageAccess.open(site);
    giveAccess(c, site, access);
    return c.json({ path: footagePathOf(site), expiresAt: access.expiresAt }, 200);
  });

  app.openapi(formRoute, async (c) => {
    requireSite(c.var.sites, UPLOAD_SITE);
    if (!deps.uploadForms) throw new NotOfferedError('forms for uploads', 'use /api/uploads');
    const { name, bytes, durationSeconds: seconds } = c.req.valid('json');
    const extension = extensionOf(name);
    const now = deps.clock.now();
    const id = randomUUID().replaceAll('-', '');
    const startedAt = now.toISOString();
    const objectKey = uploadKeyOf(id, { startedAt, seconds, extension });
    const type = SEGMENT_TYPES[extension];
    const form = await deps.uploadForms.make({ objectKey, bytes, type, seconds: FORM_SECONDS });
    const after = (ms: number): string => new Date(now.getTime() + ms).toISOString();
    return c.json(
      {
        url: form.url,
        fields: { ...form.fields },
        camera: `${UPLOAD_SITE}/${id}`,
        objectKey,
        formExpiresAt: after(FORM_SECONDS * 1000),
        expiresAt: after(UPLOAD_LIFE_HOURS * HOUR_MS),
      },
      200,
    );
  });
}

/** Cookies that the browser sends with that site's footage and with nothing else. */
export function giveAccess(c: Context<ApiEnv>, site: string, { cookies }: FootageAccess): void {
  for (const [name, value] of Object.entries(cookies)) {
    setCookie(c, name, value, {
      path: footagePathOf(site),
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
      maxAge: FOOTAGE_ACCESS_SECONDS,
    });
  }
}

/** @throws {UploadTypeError} */
function extensionOf(name: string): keyof typeof SEGMENT_TYPES {
  const end = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  if (Object.hasOwn(SEGMENT_TYPES, end)) return end as keyof typeof SEGMENT_TYPES;
  throw new UploadTypeError(name, Object.keys(SEGMENT_TYPES));
}
