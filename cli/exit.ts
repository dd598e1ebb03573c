import { TierwatchError } from '../core/errors';

/** Exit codes, as documented in `tierwatch --help`. */
export const EXIT = { ok: 0, failed: 1, usage: 2, someRejected: 3 } as const;

/** Prints one sentence for an error that was foreseen, everything for one that was not; sets the exit code. */
export function reportError(error: unknown): void {
  if (error instanceof TierwatchError) console.error(`tierwatch: ${error.message} [${error.code}]`);
  else console.error(error);
  process.exitCode = EXIT.failed;
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
