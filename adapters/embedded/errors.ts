import { TierwatchError } from '../../core/errors';

export type DataFolderFault =
  | 'in-use'
  | 'locked'
  | 'disk-full'
  | 'not-usable'
  | 'missing'
  | 'not-a-database'
  | 'damaged'
  | 'schema-version'
  | 'io';

const PASSING: readonly DataFolderFault[] = ['in-use', 'locked', 'disk-full'];

/** A folder of the user's can't be used: not writable, no space, damaged, or held by another process. */
export class DataFolderError extends TierwatchError {
  override readonly name = 'DataFolderError';
  constructor(
    readonly fault: DataFolderFault,
    message: string,
    cause?: unknown,
  ) {
    super(message, { code: 'data-folder', retryable: PASSING.includes(fault), cause });
  }
}

/** A key that would be read or written outside its folder. */
export class UnsafeKeyError extends TierwatchError {
  override readonly name = 'UnsafeKeyError';
  constructor(key: string, found: string) {
    super(
      `"${key.slice(0, 300)}": expected a key inside its folder, found ${found}; land the file itself under its own name`,
      { code: 'unsafe-key', retryable: false },
    );
  }
}

const SENTENCES: Readonly<Record<Exclude<DataFolderFault, 'in-use' | 'missing'>, string>> = {
  locked:
    'expected to write within the busy timeout, found the database locked by another program; close it and start again',
  'disk-full':
    'expected free space, found none; make room and start again: nothing that was finished is lost',
  'not-usable':
    'expected a folder and files that can be read and written, found otherwise; check owner and mode, or name another folder',
  'not-a-database':
    'expected a database of Tierwatch’s, found another file; move it away or name another --data',
  damaged:
    'expected a sound database, found a damaged one; move the data folder away and start again: the footage is analysed anew',
  'schema-version': 'expected another schema version; update Tierwatch or name another --data',
  io: 'expected the disk to answer, found a read or write error; check the disk',
};

/** Primary SQLite result codes (sqlite.org/rescode.html). */
const FAULT_BY_SQLITE: Readonly<Record<number, keyof typeof SENTENCES>> = {
  3: 'not-usable',
  5: 'locked',
  6: 'locked',
  8: 'not-usable',
  10: 'io',
  11: 'damaged',
  13: 'disk-full',
  14: 'not-usable',
  26: 'not-a-database',
};
const FAULT_BY_SYSTEM: Readonly<Record<string, keyof typeof SENTENCES>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EACCES: 'not-usable',
  EPERM: 'not-usable',
  EROFS: 'not-usable',
  ENOTDIR: 'not-usable',
  EISDIR: 'not-usable',
  EEXIST: 'not-usable',
  EIO: 'io',
};

/** SQLite's or the system's complaint about a file as one sentence; what is no such complaint comes back as it is. */
export function asDataFolderError(file: string, error: unknown): Error {
  if (error instanceof TierwatchError) return error;
  const { code, errcode } = error as { code?: string; errcode?: number };
  const fault =
    code === 'ERR_SQLITE_ERROR'
      ? FAULT_BY_SQLITE[(errcode ?? 0) & 0xff]
      : FAULT_BY_SYSTEM[code ?? ''];
  if (fault) return new DataFolderError(fault, `"${file}": ${SENTENCES[fault]}`, error);
  return error instanceof Error ? error : new Error(String(error));
}
