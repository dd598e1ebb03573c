import type { FootageFolder } from '../../adapters/embedded/footage-folder';
import type { LandedObject } from '../../core/identify-segment';
import type { Queue } from '../../core/ports';

/** Stands for the footage bucket in notifications. */
export const BUCKET = 'footage';
/** Files of which route hears at once: it has work long before a large folder is looked through. */
const BATCH = 20;

/** Tells route of what lies in the footage folder, as S3 would tell it. */
export class Landing {
  private readonly known = new Set<string>();
  private freshCount = 0;

  constructor(
    private readonly footage: Pick<FootageFolder, 'walk'>,
    private readonly queue: Pick<Queue<unknown>, 'send'>,
  ) {}

  /** Files found so far, and how many of them no earlier run has told of. */
  get found(): { readonly files: number; readonly fresh: number } {
    return { files: this.known.size, fresh: this.freshCount };
  }

  /**
   * Looks at the folder once and tells of each new file when its turn has come.
   * @param nowMs files changed less than two seconds before are left for later; null takes all
   * @param options `paths`: files and folders to look at; default: the whole folder
   * @returns paths of files that may still grow
   */
  async look(
    nowMs: number | null,
    { signal, paths }: { readonly signal: AbortSignal; readonly paths?: readonly string[] },
  ): Promise<string[]> {
    const growing: string[] = [];
    let batch: LandedObject[] = [];
    for await (const found of this.footage.walk(nowMs, paths)) {
      if (signal.aborted) break;
      if ('growing' in found) growing.push(found.growing);
      else if (!this.known.has(keyOf(found))) batch.push(found);
      if (batch.length < BATCH) continue;
      await this.tell(batch);
      batch = [];
    }
    await this.tell(batch);
    return growing;
  }

  private async tell(objects: readonly LandedObject[]): Promise<void> {
    if (objects.length === 0) return;
    this.freshCount += await this.queue.send(
      objects.map((object) => ({
        body: notificationOf(object),
        deduplicationKey: keyOf(object),
      })),
    );
    for (const object of objects) this.known.add(keyOf(object));
  }
}

function keyOf({ key, objectVersion }: LandedObject): string {
  return `${key}\n${objectVersion}`;
}

/** What S3 would send. */
function notificationOf({ key, objectVersion }: LandedObject): unknown {
  const object = { key: encodeURIComponent(key), eTag: objectVersion };
  return {
    Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: BUCKET }, object } }],
  };
}
