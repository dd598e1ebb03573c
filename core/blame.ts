import { TierwatchError } from './errors';

/** What is wrong with the platform, not with the footage: tried again, then dead-lettered, never quarantined. */
const PLATFORM_CODES: ReadonlySet<string> = new Set([
  'data-folder',
  'environment',
  'fleet-config',
  'model-bundle',
  'unsafe-key',
  'usage',
]);

/** Whether the footage itself is to blame for an error, so that trying again can't help. */
export function isFootageAtFault(error: unknown): error is TierwatchError {
  return error instanceof TierwatchError && !error.retryable && !PLATFORM_CODES.has(error.code);
}
