import { TierwatchError } from '../core/errors';

export type ImportFault =
  | 'not-onnx'
  | 'unknown-opset'
  | 'unknown-operator'
  | 'wrong-family'
  | 'missing-classes'
  | 'bad-input-shape'
  | 'not-equal'
  | 'no-recipe'
  | 'download-failed'
  | 'wrong-sha256';

/** Weights that can't become a bundle; nothing is written. */
export class ModelImportError extends TierwatchError {
  override readonly name = 'ModelImportError';
  constructor(
    readonly fault: ImportFault,
    message: string,
    cause?: unknown,
  ) {
    super(message, { code: 'model-import', retryable: false, cause });
  }
}
