import * as z from 'zod';
import { foundOf } from './shape-sentence';

/** A text of a form; the message says the form in words instead of as an expression. */
export function textOf(form: RegExp, words: string) {
  return z.string().regex(form, { error: expected(words) });
}

/** What should have been there, and what is. */
export function expected(words: string) {
  return ({ input }: { readonly input?: unknown }): string =>
    `expected ${words}, found ${foundOf(input)}`;
}

/** A whole number as a text, as an environment variable holds it. */
export function wholeText(least: number, most: number) {
  const error = expected(`a whole number from ${least} to ${most}`);
  const isOne = (text: string): boolean => /^\d{1,15}$/.test(text);
  const fits = (text: string): boolean =>
    isOne(text) && Number(text) >= least && Number(text) <= most;
  return z.string({ error }).refine(fits, { error }).transform(Number);
}
