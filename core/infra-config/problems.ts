import type { z } from 'zod';
import { type InfraConfig, infraConfigSchema } from '../infra-config';
import { keySuggestion } from '../known-keys';
import { shapeSentence } from '../shape-sentence';
import { brokenRules } from './rules';

type Path = readonly PropertyKey[];

/**
 * What is wrong with a configuration, all of it: each key by itself, those that there are not, and the rules between
 * those that are right by themselves.
 * @returns `key: expected …, found …`, keys without their prefix
 */
export function infraConfigProblems(values: Readonly<Record<string, unknown>>): string[] {
  const { shape } = infraConfigSchema;
  const right: Record<string, unknown> = {};
  const lines: string[] = [];
  for (const [key, schema] of Object.entries(shape)) {
    const { data, error } = schema.safeParse(values[key], { error: shapeSentence });
    if (error) lines.push(...error.issues.flatMap((issue) => linesOf(issue, [key])));
    else right[key] = data;
  }
  for (const key of Object.keys(values))
    if (!Object.hasOwn(shape, key)) lines.push(unknownLine([], key));
  const broken = brokenRules(right as Partial<InfraConfig>);
  return [...lines, ...broken.map(({ path, message }) => `${path.join('.')}: ${message}`)];
}

function linesOf(issue: z.core.$ZodIssue, above: Path): string[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownLine(path, key));
  if (issue.code === 'invalid_union') {
    // Of the alternatives the one that looks like it says what is wrong inside.
    const like = issue.errors.find((branch) =>
      branch.every((one) => one.path.length > 0 || 'keys' in one),
    );
    if (like && like.length > 0) return like.flatMap((one) => linesOf(one, path));
  }
  return [`${path.join('.')}: ${issue.message}`];
}

function unknownLine(path: Path, key: string): string {
  const where = [...path, key].join('.');
  return `${where}: unknown key "${key}"${keySuggestion(infraConfigSchema, path, key)}`;
}
