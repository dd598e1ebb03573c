import * as z from 'zod';
import { foundOf } from '../shape-sentence';

/** A text of a form; the message says the form in words instead of as an expression. */
export function textOf(form: RegExp, words: string) {
  return z.string().regex(form, { error: expected(words) });
}

/** What should have been there, and what is. */
export function expected(words: string) {
  return ({ input }: { readonly input?: unknown }): string =>
    `expected ${words}, found ${foundOf(input)}`;
}

/** Time for which something is kept. */
export const days = z.number().int().min(1).max(3650);

export const emails = z.array(z.email({ error: expected('an e-mail address') })).max(10);

export const httpsAddress = z.url({
  protocol: /^https$/,
  error: expected('an address that begins with https://'),
});
