import type { z } from 'zod';

type RawIssue = z.core.$ZodRawIssue;
type Issue = z.core.$ZodInternalIssue;

/** Texts longer than this are cut, characters. */
const MOST_SHOWN = 40;
const KINDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};
const UNITS: Readonly<Record<string, readonly [one: string, more: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

/** What a value that breaks the schema should have been, and what it is. What a schema says itself stands. */
export function shapeSentence(issue: RawIssue): string {
  return `expected ${expectedOf(issue as Issue)}, found ${foundOf(issue.input)}`;
}

function expectedOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected;
    case 'too_big':
      return bound(issue.inclusive === false ? 'less than' : 'at most', issue.maximum, issue);
    case 'too_small':
      return bound(issue.inclusive === false ? 'more than' : 'at least', issue.minimum, issue);
    case 'invalid_format':
      if (issue.format === 'url') return 'a URL that begins with http:// or https://';
      return issue.pattern === undefined ? `a text (${issue.format})` : `a text ${issue.pattern}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? String(issue.values[0])
        : `one of ${issue.values.map(String).join(', ')}`;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    default:
      return 'something else';
  }
}

function bound(
  relation: string,
  limit: number | bigint,
  { origin, exact }: { readonly origin: string; readonly exact?: boolean },
): string {
  const unit = UNITS[origin]?.[Number(limit) === 1 ? 0 : 1];
  return `${exact ? 'exactly' : relation} ${limit}${unit ? ` ${unit}` : ''}`;
}

/** A value as a message shows it. */
export function foundOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}…` : value);
}
