import type { Context } from 'hono';
import type { ApiEnv } from './app';
import type { StoredFile } from './deps';
import { RangeNotSatisfiableError } from './problem';

interface Served {
  readonly type: string;
  /** Name that a browser saves it under; none: it is shown. */
  readonly saveAs?: string;
}

/** A file as HTTP has it: whole, one range of it, or nothing new. https://www.rfc-editor.org/rfc/rfc9110#section-14 */
export function fileResponse(
  c: Context<ApiEnv>,
  file: StoredFile,
  { type, saveAs }: Served,
): Response {
  const { bytes } = file;
  const etag = `"${file.version}"`;
  const headers = new Headers({
    'content-type': type,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    etag,
    ...(saveAs === undefined ? {} : { 'content-disposition': `attachment; filename="${saveAs}"` }),
  });
  if (c.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
  const condition = c.req.header('if-range');
  const asked = condition === undefined || condition === etag ? c.req.header('range') : undefined;
  const range = asked === undefined ? null : rangeOf(asked, bytes);
  const { first, last } = range ?? { first: 0, last: bytes - 1 };
  headers.set('content-length', String(last - first + 1));
  if (range) headers.set('content-range', `bytes ${first}-${last}/${bytes}`);
  const body = c.req.method === 'HEAD' || bytes === 0 ? null : file.read({ first, last });
  return new Response(body, { status: range ? 206 : 200, headers });
}

/**
 * The one range of bytes that is asked for; null where several are, or none by the standard's form: such a
 * header may be ignored, and the whole answers. @throws {RangeNotSatisfiableError}
 */
export function rangeOf(header: string, bytes: number): { first: number; last: number } | null {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim()) ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return null;
  const first = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
  const last = from === '' || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return null;
  if (first > last) throw new RangeNotSatisfiableError(header, bytes);
  return { first, last };
}
