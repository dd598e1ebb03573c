import { randomBytes } from 'node:crypto';
import { openFile } from '../../adapters/embedded/stored-file';
import { UploadFolder, type UploadRecord } from '../../adapters/embedded/upload-folder';
import type { ProbedFile } from '../../adapters/worker/job';
import type { WorkerPool } from '../../adapters/worker/pool';
import { TierwatchError } from '../../core/errors';
import { resolveAtTiers } from '../../core/fleet/at-tiers';
import type { Fleet } from '../../core/fleet/schema';
import {
  UPLOAD_LIFE_HOURS,
  UPLOAD_SITE,
  UPLOAD_TYPES,
  type Upload,
  type UploadExtension,
} from '../../core/upload';
import type { StoredFile, UploadDesk } from '../../handlers/api/deps';
import {
  TooManyRequestsError,
  UnprocessableVideoError,
  UploadCutOffError,
  UploadTypeError,
} from '../../handlers/api/problem';
import { tryVideo } from './try-video';

/** Uploads that are on their way in or wait for their analysis. */
const MAX_PENDING = 4;
/** All that are kept at once: the oldest that is through makes room. */
const MAX_KEPT = 20;
const MAX_VIDEO_SECONDS = 7200;
const LIFE_MS = UPLOAD_LIFE_HOURS * 3_600_000;
const SWEEP_MS = 600_000;
/** What uploads are analysed as, where the fleet names no other tier. */
const SHOWN_TIER = 'steady';
const CAMERA = `${UPLOAD_SITE}/video`;

export interface UploadDeskOptions {
  readonly folder: string;
  readonly fleet: Fleet;
  readonly modelFolder: string;
  readonly pool: Pick<WorkerPool, 'analyse' | 'probe'>;
  readonly onError: (error: unknown, id: string) => void;
  readonly nowMs?: () => number;
}

/** Videos that somebody tries on this machine: stored, analysed one after the other, gone after a day. */
export class LocalUploads implements UploadDesk {
  private readonly store: UploadFolder;
  private readonly records = new Map<string, UploadRecord>();
  private readonly nowMs: () => number;
  private receiving = 0;
  private queue: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;
  private isClosed = false;

  private constructor(private readonly options: UploadDeskOptions) {
    this.store = new UploadFolder(options.folder);
    this.nowMs = options.nowMs ?? Date.now;
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  }

  /** Goes on with what an earlier process left; what it left half-stored goes. */
  static async open(options: UploadDeskOptions): Promise<LocalUploads> {
    const desk = new LocalUploads(options);
    for (const record of await desk.store.load()) {
      desk.records.set(record.upload.id, record);
      if (isPending(record.upload)) desk.enqueue(record.upload.id);
    }
    await desk.sweep();
    return desk;
  }

  async receive({ name, bytes, body }: Parameters<UploadDesk['receive']>[0]): Promise<Upload> {
    const extension = extensionOf(name);
    const pending = [...this.records.values()].filter(({ upload }) => isPending(upload)).length;
    if (pending + this.receiving >= MAX_PENDING) {
      throw new TooManyRequestsError('uploads', MAX_PENDING);
    }
    this.receiving++;
    const id = randomBytes(16).toString('hex');
    try {
      await this.storeBody(id, { extension, body, bytes });
      await this.probe(id, extension);
      const upload = this.begin(id, { name, bytes });
      await this.put({ upload, extension });
      await this.makeRoom();
      this.enqueue(id);
      return upload;
    } catch (error) {
      await this.drop(id);
      throw error;
    } finally {
      this.receiving--;
    }
  }

  async show(id: string): Promise<Upload | null> {
    return this.living(id)?.upload ?? null;
  }

  async video(id: string): Promise<{ file: StoredFile; type: string } | null> {
    const record = this.living(id);
    const file = record && (await openFile(this.store.pathOf(id, record.extension)));
    return file ? { file, type: UPLOAD_TYPES[record.extension] } : null;
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.timer);
  }

  /** @throws {UploadCutOffError} */
  private async storeBody(
    id: string,
    {
      extension,
      body,
      bytes,
    }: {
      readonly extension: UploadExtension;
      readonly body: ReadableStream<Uint8Array>;
      readonly bytes: number;
    },
  ): Promise<void> {
    const stored = await this.store
      .receive({ id, extension }, { body, bytes })
      .catch((error: unknown) => {
        // A connection that ends is no fault of this machine's; a disk that is full is.
        throw error instanceof TierwatchError ? error : new UploadCutOffError(0, bytes);
      });
    if (stored !== bytes) throw new UploadCutOffError(stored, bytes);
  }

  /** In a child: what is in the file may crash native code. @throws {UnprocessableVideoError} */
  private async probe(id: string, extension: UploadExtension): Promise<ProbedFile> {
    const file = this.store.pathOf(id, extension);
    const { limits } = this.options.fleet;
    const facts = await this.options.pool.probe({ file, limits }).catch((error: unknown) => {
      if (error instanceof TierwatchError) throw new UnprocessableVideoError(this.shown(error));
      throw error;
    });
    if (facts.durationSeconds <= MAX_VIDEO_SECONDS) return facts;
    throw new UnprocessableVideoError({
      code: 'video-over-limit',
      message: `expected a video of at most ${MAX_VIDEO_SECONDS} s, found ${facts.durationSeconds.toFixed(0)} s; cut it, or use "tierwatch detect FILE"`,
    });
  }

  private begin(id: string, { name, bytes }: { name: string; bytes: number }): Upload {
    const nowMs = this.nowMs();
    return {
      id,
      name,
      bytes,
      status: 'waiting',
      progressRatio: 0,
      createdAt: new Date(nowMs).toISOString(),
      expiresAt: new Date(nowMs + LIFE_MS).toISOString(),
      error: null,
      result: null,
    };
  }

  private enqueue(id: string): void {
    this.queue = this.queue.then(() => this.analyse(id));
  }

  private async analyse(id: string): Promise<void> {
    const record = this.living(id);
    if (!record || this.isClosed) return;
    const { extension, upload } = record;
    const change = (part: Partial<Upload>): void => {
      const known = this.records.get(id);
      if (known) this.records.set(id, { ...known, upload: { ...known.upload, ...part } });
    };
    change({ status: 'working', progressRatio: 0 });
    try {
      const facts = await this.probe(id, extension);
      const { fleet, modelFolder, pool } = this.options;
      const trial = {
        file: this.store.pathOf(id, extension),
        bytes: upload.bytes,
        facts,
        modelFolder,
        tiers: tiersFor(fleet),
        limits: fleet.limits,
        onProgress: (progressRatio: number) => change({ progressRatio }),
      };
      change({ result: await tryVideo(trial, pool), status: 'done', progressRatio: 1 });
    } catch (error) {
      // What is closed is done by the next process.
      if (this.isClosed) return;
      if (!(error instanceof TierwatchError)) this.options.onError(error, id);
      change({ status: 'failed', error: this.shown(error) });
    }
    const finished = this.records.get(id);
    if (finished) await this.store.save(finished).catch((error) => this.options.onError(error, id));
  }

  private living(id: string): UploadRecord | null {
    const record = this.records.get(id);
    return record && Date.parse(record.upload.expiresAt) > this.nowMs() ? record : null;
  }

  private async put(record: UploadRecord): Promise<void> {
    await this.store.save(record);
    this.records.set(record.upload.id, record);
  }

  private async makeRoom(): Promise<void> {
    const finished = [...this.records.values()].filter(({ upload }) => !isPending(upload));
    const over = Math.max(0, this.records.size - MAX_KEPT);
    for (const { upload } of finished.slice(0, over)) await this.drop(upload.id);
  }

  private async sweep(): Promise<void> {
    for (const id of [...this.records.keys()]) if (!this.living(id)) await this.drop(id);
  }

  private async drop(id: string): Promise<void> {
    this.records.delete(id);
    await this.store.remove(id);
  }

  /** An error in words that name no path of this machine. */
  private shown(error: unknown): { code: string; message: string } {
    if (!(error instanceof TierwatchError)) {
      return { code: 'internal', message: 'the analysis failed; the log has the reason' };
    }
    const message = error.message.replace(/"[^"]*\/video\.[a-z0-9]+": /g, '');
    return { code: error.code, message };
  }
}

function isPending({ status }: Upload): boolean {
  return status === 'waiting' || status === 'working';
}

/** @throws {UploadTypeError} */
function extensionOf(name: string): UploadExtension {
  const found = /\.([a-z0-9]+)$/.exec(name.toLowerCase())?.[1] ?? '';
  if (Object.hasOwn(UPLOAD_TYPES, found)) return found as UploadExtension;
  throw new UploadTypeError(name, Object.keys(UPLOAD_TYPES));
}

/** The fleet's own settings at each tier; first the one that is shown. */
function tiersFor(fleet: Fleet): Parameters<typeof tryVideo>[0]['tiers'] {
  const all = resolveAtTiers(fleet, CAMERA, '1970-01-01T00:00:00.000Z');
  const wanted = fleet.defaults.tier ?? SHOWN_TIER;
  const isShown = ({ tier }: { tier: string }): boolean => tier === wanted;
  const shown = all.find(isShown) ?? all[0]!;
  return [shown, ...all.filter((one) => one !== shown)];
}
