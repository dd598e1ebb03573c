import type { z } from 'zod';
import type { EndpointSettings } from '../../core/endpoint-contract';
import { EndpointUnavailableError } from '../../core/spill';
import { answerOf, attributesOf, ModelServer, multipartOf } from './wire';

/** The model server at an address of its own: on one machine. */
export class HttpEndpoint extends ModelServer {
  /** @param url null while there is no server */
  constructor(private readonly url: () => string | null) {
    super();
  }

  protected async ask<Answer>(
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
        headers: {
          'content-type': contentType,
          'x-amzn-sagemaker-custom-attributes': attributesOf(settings),
        },
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
