import { durationOf } from './words';

/** A clock may be off by this much without anybody noticing, ms. */
const TOLERATED_MS = 90_000;
/** A date of HTTP has whole seconds. */
const DATE_MS = 1000;

/**
 * How far the server's clock is ahead of this computer's at least (ms), by the date of an answer. It was written
 * between the request and the answer, however long they took; a date in between shows no difference.
 */
export function clockAheadMs(
  dateMs: number,
  { sentMs, receivedMs }: { readonly sentMs: number; readonly receivedMs: number },
): number {
  if (dateMs > receivedMs) return dateMs - receivedMs;
  return Math.min(0, dateMs + DATE_MS - sentMs);
}

/** What to say of this computer's clock; null where it agrees with the server's. @param aheadMs of the server's */
export function skewSentence(aheadMs: number): string | null {
  if (Math.abs(aheadMs) <= TOLERATED_MS) return null;
  const side = aheadMs < 0 ? 'ahead of' : 'behind';
  // To a minute: a date of HTTP tells no more than a second, and who sets a clock asks for no less.
  const minutes = Math.round(Math.abs(aheadMs) / 60_000);
  return `This computer’s clock is ${durationOf(minutes * 60)} ${side} the server’s. Times on this page are the server’s; set this clock.`;
}
