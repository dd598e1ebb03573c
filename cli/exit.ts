import { TierwatchError } from '../core/errors';

/** Exit codes, as documented in `tierwatch --help`. */
export const EXIT = { ok: 0, failed: 1, usage: 2, someRejected: 3 } as const;

/** What a system says of files that may not be used, or not there. */
const REFUSALS: ReadonlySet<string> = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'],
]);

/** What a system says of a host that does not answer. */
const UNREACHED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
]);

/** Prints one sentence for an error that was foreseen, everything for one that was not; sets the exit code. */
export function reportError(error: unknown): void {
  if (error instanceof TierwatchError) console.error(`tierwatch: ${error.message} [${error.code}]`);
  else console.error(systemSentence(error) ?? cloudSentence(error) ?? error);
  process.exitCode = EXIT.failed;
}

/** What the system refuses of a path that the user named, such as a full disk; null for anything else. */
function systemSentence(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (!code || !REFUSALS.has(code)) return null;
  return `tierwatch: "${path ?? 'the disk'}": expected to read and write there, found ${message.split(',')[0]}; check owner, mode and free space, or name another path [usage]`;
}

/** What AWS said, or that it was not reached; null for anything else. */
function cloudSentence(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code = '', name, message } = error as NodeJS.ErrnoException;
  const isTheirs = '$metadata' in error || UNREACHED.has(code) || name.startsWith('Credentials');
  if (!isTheirs) return null;
  return `tierwatch: AWS: expected an answer, found ${name === 'Error' ? '' : `${name}: `}${message.split('\n')[0]}; check the name, the region, your credentials and what they may do [usage]`;
}

/** Wraps a command's action: errors become a sentence and an exit code. */
export function guarded<Values extends unknown[]>(
  action: (...values: Values) => Promise<void>,
): (...values: Values) => Promise<void> {
  return async (...values) => {
    try {
      await action(...values);
    } catch (error) {
      reportError(error);
    }
  };
}
