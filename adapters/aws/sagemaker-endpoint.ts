import { setTimeout as pause } from 'node:timers/promises';
import {
  InvokeEndpointCommand,
  type InvokeEndpointCommandInput,
  type SageMakerRuntimeClient,
} from '@aws-sdk/client-sagemaker-runtime';
import type { z } from 'zod';
import { type EndpointSettings, endpointAnswerSchema } from '../../core/endpoint-contract';
import { EndpointUnavailableError, type SpillReason } from '../../core/spill';
import { answerOf, attributesOf, ModelServer, multipartOf } from '../gpu-endpoint/wire';
import { isNamed, statusOf } from './errors';

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html */
const MAX_BODY_BYTES = 25 * 1024 * 1024;
/** What passes is asked again, while the deadline allows. */
const PASSING: readonly SpillReason[] = ['busy', 'throttled'];
const FIRST_PAUSE_MS = 250;
/** Under two seconds in all: the cpu lane is there. */
const TRIES = 4;

export interface SageMakerEndpointOptions {
  readonly endpointName: string;
  /** Variant that is asked, of champion and challenger. @default by their weights */
  readonly variant?: string;
  readonly nowMs: () => number;
}

/** The model server behind a SageMaker endpoint. */
export class SageMakerEndpoint extends ModelServer {
  constructor(
    private readonly runtime: SageMakerRuntimeClient,
    private readonly options: SageMakerEndpointOptions,
  ) {
    super();
  }

  protected async ask<Answer>(
    media: readonly Blob[],
    settings: EndpointSettings,
    schema: z.ZodType<Answer>,
  ): Promise<Answer> {
    const { contentType, body } = await multipartOf(media, settings);
    if (body.length > MAX_BODY_BYTES) {
      throw new EndpointUnavailableError(
        'too-large',
        `${body.length} bytes, where SageMaker takes ${MAX_BODY_BYTES}`,
      );
    }
    const request = {
      ContentType: contentType,
      CustomAttributes: attributesOf(settings),
      Body: body,
    };
    const endsMs = this.options.nowMs() + settings.deadlineMs;
    for (let attempt = 1; ; attempt++) {
      const leftMs = endsMs - this.options.nowMs();
      try {
        const text = await this.invoke(request, Math.max(1, Math.round(leftMs)));
        return answerOf(200, text, schema);
      } catch (error) {
        const waitMs = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
        const isPassing =
          error instanceof EndpointUnavailableError && PASSING.includes(error.reason);
        // Half of what is left must remain for the work itself.
        if (!isPassing || attempt === TRIES || waitMs > leftMs / 2) throw error;
        await pause(waitMs);
      }
    }
  }

  private async invoke(
    request: Omit<InvokeEndpointCommandInput, 'EndpointName'>,
    timeoutMs: number,
  ): Promise<string> {
    const { endpointName: EndpointName, variant } = this.options;
    const command = new InvokeEndpointCommand({
      ...request,
      EndpointName,
      Accept: 'application/json',
      ...(variant ? { TargetVariant: variant } : {}),
    });
    try {
      const abortSignal = AbortSignal.timeout(timeoutMs);
      const answer = await this.runtime.send(command, { abortSignal });
      return Buffer.from(answer.Body!).toString();
    } catch (error) {
      throw asSpill(error);
    }
  }
}

/** What SageMaker says, in the lane's words. */
function asSpill(error: unknown): Error {
  if (error instanceof EndpointUnavailableError) return error;
  const { message } = error as Error;
  // The container's own answer, whatever its status, comes as ModelError.
  const { OriginalStatusCode, OriginalMessage } = error as {
    OriginalStatusCode?: number;
    OriginalMessage?: string;
  };
  if (OriginalStatusCode !== undefined) {
    try {
      answerOf(OriginalStatusCode, OriginalMessage ?? '', endpointAnswerSchema);
    } catch (answered) {
      return answered as Error;
    }
  }
  if (isNamed(error, 'AbortError', 'TimeoutError')) {
    return new EndpointUnavailableError('slow', message, error);
  }
  if (isNamed(error, 'ThrottlingException') || statusOf(error) === 429) {
    return new EndpointUnavailableError('throttled', message, error);
  }
  if (isNamed(error, 'ServiceUnavailable') || statusOf(error) === 503) {
    return new EndpointUnavailableError('busy', message, error);
  }
  // An endpoint that is not there, or not in service, is a ValidationError (aws.md, A2).
  if (isNamed(error, 'ValidationError', 'ValidationException')) {
    const isStarting = /creating|updating|not in service/i.test(message);
    return new EndpointUnavailableError(isStarting ? 'starting' : 'missing', message, error);
  }
  return new EndpointUnavailableError('failed', message, error);
}
