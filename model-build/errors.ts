import { TierwatchError } from '../core/errors';

export type ImportFault =
  | 'not-onnx'
  | 'unknown-opset'
  | 'unknown-operator'
  | 'wrong-family'
  | 'missing-classes'
  | 'bad-input-shape'
  | 'bad-name'
  | 'unknown-pixels'
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

/** The pinned Python environment can't be made. */
export class PythonEnvironmentError extends TierwatchError {
  override readonly name = 'PythonEnvironmentError';
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'python-environment', retryable: false, cause });
  }
}

/** Footage, pictures or labels that a verb of model-build can't use; nothing is written. */
export class ModelDataError extends TierwatchError {
  override readonly name = 'ModelDataError';
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'model-data', retryable: false, cause });
  }
}
