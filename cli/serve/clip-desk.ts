import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FootageFolder } from '../../adapters/embedded/footage-folder';
import { openFile } from '../../adapters/embedded/stored-file';
import type { WorkerPool } from '../../adapters/worker/pool';
import { TierwatchError } from '../../core/errors';
import type { VideoLimits } from '../../core/limits';
import type { ClipRequest, StoredFile } from '../../handlers/api/deps';
import {
  NotFoundError,
  TooManyRequestsError,
  UnprocessableVideoError,
} from '../../handlers/api/problem';

/** Clips that are cut or wait for it. */
const MAX_PENDING = 8;
/** A clip that nobody reads to its end goes after this (ms). */
const LIFE_MS = 600_000;

/** Cuts clips out of a folder's footage, in a child, into files that go once they were read. */
export class ClipDesk {
  private pending = 0;

  constructor(
    private readonly options: {
      readonly footage: Pick<FootageFolder, 'pathOf'>;
      readonly pool: Pick<WorkerPool, 'cut'>;
      readonly limits: VideoLimits;
    },
  ) {}

  /** @throws {NotFoundError} {@link UnprocessableVideoError} {@link TooManyRequestsError} */
  async cut({ segments, from, to }: ClipRequest): Promise<StoredFile> {
    if (this.pending >= MAX_PENDING) throw new TooManyRequestsError('clips', MAX_PENDING);
    this.pending++;
    const out = join(tmpdir(), `tierwatch-clip-${randomUUID()}.mp4`);
    try {
      const parts = await this.partsOf(segments, from);
      const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
      await this.options.pool.cut({ parts, seconds, out, limits: this.options.limits });
      return await readOnce(out);
    } catch (error) {
      await rm(out, { force: true });
      if (!(error instanceof TierwatchError) || error.retryable) throw error;
      if (!VIDEO_CODES.includes(error.code)) throw error;
      const message = error.message.replace(/"[^"]*\/([^"/]+)": /g, '"$1": ');
      throw new UnprocessableVideoError({ code: error.code, message });
    } finally {
      this.pending--;
    }
  }

  /** The files that are still there. */
  private async partsOf(
    segments: ClipRequest['segments'],
    from: string,
  ): Promise<{ file: string; startSeconds: number }[]> {
    const parts: { file: string; startSeconds: number }[] = [];
    for (const { objectKey, startedAt } of segments) {
      const file = this.options.footage.pathOf(objectKey);
      const startSeconds = (Date.parse(startedAt) - Date.parse(from)) / 1000;
      if (await openFile(file)) parts.push({ file, startSeconds });
    }
    if (parts.length > 0) return parts;
    throw new NotFoundError('expected footage between those instants, found none; it has expired');
  }
}

const VIDEO_CODES = ['unreadable-video', 'unsupported-video', 'video-over-limit'];

/** Goes once what was read last has ended, or after a while. @throws {NotFoundError} */
async function readOnce(path: string): Promise<StoredFile> {
  const remove = (): void => void rm(path, { force: true });
  setTimeout(remove, LIFE_MS).unref();
  const file = await openFile(path, remove);
  if (file) return file;
  throw new NotFoundError('expected a clip, found none');
}
