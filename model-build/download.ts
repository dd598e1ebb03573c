import { createHash } from 'node:crypto';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ModelImportError } from './errors';

export interface Download {
  readonly url: string;
  readonly sha256: string;
  /** File to write; its bytes wait in `<file>.part` until they are verified. */
  readonly file: string;
  readonly onProgress?: (receivedBytes: number) => void;
}

/** Weights of a detector are smaller; what is larger is something else. */
const MOST_BYTES = 2 ** 30;

/** Fetches weights to a file that exists only once its sha256 is right. @throws {ModelImportError} */
export async function download({ url, sha256, file, onProgress }: Download): Promise<void> {
  const part = `${file}.part`;
  const hash = createHash('sha256');
  let receivedBytes = 0;
  try {
    const body = await openBody(url);
    const watched = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        receivedBytes += chunk.length;
        if (receivedBytes > MOST_BYTES) throw tooLarge(url);
        onProgress?.(receivedBytes);
        yield chunk;
      }
    };
    await pipeline(body, watched, createWriteStream(part));
    const found = hash.digest('hex');
    if (found !== sha256) {
      throw new ModelImportError(
        'wrong-sha256',
        `"${url}": expected sha256 ${sha256}, found ${found}; the file there was changed, so check its source before correcting the sha256`,
      );
    }
    renameSync(part, file);
  } catch (cause) {
    if (cause instanceof ModelImportError) throw cause;
    throw new ModelImportError(
      'download-failed',
      `"${url}": expected a whole download, found it broken off after ${receivedBytes} bytes; try again`,
      cause,
    );
  } finally {
    rmSync(part, { force: true });
  }
}

async function openBody(url: string): Promise<Readable> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw unreachable(url, cause);
  });
  if (response.ok && response.body) return Readable.from(response.body);
  throw new ModelImportError(
    'download-failed',
    `"${url}": expected the weights, found HTTP status ${response.status}; check the URL`,
  );
}

/** The runtime says "fetch failed" of all of them; the reason is in its cause. */
function unreachable(url: string, cause: unknown): ModelImportError {
  const { code, message } = ((cause as Error).cause ?? cause) as { code?: string; message: string };
  return new ModelImportError(
    'download-failed',
    `"${url}": expected an answer from ${new URL(url).host}, found none (${code ?? message}); check the network, or fetch the file elsewhere and hand it to "tierwatch model import"`,
    cause,
  );
}

function tooLarge(url: string): ModelImportError {
  return new ModelImportError(
    'download-failed',
    `"${url}": expected weights of at most ${MOST_BYTES / 2 ** 20} MiB, found more; check the URL`,
  );
}
