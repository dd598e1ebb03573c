/** Lets one resource break one rule until a day; after it the rule holds again. */
export interface Exception {
  readonly rule: string;
  /** Name of the resource in the program. */
  readonly resource: string;
  /** Why, in a sentence that a reviewer can judge. */
  readonly reason: string;
  /** Last day on which it holds, UTC: `2026-12-31`. */
  readonly expiresOn: string;
}

/** Exceptions from the rules: each is a line of a pull request. */
export const EXCEPTIONS: readonly Exception[] = [];

const DAY_MS = 86_400_000;
/** An exception is renewed by a pull request at least twice a year. */
export const MAX_EXCEPTION_DAYS = 183;
const MIN_REASON_CHARACTERS = 20;

/** @throws {RangeError} for an exception without a rule, a reason or a day that is near enough */
export function checkExceptions(
  exceptions: readonly Exception[],
  ruleNames: readonly string[],
  now: Date,
): void {
  for (const { rule, resource, reason, expiresOn } of exceptions) {
    const subject = `exception of "${resource}" from "${rule}"`;
    if (!ruleNames.includes(rule)) {
      throw new RangeError(`${subject}: expected the name of a rule, found none; docs/policies.md`);
    }
    if (reason.trim().length < MIN_REASON_CHARACTERS) {
      throw new RangeError(
        `${subject}: expected a reason of at least ${MIN_REASON_CHARACTERS} characters, found "${reason}"; say why`,
      );
    }
    const endsAt = endOf(expiresOn);
    if (Number.isNaN(endsAt) || endsAt > now.getTime() + (MAX_EXCEPTION_DAYS + 1) * DAY_MS) {
      throw new RangeError(
        `${subject}: expected a day at most ${MAX_EXCEPTION_DAYS} days ahead, found "${expiresOn}"; write it as 2026-12-31`,
      );
    }
  }
}

/** The exception that a rule's finding on a resource falls under, and whether it still holds. */
export function exceptionFor(
  exceptions: readonly Exception[],
  ruleName: string,
  resourceName: string,
  now: Date,
): { readonly exception: Exception; readonly holds: boolean } | null {
  const mine = exceptions.filter(
    ({ rule, resource }) => rule === ruleName && resource === resourceName,
  );
  const holding = mine.find(({ expiresOn }) => now.getTime() < endOf(expiresOn));
  const exception = holding ?? mine[0];
  return exception ? { exception, holds: holding !== undefined } : null;
}

/** The instant at which a day ends, UTC; NaN for what is no day. */
function endOf(day: string): number {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return Number.NaN;
  return Date.parse(`${day}T00:00:00.000Z`) + DAY_MS;
}
