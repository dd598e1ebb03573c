import type { EndpointAnswer, EndpointSettings } from '../../core/endpoint-contract';
import type { InferenceEndpoint } from '../../core/ports';
import { EndpointUnavailableError } from '../../core/spill';
import { answerOf, multipartOf } from './wire';

/** The model server at an address of its own: on one machine. */
export class HttpEndpoint implements InferenceEndpoint {
  /** @param url null while there is no server */
  constructor(private readonly url: () => string | null) {}

  async analyse(file: string, settings: EndpointSettings): Promise<EndpointAnswer> {
    const url = this.url();
    if (url === null) throw new EndpointUnavailableError('starting', 'the server is not up');
    const { contentType, body } = await multipartOf(file, settings);
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
    return answerOf(response.status, text);
  }
}
