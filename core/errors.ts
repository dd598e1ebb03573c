export interface TierwatchErrorOptions {
  readonly code: string;
  readonly retryable: boolean;
  readonly cause?: unknown;
}

/**
 * Base of every error that Tierwatch raises on purpose.
 * `code` has a heading in docs/errors.md; `retryable` says whether the same input may succeed later.
 */
export abstract class TierwatchError extends Error {
  abstract override readonly name: string;
  readonly code: string;
  readonly retryable: boolean;

  constructor(message: string, { code, retryable, cause }: TierwatchErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
  }
}
