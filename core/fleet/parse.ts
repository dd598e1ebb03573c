import type { z } from 'zod';
import { TierwatchError } from '../errors';
import { keySuggestion } from '../known-keys';
import { shapeSentence } from '../shape-sentence';
import { crossProblems, type Path } from './cross-problems';
import {
  type FleetProblem,
  type FleetText,
  type PositionOf,
  type ReadFile,
  readFleetText,
} from './read-text';
import { type Fleet, fleetSchema } from './schema';

/** Every problem of a fleet's files at once; nothing starts with any. */
export class FleetFileError extends TierwatchError {
  override readonly name = 'FleetFileError';
  constructor(readonly problems: readonly FleetProblem[]) {
    const lines = problems.map(
      ({ file, line, column, path, message }) =>
        `${file}:${line}:${column}: ${path || 'file'}: ${message}`,
    );
    super(lines.join('\n'), { code: 'fleet-file', retryable: false });
  }
}

/** Reads a fleet file's text. @throws {FleetFileError} with every problem, by line and column */
export function parseFleet(file: string, text: string): Fleet {
  return parseFleetFiles([{ file, text }]);
}

/**
 * Reads a fleet that is spread over files, such as one a site: maps (tiers, notify, sites, cameras) are put
 * together, everything else stands in one file alone.
 * @throws {FleetFileError} with every problem of every file, by line and column
 */
export function parseFleetFiles(files: readonly FleetText[]): Fleet {
  const read = files.map(readFleetText);
  const { fleet, problems } = judge(read);
  const all = new Map(
    [...problems, ...earlierReadings(read).flatMap((earlier) => judge(earlier).problems)].map(
      (problem) => [JSON.stringify(problem), problem],
    ),
  );
  if (all.size === 0 && fleet) return fleet;
  throw new FleetFileError(
    [...all.values()].sort(
      (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
    ),
  );
}

function judge(read: readonly ReadFile[]): { fleet: Fleet | undefined; problems: FleetProblem[] } {
  const { merged, ownerOf, repeated } = mergeFiles(read);
  const parsed = fleetSchema.safeParse(merged);
  const isShaped = parsed.success && read.every(({ raw }) => isMapping(raw));
  const problems = [
    ...read.flatMap((one) => one.problems),
    ...(isShaped ? [] : read.flatMap(shapeProblems)),
    ...repeated,
  ];
  for (const { path, message } of crossProblems(parsed.data ?? merged)) {
    problems.push({ ...ownerOf(path)(path), path: path.join('.'), message });
  }
  return { fleet: parsed.data, problems };
}

/** The files with what stands in the earlier ones of entries that are named twice: it may be the one to keep. */
function earlierReadings(read: readonly ReadFile[]): ReadFile[][] {
  const turns = Math.max(0, ...read.map(({ earlier }) => earlier.length));
  return Array.from({ length: turns }, (_, turn) =>
    read.map((one) => ({ ...one, ...one.earlier[turn] })),
  );
}

function shapeProblems({ raw, at }: ReadFile): FleetProblem[] {
  const { error } = fleetSchema.safeParse(raw, { error: shapeSentence });
  return (error?.issues ?? []).flatMap((issue) => problemsOf(issue, at));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

const MERGED_MAPS: readonly string[] = ['tiers', 'notify', 'sites', 'cameras'];

/** One mapping of all files, and whose position a path has. */
function mergeFiles(files: readonly ReadFile[]): {
  merged: Record<string, unknown>;
  ownerOf: (path: Path) => PositionOf;
  repeated: FleetProblem[];
} {
  const whole = new Map<string, unknown>();
  const maps = new Map(MERGED_MAPS.map((name) => [name, new Map<string, unknown>()]));
  const owners = new Map<string, PositionOf>();
  const repeated: FleetProblem[] = [];
  const claim = (path: Path, at: PositionOf): boolean => {
    const first = owners.get(path.join('\n'))?.(path);
    if (first) {
      const message = `named twice, first in ${first.file}:${first.line}; keep one`;
      repeated.push({ ...at(path), path: path.join('.'), message });
      return false;
    }
    owners.set(path.join('\n'), at);
    return true;
  };
  for (const { raw, at } of files) {
    for (const [name, value] of Object.entries(isMapping(raw) ? raw : {})) {
      if (!MERGED_MAPS.includes(name) || !isMapping(value)) {
        if (claim([name], at)) whole.set(name, value);
        continue;
      }
      for (const [key, entry] of Object.entries(value)) {
        if (claim([name, key], at)) maps.get(name)!.set(key, entry);
      }
    }
  }
  const merged = {
    ...Object.fromEntries([...maps].map(([name, all]) => [name, Object.fromEntries(all)])),
    ...Object.fromEntries(whole),
  };
  const ownerOf = (path: Path): PositionOf =>
    owners.get(path.slice(0, 2).join('\n')) ?? owners.get(String(path[0])) ?? files[0]!.at;
  return { merged, ownerOf, repeated };
}

function problemsOf(issue: z.core.$ZodIssue, at: PositionOf): FleetProblem[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const whole = [...path, key];
      return {
        ...at(whole),
        path: whole.join('.'),
        message: `unknown key "${key}"${keySuggestion(fleetSchema, path, key)}`,
      };
    });
  }
  if (issue.code === 'invalid_union') {
    const message = 'expected { webhook: URL }, { command: [...] } or { stdout: true }';
    return [{ ...at(path), path: path.join('.'), message }];
  }
  if (issue.code === 'invalid_key') {
    const form = path[0] === 'cameras' ? 'site/camera' : 'a name';
    const message = `expected ${form} of a-z, 0-9 and "-", found "${path.at(-1)}"`;
    return [{ ...at(path), path: path.join('.'), message }];
  }
  return [{ ...at(path), path: path.join('.'), message: issue.message }];
}
