import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import { type EndpointSettings, endpointSettingsSchema } from '../core/endpoint-contract';
import { TierwatchError } from '../core/errors';
import { parseJson } from '../core/parse-json';
import type { MediaFolders } from './media-folders';

/** A request that is not one: 4xx, with what is wrong. */
export class EndpointRequestError extends TierwatchError {
  override readonly name = 'EndpointRequestError';
  constructor(
    message: string,
    readonly status: 400 | 411 | 413 | 415 = 400,
  ) {
    super(message, { code: 'endpoint-request', retryable: false });
  }
}

/** One request with its media in files of a folder of its own. */
export interface TakenRequest {
  readonly settings: EndpointSettings;
  readonly kind: 'video' | 'pictures';
  readonly files: readonly string[];
  /** Removes the media. */
  discard(): Promise<void>;
}

/** SageMaker hands over what the caller puts into `CustomAttributes`: settings of a bare media body, of another its camera. */
const ATTRIBUTES = 'x-amzn-sagemaker-custom-attributes';
const MAX_PICTURES = 64;
/** Facts of the packets among them. */
const MAX_SETTINGS_BYTES = 1024 * 1024;
const VIDEO_TYPES = new Set(['video/mp4', 'video/mp2t', 'video/x-matroska']);
const EXTENSIONS: Readonly<Record<string, string>> = {
  'video/mp4': '.mp4',
  'video/mp2t': '.ts',
  'video/x-matroska': '.mkv',
  'image/jpeg': '.jpg',
};

/** The camera that a request is of, as its head says before there is a body; '' where it does not say. */
export function cameraIn({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const said = parseJson(String(headers[ATTRIBUTES]));
  const { camera } = (said ?? {}) as { readonly camera?: unknown };
  return typeof camera === 'string' ? camera : '';
}

/** Reads a request as it comes in, its media straight into files. @throws {EndpointRequestError} */
export async function takeRequest(
  request: IncomingMessage,
  { maxBytes, folders }: { readonly maxBytes: number; readonly folders: MediaFolders },
): Promise<TakenRequest> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (!Number.isFinite(length)) {
    throw new EndpointRequestError(
      '"Content-Length": expected the size of the body, found none',
      411,
    );
  }
  if (length > maxBytes) {
    throw new EndpointRequestError(
      `expected a body of at most ${maxBytes} bytes, found ${length}; cut the segment at a keyframe`,
      413,
    );
  }
  const folder = folders.make(length);
  try {
    const taken =
      type === 'multipart/form-data'
        ? await takeParts(request, folder.path)
        : await takeBare(request, { folder: folder.path, type });
    return { ...taken, discard: folder.remove };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function takeParts(
  request: IncomingMessage,
  folder: string,
): Promise<Omit<TakenRequest, 'discard'>> {
  const form = formOf(request);
  const media: { readonly kind: TakenRequest['kind']; readonly file: string }[] = [];
  const streams: Readable[] = [];
  const written: Promise<void>[] = [];
  let text = '';
  const readAll = new Promise<void>((resolve, reject) => {
    form.on('field', (name, value) => {
      if (name === 'settings') text = value;
      else reject(unknownPart(name));
    });
    form.on('file', (_, stream, _filename, _encoding, type) => {
      const { length } = media;
      stream.once('error', () => reject(notMultipart()));
      streams.push(stream);
      try {
        const kind = kindOf(type);
        const file = join(folder, `${length}${EXTENSIONS[type] ?? ''}`);
        media.push({ kind, file });
        const done = pipeline(stream, fileAt(file));
        written.push(done);
        done.catch(reject);
      } catch (error) {
        reject(error);
      }
    });
    form.on('filesLimit', () => reject(tooManyPictures()));
    form.on('error', () => reject(notMultipart()));
    form.on('finish', resolve);
    request.once('error', reject);
    request.pipe(form);
  });
  try {
    await readAll;
    await Promise.all(written);
  } catch (error) {
    request.unpipe(form);
    for (const stream of streams) stream.destroy();
    await Promise.allSettled(written);
    throw error;
  }
  const kind = kindOfAll(media);
  return { settings: parseSettings(text), kind, files: media.map(({ file }) => file) };
}

function formOf(request: IncomingMessage) {
  try {
    return new Busboy({
      headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
      limits: { files: MAX_PICTURES, fieldSize: MAX_SETTINGS_BYTES + 1 },
      isPartAFile: (name) => name === 'media',
    });
  } catch {
    throw notMultipart();
  }
}

function notMultipart(): EndpointRequestError {
  return new EndpointRequestError('expected multipart/form-data, found a body of another form');
}

function unknownPart(name: string): EndpointRequestError {
  return new EndpointRequestError(`"${name.slice(0, 100)}": expected parts settings and media`);
}

function tooManyPictures(): EndpointRequestError {
  return new EndpointRequestError(`"media": expected at most ${MAX_PICTURES} pictures, found more`);
}

function kindOfAll(media: readonly Pick<TakenRequest, 'kind'>[]): TakenRequest['kind'] {
  const [first] = media;
  if (!first) throw new EndpointRequestError('"media": expected a part with the media, found none');
  if (media.some(({ kind }) => kind !== first.kind)) {
    throw new EndpointRequestError('"media": expected parts of one kind, found video and pictures');
  }
  if (first.kind === 'video' && media.length > 1) {
    throw new EndpointRequestError(`"media": expected one video, found ${media.length}`);
  }
  return first.kind;
}

async function takeBare(
  request: IncomingMessage,
  { folder, type }: { readonly folder: string; readonly type: string },
): Promise<Omit<TakenRequest, 'discard'>> {
  const kind = kindOf(type);
  const attributes = request.headers[ATTRIBUTES];
  const settings = parseSettings(typeof attributes === 'string' ? attributes : '');
  const file = join(folder, `0${EXTENSIONS[type] ?? ''}`);
  await pipeline(request, fileAt(file));
  return { settings, kind, files: [file] };
}

/**
 * A file that is written at once: into the system's cache 64 KB take 15 µs, and a hop to another thread and back as long
 * again, from a process whose one thread also infers.
 */
function fileAt(path: string): Writable {
  const fd = openSync(path, 'wx', 0o600);
  return new Writable({
    write(chunk, _, done) {
      try {
        writeFileSync(fd, chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    destroy(error, done) {
      closeSync(fd);
      done(error);
    },
  });
}

function kindOf(type: string): TakenRequest['kind'] {
  if (VIDEO_TYPES.has(type)) return 'video';
  if (type === 'image/jpeg') return 'pictures';
  throw new EndpointRequestError(
    `"Content-Type": expected multipart/form-data, video/mp4 or image/jpeg, found "${type.slice(0, 100)}"`,
    415,
  );
}

function parseSettings(text: string): EndpointSettings {
  if (text.length > MAX_SETTINGS_BYTES) {
    throw new EndpointRequestError(`"settings": expected at most ${MAX_SETTINGS_BYTES} bytes`, 413);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new EndpointRequestError('"settings": expected JSON beside the media, found none');
  }
  const parsed = endpointSettingsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new EndpointRequestError(`"settings.${issue?.path.join('.')}": ${issue?.message}`);
}
