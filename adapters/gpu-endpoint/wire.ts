import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import {
  type EndpointAnswer,
  type EndpointSettings,
  endpointAnswerSchema,
  endpointProblemSchema,
} from '../../core/endpoint-contract';
import { EndpointRefusedError, EndpointUnavailableError } from '../../core/spill';

const TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.ts': 'video/mp2t',
  '.mkv': 'video/x-matroska',
};

/** A request as it goes over the wire: settings and one media part. */
export async function multipartOf(
  file: string,
  settings: EndpointSettings,
): Promise<{ readonly contentType: string; readonly body: Uint8Array<ArrayBuffer> }> {
  const form = new FormData();
  form.set('settings', JSON.stringify(settings));
  const type = TYPES[extname(file)] ?? 'video/mp4';
  form.append('media', new Blob([await readFile(file)], { type }), 'media');
  const encoded = new Response(form);
  return {
    contentType: encoded.headers.get('content-type')!,
    body: new Uint8Array(await encoded.arrayBuffer()),
  };
}

/**
 * Takes an answer apart.
 * @throws {EndpointUnavailableError} for whatever is not the footage's fault, half an answer among it
 * @throws {EndpointRefusedError} for footage that no lane can work
 */
export function answerOf(status: number, text: string): EndpointAnswer {
  if (status === 200) {
    const parsed = endpointAnswerSchema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    const place = parsed.error.issues[0]?.path.join('.') || 'its body';
    throw new EndpointUnavailableError('garbled', `200 whose ${place} is not as in the contract`);
  }
  const problem = endpointProblemSchema.safeParse(jsonOf(text));
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

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
