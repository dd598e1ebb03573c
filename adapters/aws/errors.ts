import { TierwatchError } from '../../core/errors';

/** The object is gone: deleted, expired or overwritten before it was read. */
export class FootageGoneError extends TierwatchError {
  override readonly name = 'FootageGoneError';
  constructor(key: string, cause: unknown) {
    super(
      `"${key}": expected the version that was announced, found none; it was deleted, or the bucket's lifecycle is shorter than its queue`,
      { code: 'footage-gone', retryable: false, cause },
    );
  }
}

/** The object is there but may not be read: its key's or the bucket's policy. */
export class FootageDeniedError extends TierwatchError {
  override readonly name = 'FootageDeniedError';
  constructor(key: string, cause: unknown) {
    super(
      `"${key}": expected to read it, found access denied; check the bucket's and its KMS key's policy`,
      { code: 'footage-denied', retryable: true, cause },
    );
  }
}

/** The object is larger than `limits.maxBytes`: it is not even fetched. */
export class FootageOverLimitError extends TierwatchError {
  override readonly name = 'FootageOverLimitError';
  constructor(key: string, { bytes, maxBytes }: { bytes: number; maxBytes: number }) {
    super(
      `"${key}": expected at most limits.maxBytes ${maxBytes}, found ${bytes}; cut it with "tierwatch land" or raise the limit`,
      { code: 'footage-over-limit', retryable: false },
    );
  }
}

/** The function's temporary folder is too small for what must be fetched: not the footage's fault. */
export class TemporarySpaceError extends TierwatchError {
  override readonly name = 'TemporarySpaceError';
  constructor(key: string, { bytes, freeBytes }: { bytes: number; freeBytes: number }) {
    super(
      `"${key}": expected room for ${bytes} bytes in the temporary folder, found ${freeBytes}; raise the function's temporary storage, or land MP4 with its index, of which only the range in hand is fetched`,
      { code: 'temporary-space', retryable: true },
    );
  }
}

/** HTTP status of an SDK error; 0 where there was no answer. Denials of JSON services have odd names. */
export function statusOf(error: unknown): number {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode ?? 0;
}

export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
