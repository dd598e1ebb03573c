import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { UPLOAD_TYPES, type UploadExtension, uploadSchema } from '../../core/upload';
import { asDataFolderError, DataFolderError } from './errors';

/** Space that uploads leave to what the folder is for (bytes). */
const SPARE_BYTES = 1024 ** 3;
const recordSchema = z.strictObject({
  upload: uploadSchema,
  extension: z.enum(Object.keys(UPLOAD_TYPES) as [UploadExtension, ...UploadExtension[]]),
});

/** One stored upload: what is known of it, and how its file ends. */
export type UploadRecord = z.infer<typeof recordSchema>;

/**
 * Uploaded videos, each in a folder of its own under an id of ours; a folder without its record is what a
 * dead process left half-stored, and goes.
 */
export class UploadFolder {
  constructor(private readonly folder: string) {}

  /**
   * Stores a body as the file of an id. A body that fails or is cut off leaves nothing.
   * @returns bytes stored
   * @throws {DataFolderError} and what the body fails with
   */
  async receive(
    { id, extension }: { readonly id: string; readonly extension: UploadExtension },
    { body, bytes }: { readonly body: ReadableStream<Uint8Array>; readonly bytes: number },
  ): Promise<number> {
    try {
      await mkdir(join(this.folder, id), { recursive: true });
      await this.requireSpace(bytes);
      let stored = 0;
      const counter = new Transform({
        transform(chunk: Buffer, _, done) {
          stored += chunk.length;
          if (stored > bytes) done(new RangeError('more bytes than were announced'));
          else done(null, chunk);
        },
      });
      const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
      await pipeline(
        source,
        counter,
        createWriteStream(this.pathOf(id, extension), { flags: 'wx' }),
      );
      return stored;
    } catch (error) {
      await this.remove(id);
      throw asDataFolderError(join(this.folder, id), error);
    }
  }

  /** The file of an upload. */
  pathOf(id: string, extension: UploadExtension): string {
    return join(this.folder, id, `video.${extension}`);
  }

  async save(record: UploadRecord): Promise<void> {
    const path = join(this.folder, record.upload.id, 'upload.json');
    try {
      await writeFile(`${path}.part`, JSON.stringify(recordSchema.parse(record)));
      await rename(`${path}.part`, path);
    } catch (error) {
      throw asDataFolderError(path, error);
    }
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.folder, id), { recursive: true, force: true });
  }

  /** All that are whole; the others go. */
  async load(): Promise<UploadRecord[]> {
    const names = await readdir(this.folder).catch(() => [] as string[]);
    const records: UploadRecord[] = [];
    for (const id of names) {
      const record = await this.read(id);
      if (record) records.push(record);
      else await this.remove(id);
    }
    return records;
  }

  private async read(id: string): Promise<UploadRecord | null> {
    try {
      const text = await readFile(join(this.folder, id, 'upload.json'), 'utf8');
      const record = recordSchema.parse(JSON.parse(text));
      return record.upload.id === id ? record : null;
    } catch {
      return null;
    }
  }

  private async requireSpace(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.folder);
    if (bavail * bsize > bytes + SPARE_BYTES) return;
    throw new DataFolderError(
      'disk-full',
      `"${this.folder}": expected ${bytes + SPARE_BYTES} bytes free for an upload, found ${bavail * bsize}; make room`,
    );
  }
}
