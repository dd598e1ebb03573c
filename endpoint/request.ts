import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type EndpointSettings, endpointSettingsSchema } from '../core/endpoint-contract';
import { TierwatchError } from '../core/errors';

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

/** SageMaker hands over what the caller puts into `CustomAttributes`: settings of a bare media body. */
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

/** @throws {EndpointRequestError} */
export async function takeRequest(request: Request, maxBytes: number): Promise<TakenRequest> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  const length = Number(request.headers.get('content-length') ?? Number.NaN);
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
  const folder = await mkdtemp(join(tmpdir(), 'tierwatch-endpoint-'));
  const discard = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const taken =
      type === 'multipart/form-data'
        ? await takeParts(request, folder)
        : await takeBare(request, { folder, type });
    return { ...taken, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

async function takeParts(request: Request, folder: string): Promise<Omit<TakenRequest, 'discard'>> {
  const form = await request.formData().catch(() => {
    throw new EndpointRequestError('expected multipart/form-data, found a body of another form');
  });
  const parts = [...form.entries()];
  const unknown = parts.find(([name]) => name !== 'settings' && name !== 'media');
  if (unknown) {
    throw new EndpointRequestError(
      `"${unknown[0].slice(0, 100)}": expected parts settings and media`,
    );
  }
  const settings = form.get('settings');
  const text = settings instanceof Blob ? await settings.text() : (settings ?? '');
  const media = form.getAll('media').filter((one) => one instanceof Blob);
  const [first] = media;
  if (!first) throw new EndpointRequestError('"media": expected a part with the media, found none');
  const kind = kindOf(first.type);
  if (kind === 'video' && media.length > 1) {
    throw new EndpointRequestError(`"media": expected one video, found ${media.length}`);
  }
  if (media.length > MAX_PICTURES) {
    throw new EndpointRequestError(
      `"media": expected at most ${MAX_PICTURES} pictures, found ${media.length}`,
    );
  }
  if (media.some((one) => kindOf(one.type) !== kind)) {
    throw new EndpointRequestError('"media": expected parts of one kind, found video and pictures');
  }
  const files: string[] = [];
  for (const [index, one] of media.entries()) {
    const file = join(folder, `${index}${EXTENSIONS[one.type] ?? ''}`);
    await writeFile(file, new Uint8Array(await one.arrayBuffer()));
    files.push(file);
  }
  return { settings: parseSettings(text), kind, files };
}

async function takeBare(
  request: Request,
  { folder, type }: { readonly folder: string; readonly type: string },
): Promise<Omit<TakenRequest, 'discard'>> {
  const kind = kindOf(type);
  const settings = parseSettings(request.headers.get(ATTRIBUTES) ?? '');
  const file = join(folder, `0${EXTENSIONS[type] ?? ''}`);
  if (!request.body) throw new EndpointRequestError('expected media, found an empty body');
  await pipeline(Readable.fromWeb(request.body as never), createWriteStream(file));
  return { settings, kind, files: [file] };
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
