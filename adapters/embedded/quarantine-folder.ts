import {
  accessSync,
  constants,
  copyFileSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname } from 'node:path';
import * as z from 'zod';
import type { Rejection } from '../../core/ports';
import { asDataFolderError } from './errors';
import { pathInside } from './safe-path';

/** The JSON beside a file in quarantine. */
export const rejectionSchema = z.strictObject({
  key: z.string(),
  objectVersion: z.string(),
  code: z.string().describe('Heading in docs/errors.md'),
  reason: z.string(),
  at: z.iso.datetime(),
});

/**
 * Copies a file to `<into>/<key>` (a reflink where the file system has them; a copy, so that what is looked
 * at later is what was rejected) and writes `<key>.json` beside it. Both are written aside and renamed; the
 * pair of an earlier version moves to `<stem>.<objectVersion><extension>`. A file that is gone or can't be
 * read leaves its reason.
 * @throws {UnsafeKeyError} {@link DataFolderError}
 */
export function copyToQuarantine({
  into,
  rejection,
  from,
}: {
  readonly into: string;
  readonly rejection: Rejection;
  readonly from: string;
}): void {
  try {
    mkdirSync(into, { recursive: true });
    const target = pathInside(realpathSync(into), rejection.key);
    mkdirSync(dirname(target), { recursive: true });
    keepEarlier(target, rejection.objectVersion);
    if (isReadable(from)) {
      replace(target, (aside) => copyFileSync(from, aside, constants.COPYFILE_FICLONE));
    }
    const json = `${JSON.stringify(rejectionSchema.parse(rejection), null, 2)}\n`;
    replace(`${target}.json`, (aside) => writeFileSync(aside, json));
  } catch (error) {
    throw asDataFolderError(into, error);
  }
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** `write` makes the file aside; where its source is gone, nothing is replaced. */
function replace(path: string, write: (aside: string) => void): void {
  const aside = `${path}.part`;
  try {
    write(aside);
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function keepEarlier(target: string, objectVersion: string): void {
  const earlier = readReason(`${target}.json`);
  if (!earlier || earlier.objectVersion === objectVersion) return;
  const suffix = extname(target);
  const kept = `${target.slice(0, target.length - suffix.length)}.${earlier.objectVersion}${suffix}`;
  for (const [path, name] of [
    [target, kept],
    [`${target}.json`, `${kept}.json`],
  ] as const) {
    try {
      renameSync(path, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function readReason(path: string): Rejection | null {
  try {
    return rejectionSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // None, or not one of ours: there is no earlier version to keep.
    return null;
  }
}
