import type { z } from 'zod';
import {
  type EndpointAnswer,
  type EndpointSettings,
  endpointAnswerSchema,
  type PicturesAnswer,
  picturesAnswerSchema,
} from '../../core/endpoint-contract';
import type { InferenceEndpoint } from '../../core/ports';
import { EndpointUnavailableError } from '../../core/spill';
import { answerOf, multipartOf, picturesOf, videoOf } from './wire';

/** The model server at an address of its own: on one machine. */
export class HttpEndpoint implements InferenceEndpoint {
  /** @param url null while there is no server */
  constructor(private readonly url: () => string | null) {}

  async analyse(file: string, settings: EndpointSettings): Promise<EndpointAnswer> {
    return this.ask([await videoOf(file)], settings, endpointAnswerSchema);
  }

  detect(jpegs: readonly Uint8Array[], settings: EndpointSettings): Promise<PicturesAnswer> {
    return this.ask(picturesOf(jpegs), settings, picturesAnswerSchema);
  }

  private async ask<Answer>(
    media: readonly Blob[],
    settings: EndpointSettings,
    schema: z.ZodType<Answer>,
  ): Promise<Answer> {
    const url = this.url();
    if (url === null) throw new EndpointUnavailableError('starting', 'the server is not up');
    const { contentType, body } = await multipartOf(media, settings);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}/invocations`, {
        method: 'POST',
        headers: { 'content-type': contentType },
        body,
        signal: AbortSignal.timeout(settings.deadlineMs),
      });
      text = await response.text();
    } catch (error) {
      const isLate = (error as Error).name === 'TimeoutError';
      throw new EndpointUnavailableError(isLate ? 'slow' : 'failed', String(error), error);
    }
    return answerOf(response.status, text, schema);
  }
}
