import { EndpointUnavailableError } from '../../core/spill';

/** SageMaker takes 25 MB; settings and form around the media take some of it. */
export const MAX_MEDIA_BYTES = 24 * 1024 * 1024;

/** Of all requests that one process has open: each is in memory up to three times over, as file, form and on its way. */
export const MAX_MEDIA_BYTES_AT_ONCE = 5 * MAX_MEDIA_BYTES;

/** An answer of another model would be under a wrong analysisId. @throws {EndpointUnavailableError} */
export function requireModel(
  answer: { readonly model: string; readonly modelSha256: string },
  expected: { readonly sha256: string },
): void {
  if (answer.modelSha256 === expected.sha256) return;
  throw new EndpointUnavailableError(
    'other-model',
    `${answer.model} (${answer.modelSha256.slice(0, 12)}), where the tier's is ${expected.sha256.slice(0, 12)}`,
  );
}
