import { z } from '@hono/zod-openapi';
import { NAME_PATTERN, parseSegmentKey } from '../../core/segment-key';
import { BadRequestError, problemSchema } from './problem';

const DAY_MS = 86_400_000;
const MAX_DAYS = 31;

export const siteName = z.string().regex(new RegExp(`^${NAME_PATTERN}$`));
export const cameraPath = z.string().regex(new RegExp(`^${NAME_PATTERN}/${NAME_PATTERN}$`));
const instant = z.iso.datetime({ offset: true });

/** A whole number in a query string. */
export function wholeNumber(bounds: {
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
  readonly description: string;
}) {
  const { minimum, maximum } = bounds;
  return z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum))
    .optional()
    .openapi({ type: 'integer', ...bounds });
}

export const siteField = siteName.optional().openapi({ description: 'Only this site' });
export const cameraField = cameraPath.optional().openapi({ description: 'Only this site/camera' });
export const cursorField = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,1200}$/)
  .optional()
  .openapi({ description: 'nextCursor of the page before, with the same filters' });
export const limitField = wholeNumber({
  minimum: 1,
  maximum: 500,
  default: 50,
  description: 'Entries of a page at most',
});

/** A period that ends now and is a day long, where nothing else is asked for. */
export const periodFields = {
  since: instant.optional().openapi({
    description: `What ends after this instant; default: a day before until. At most ${MAX_DAYS} days before it`,
  }),
  until: instant
    .optional()
    .openapi({ description: 'What starts before this instant; default: now' }),
};

/** @throws {BadRequestError} for a period that is empty or too long */
export function periodOf(
  { since, until }: { readonly since?: string | undefined; readonly until?: string | undefined },
  now: Date,
): { from: string; to: string } {
  const toMs = until === undefined ? now.getTime() : Date.parse(until);
  const fromMs = since === undefined ? toMs - DAY_MS : Date.parse(since);
  const days = (toMs - fromMs) / DAY_MS;
  if (days > 0 && days <= MAX_DAYS) {
    return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  }
  const message = `expected before until and at most ${MAX_DAYS} days apart, found ${Number(days.toFixed(3))} days`;
  throw new BadRequestError(`"since": ${message}`, [{ in: 'query', field: 'since', message }]);
}

export const cameraParams = z.strictObject({
  site: siteName.openapi({ description: 'Site' }),
  camera: siteName.openapi({ description: 'Camera, without its site' }),
});

export const nextCursor = z
  .string()
  .nullable()
  .describe('Cursor of the next page, which may be empty; null: there is none');

/** The site of a segment's key; null where the key names no segment. */
export function siteOfKey(key: string): string | null {
  try {
    return parseSegmentKey(key).site;
  } catch {
    return null;
  }
}

/** What every route may answer besides. */
export const problemAnswer = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: problemSchema } },
} as const;

/** A 200 of JSON, and what every route may answer besides. */
export function answers<Schema extends z.ZodType>(schema: Schema, description: string) {
  return {
    200: { description, content: { 'application/json': { schema } } },
    default: problemAnswer,
  };
}
