import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { contentSecurityPolicy, PAGE_TYPES } from '../../core/page-files';

const HEADERS = {
  'content-security-policy': contentSecurityPolicy(),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** Below this compression costs more than it saves (bytes). */
const COMPRESSED_FROM_BYTES = 1024;

interface PageFile {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer> | null;
  readonly type: string;
  readonly etag: string;
  /** Its name holds the sum of its content, so it never changes. */
  readonly isHashed: boolean;
}

/** The built page, held in memory: there is no path to trick. Every other path is told so in a sentence. */
export class StaticPage {
  private files = new Map<string, PageFile>();
  private reason = 'The page is being built; load it again in a few seconds.';

  /** @param folder of the built page */
  load(folder: string): void {
    const files = new Map<string, PageFile>();
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const type = PAGE_TYPES[extname(entry.name)];
      if (!entry.isFile() || type === undefined) continue;
      const path = join(entry.parentPath, entry.name);
      const name = relative(folder, path).split(sep).join('/');
      files.set(`/${name}`, fileOf(readFileSync(path), name, type));
    }
    this.files = files;
  }

  /** @param reason why there is no page */
  fail(reason: string): void {
    this.reason = `There is no page: ${reason}. The api is at /api/openapi.json.`;
  }

  answer(request: Request): Response {
    const { pathname } = new URL(request.url);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sentence(405, 'This is a page: expected GET.', { allow: 'GET, HEAD' });
    }
    const file = this.files.get(pathname === '/' ? '/index.html' : pathname);
    if (file) return respond(request, file);
    if (this.files.size === 0) return sentence(503, this.reason);
    return sentence(404, 'There is no such page here; the page is at /.');
  }
}

function fileOf(bytes: Buffer, name: string, type: string): PageFile {
  const body = Uint8Array.from(bytes);
  const isText = /^text|svg|json/.test(type) && body.length >= COMPRESSED_FROM_BYTES;
  return {
    body,
    gzip: isText ? Uint8Array.from(gzipSync(bytes)) : null,
    type,
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    isHashed: /^assets\/.+-[\w-]{8,}\.\w+$/.test(name),
  };
}

function respond(request: Request, { body, gzip, type, etag, isHashed }: PageFile): Response {
  const headers = new Headers({
    ...HEADERS,
    etag,
    'content-type': type,
    'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
  });
  if (request.headers.get('if-none-match') === etag)
    return new Response(null, { status: 304, headers });
  const isCompressed =
    gzip !== null && /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
  if (isCompressed) headers.set('content-encoding', 'gzip');
  const sent = isCompressed ? gzip : body;
  headers.set('content-length', String(sent.length));
  return new Response(request.method === 'HEAD' ? null : sent, { headers });
}

/** A page of one sentence. */
export function sentence(
  status: number,
  text: string,
  more: Record<string, string> = {},
): Response {
  const shown = text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tierwatch</title><p>${shown}</p></html>\n`;
  const headers = {
    ...HEADERS,
    ...more,
    'content-type': PAGE_TYPES['.html']!,
    'cache-control': 'no-store',
  };
  return new Response(html, { status, headers });
}
