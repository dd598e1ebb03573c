import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { z } from 'zod';
import {
  type EndpointAnswer,
  type EndpointSettings,
  endpointAnswerSchema,
  endpointProblemSchema,
  type PicturesAnswer,
  picturesAnswerSchema,
} from '../../core/endpoint-contract';
import { parseJson } from '../../core/parse-json';
import type { InferenceEndpoint } from '../../core/ports';
import { EndpointRefusedError, EndpointUnavailableError } from '../../core/spill';

const TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.ts': 'video/mp2t',
  '.mkv': 'video/x-matroska',
};

/** The model server, wherever it is: what is asked of it. How it is asked is the subclass's. */
export abstract class ModelServer implements InferenceEndpoint {
  async analyse(file: string, settings: EndpointSettings): Promise<EndpointAnswer> {
    return this.ask([await videoOf(file)], settings, endpointAnswerSchema);
  }

  detect(jpegs: readonly Uint8Array[], settings: EndpointSettings): Promise<PicturesAnswer> {
    return this.ask(picturesOf(jpegs), settings, picturesAnswerSchema);
  }

  /** @throws {EndpointUnavailableError} {@link EndpointRefusedError} */
  protected abstract ask<Answer>(
    media: readonly Blob[],
    settings: EndpointSettings,
    schema: z.ZodType<Answer>,
  ): Promise<Answer>;
}

/** The media part of a video. */
async function videoOf(file: string): Promise<Blob> {
  return new Blob([await readFile(file)], { type: TYPES[extname(file)] ?? 'video/mp4' });
}

/** The media parts of pictures. */
function picturesOf(jpegs: readonly Uint8Array[]): Blob[] {
  return jpegs.map((jpeg) => new Blob([jpeg as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }));
}

/** A request as it goes over the wire: settings and media parts. */
export async function multipartOf(
  media: readonly Blob[],
  settings: EndpointSettings,
): Promise<{ readonly contentType: string; readonly body: Uint8Array<ArrayBuffer> }> {
  const form = new FormData();
  form.set('settings', JSON.stringify(settings));
  for (const part of media) form.append('media', part, 'media');
  const encoded = new Response(form);
  return {
    contentType: encoded.headers.get('content-type')!,
    body: new Uint8Array(await encoded.arrayBuffer()),
  };
}

/** What a request's head says of it: the server is fair among cameras before it reads a body. */
export function attributesOf({ camera }: EndpointSettings): string {
  return JSON.stringify({ camera });
}

/**
 * Takes an answer apart.
 * @param schema of what was asked for
 * @throws {EndpointUnavailableError} for whatever is not the footage's fault, half an answer among it
 * @throws {EndpointRefusedError} for footage that no lane can work
 */
export function answerOf<Answer>(status: number, text: string, schema: z.ZodType<Answer>): Answer {
  if (status === 200) {
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    const place = parsed.error.issues[0]?.path.join('.') || 'its body';
    throw new EndpointUnavailableError('garbled', `200 whose ${place} is not as in the contract`);
  }
  const problem = endpointProblemSchema.safeParse(parseJson(text));
  const { code, reason } = problem.success
    ? problem.data
    : { code: '', reason: `${status} ${text.slice(0, 200)}` };
  if (status === 422 && problem.success) throw new EndpointRefusedError(code, reason);
  if (status === 413) throw new EndpointUnavailableError('too-large', reason);
  if (status === 429) throw new EndpointUnavailableError('throttled', reason);
  if (status === 503) throw new EndpointUnavailableError('busy', reason);
  if (status === 504) throw new EndpointUnavailableError('slow', reason);
  throw new EndpointUnavailableError('failed', reason);
}
