import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { asDataFolderError } from './errors';

/** One file, read whole or in part. */
export interface OpenFile {
  readonly bytes: number;
  /** Changes when its bytes do. */
  readonly version: string;
  read(range: { readonly first: number; readonly last: number }): ReadableStream<Uint8Array>;
}

/**
 * A plain file as it is now; links, folders and what is not there are null.
 * @param onEnd called once, when what was read last has ended or was given up
 * @throws {DataFolderError} where the disk does not answer
 */
export async function openFile(
  path: string,
  onEnd: () => void = () => {},
): Promise<OpenFile | null> {
  try {
    const stats = await lstat(path, { bigint: true });
    if (!stats.isFile()) return null;
    return {
      bytes: Number(stats.size),
      version: `${stats.size.toString(16)}-${stats.mtimeNs.toString(16)}`,
      read: ({ first, last }) => {
        const stream = createReadStream(path, { start: first, end: last });
        stream.once('close', onEnd);
        return Readable.toWeb(stream) as unknown as ReadableStream<Uint8Array>;
      },
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw asDataFolderError(path, error);
  }
}
