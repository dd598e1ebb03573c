import { rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { Expired } from '../../core/retention';
import { asDataFolderError } from './errors';
import type { FootageFolder } from './footage-folder';

export interface RetentionRun {
  readonly mode: 'report' | 'enforce';
  /** In the order in which they go. */
  readonly expired: readonly Expired[];
  /** Most files that one run deletes; the rest waits for the next. @default 10000 */
  readonly maxFiles?: number;
  /** Hears of each before it goes, or would go. */
  readonly onSegment?: (segment: Expired) => void;
}

export interface RetentionSummary {
  readonly mode: 'report' | 'enforce';
  /** Files deleted, or that would be. */
  readonly files: number;
  readonly bytes: number;
  /** Gone already. */
  readonly absent: number;
  /** Replaced since they were analysed: kept. */
  readonly changed: number;
  /** Left for the next run by `maxFiles`. */
  readonly left: number;
}

const MAX_FILES = 10_000;
/** Files looked at before other work gets its turn. */
const FILES_A_TURN = 200;

/**
 * Carries out a retention plan on a footage folder: deletes expired files, or only counts them. Their items
 * stay. Nothing is deleted that lies outside, or that is not the very version that was analysed.
 * @throws {UnsafeKeyError} {@link DataFolderError}
 */
export async function runRetention(
  footage: FootageFolder,
  { mode, expired, maxFiles = MAX_FILES, onSegment }: RetentionRun,
): Promise<RetentionSummary> {
  const summary = { mode, files: 0, bytes: 0, absent: 0, changed: 0, left: 0 };
  for (const [index, segment] of expired.entries()) {
    if (index % FILES_A_TURN === FILES_A_TURN - 1) await setImmediate();
    if (summary.files >= maxFiles) {
      summary.left++;
      continue;
    }
    const path = footage.pathOf(segment.objectKey);
    const found = await footage.versionAt(segment.objectKey);
    if (found === null) summary.absent++;
    else if (found.objectVersion !== segment.objectVersion) summary.changed++;
    else {
      onSegment?.(segment);
      if (mode === 'enforce') await remove(path);
      summary.files++;
      summary.bytes += found.sizeBytes;
    }
  }
  return summary;
}

async function remove(path: string): Promise<void> {
  await rm(path).catch((error: unknown) => {
    throw asDataFolderError(path, error);
  });
}
