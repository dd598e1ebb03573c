import { TierwatchError } from '../../core/errors';

/** The data folder can't be used: not writable, no space, or held by another process. */
export class DataFolderError extends TierwatchError {
  override readonly name = 'DataFolderError';
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'data-folder', retryable: false, cause });
  }
}

/** SQLite's own complaint as one sentence. */
export function asDataFolderError(file: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (/database or disk is full|ENOSPC/i.test(message)) {
    return new DataFolderError(
      `"${file}": expected free space, found none; make room and start again: nothing that was finished is lost`,
      error,
    );
  }
  if (/database is locked/i.test(message)) {
    return new DataFolderError(
      `"${file}": expected to write alone, found another process that holds it; stop it or name another --data`,
      error,
    );
  }
  if (/unable to open|readonly|EACCES|EPERM|EROFS|ENOTDIR|not a database/i.test(message)) {
    return new DataFolderError(
      `"${file}": expected a folder that can be written with a database of Tierwatch's, found "${message}"; name another --data`,
      error,
    );
  }
  return error instanceof Error ? error : new Error(message);
}
