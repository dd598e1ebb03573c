import type { AllowedSites } from './deps';

/** Longer texts are nobody's claim: API Gateway hands over 10 KB of headers at most. */
const MAX_CHARACTERS = 10_240;
const MAX_NAME = 63;
const SITE = /^site:([a-z0-9][a-z0-9-]*)$/;

/**
 * The sites of a verified token's claim: `all`, or `site:NAME` for each of them; other groups mean nothing
 * here. A claim of another form lets nothing be seen, and so does none.
 * @param claims of the authoriser, which turns a list into the text "[a b]"; undefined: nobody has signed in
 */
export function sitesOfClaims(
  claims: Readonly<Record<string, unknown>> | undefined,
  name: string,
): AllowedSites {
  if (claims === undefined) return null;
  const words = wordsOf(Object.hasOwn(claims, name) ? claims[name] : undefined);
  if (words.includes('all')) return 'all';
  const sites = words.flatMap((word) => {
    const site = SITE.exec(word)?.[1];
    return site !== undefined && site.length <= MAX_NAME ? [site] : [];
  });
  return [...new Set(sites)];
}

/** Whether the same claim names `operator`: who may put dead letters back. It lets nothing be seen. */
export function isOperatorByClaims(
  claims: Readonly<Record<string, unknown>> | undefined,
  name: string,
): boolean {
  if (claims === undefined || !Object.hasOwn(claims, name)) return false;
  return wordsOf(claims[name]).includes('operator');
}

function wordsOf(claim: unknown): readonly string[] {
  if (Array.isArray(claim)) return claim.every((one) => typeof one === 'string') ? claim : [];
  if (typeof claim !== 'string' || claim.length > MAX_CHARACTERS) return [];
  const text = claim.startsWith('[') && claim.endsWith(']') ? claim.slice(1, -1) : claim;
  const words = text.split(' ');
  return words.every((word) => /^[^\s"[\],]+$/.test(word)) ? words : [];
}
