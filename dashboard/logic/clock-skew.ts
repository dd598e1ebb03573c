import { durationOf } from './words';

/** A clock may be off by this much without anybody noticing, ms. */
const TOLERATED_MS = 90_000;

/** What to say of this computer's clock against the server's; null where they agree. */
export function skewSentence(hereMs: number, serverMs: number): string | null {
  const offMs = hereMs - serverMs;
  if (Math.abs(offMs) <= TOLERATED_MS) return null;
  const side = offMs > 0 ? 'ahead of' : 'behind';
  return `This computer’s clock is ${durationOf(Math.abs(offMs) / 1000)} ${side} the server’s. Times on this page are the server’s; set this clock.`;
}
