import * as z from 'zod';
import { TierwatchError } from './errors';

/** Why the gpu lane could not take a segment; it goes to the cpu lane with this. */
export const spillReasonSchema = z.enum([
  'missing',
  'starting',
  'busy',
  'throttled',
  'failed',
  'slow',
  'garbled',
  'too-large',
  'other-model',
  'breaker-open',
]);
export type SpillReason = z.infer<typeof spillReasonSchema>;

const IN_WORDS: Readonly<Record<SpillReason, string>> = {
  missing: 'the endpoint is not there',
  starting: 'the endpoint is being made or changed',
  busy: 'the endpoint has no room',
  throttled: 'the endpoint is throttled',
  failed: 'the endpoint failed',
  slow: 'the endpoint did not answer in time',
  garbled: 'the endpoint answered in another form',
  'too-large': 'the segment is larger than the endpoint takes',
  'other-model': 'the endpoint serves another model',
  'breaker-open': 'the endpoint failed lately and is left alone',
};

/** The gpu lane's endpoint did not analyse a segment, and not because of its footage: the cpu lane will. */
export class EndpointUnavailableError extends TierwatchError {
  override readonly name = 'EndpointUnavailableError';
  constructor(
    readonly reason: SpillReason,
    found: string,
    cause?: unknown,
  ) {
    super(
      `expected the endpoint to analyse the segment, found that ${IN_WORDS[reason]}: ${found}`,
      {
        code: 'endpoint-unavailable',
        retryable: true,
        cause,
      },
    );
  }
}

/** The endpoint refused a segment for what it is; the cpu lane would refuse it as well. */
export class EndpointRefusedError extends TierwatchError {
  override readonly name = 'EndpointRefusedError';
  constructor(code: string, reason: string) {
    super(reason, { code, retryable: false });
  }
}

/** Whether a spill says that the endpoint itself is ill: only such open the breaker. */
export function isEndpointIll(reason: SpillReason): boolean {
  return ['missing', 'starting', 'failed', 'slow', 'garbled'].includes(reason);
}
