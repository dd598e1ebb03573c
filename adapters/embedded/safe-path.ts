import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { UnsafeKeyError } from './errors';

const MAX_KEY_BYTES = 1024;

/**
 * The path of a key below a folder. Keys are names parted by "/"; nothing leads out: no "..", no absolute
 * path, no link whose target lies elsewhere.
 * @param folder real path of the folder
 * @throws {UnsafeKeyError}
 */
export function pathInside(folder: string, key: string): string {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new UnsafeKeyError(key, `more than ${MAX_KEY_BYTES} bytes`);
  }
  const parts = key.split('/');
  const wrong = parts.find((part) => part === '' || part === '.' || part === '..');
  if (wrong !== undefined) throw new UnsafeKeyError(key, `the part "${wrong}"`);
  if (/[\0\\]/.test(key)) throw new UnsafeKeyError(key, 'a backslash or NUL');
  const path = join(folder, ...parts);
  const real = realPathOf(path);
  if (real !== null && !real.startsWith(folder + sep)) {
    throw new UnsafeKeyError(key, 'a link that leads out of it');
  }
  return path;
}

/** Real path of the file, or of its nearest folder that exists. */
function realPathOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') return null;
    const parent = path.slice(0, path.lastIndexOf(sep));
    const real = parent === '' ? null : realPathOf(parent);
    return real === null ? null : join(real, path.slice(parent.length + 1));
  }
}
