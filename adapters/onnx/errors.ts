import { TierwatchError } from '../../core/errors';

/** A bundle that can't be read, is from a newer version, or was changed after it was made. */
export class ModelBundleError extends TierwatchError {
  override readonly name = 'ModelBundleError';
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'model-bundle', retryable: false, cause });
  }
}
