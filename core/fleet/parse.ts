import { type Document, isMap, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import { TierwatchError } from '../errors';
import { crossProblems, type Path } from './cross-problems';
import { type Fleet, fleetSchema } from './schema';

export interface FleetProblem {
  readonly line: number;
  readonly column: number;
  /** Dotted path, such as `cameras.north-mall/entrance.zones.door.0`. */
  readonly path: string;
  readonly message: string;
}

/** Every problem of a fleet file at once; nothing starts with any. */
export class FleetFileError extends TierwatchError {
  override readonly name = 'FleetFileError';
  constructor(
    file: string,
    readonly problems: readonly FleetProblem[],
  ) {
    const lines = problems.map(
      ({ line, column, path, message }) =>
        `${file}:${line}:${column}: ${path || 'file'}: ${message}`,
    );
    super(lines.join('\n'), { code: 'fleet-file', retryable: false });
  }
}

/** Reads a fleet file's text. @throws {FleetFileError} with every problem, by line and column */
export function parseFleet(file: string, text: string): Fleet {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems: FleetProblem[] = document.errors.map((error) => ({
    ...position(error.pos[0]),
    path: '',
    message: `expected YAML: ${error.message.split('\n')[0]}`,
  }));
  if (problems.length > 0) throw new FleetFileError(file, problems);
  const at = (path: Path) => position(offsetOf(document.contents, path));
  problems.push(...duplicateKeys(document.contents, [], position));
  const raw = valuesOf(file, document);
  const parsed = fleetSchema.safeParse(raw);
  for (const issue of parsed.error?.issues ?? []) problems.push(...problemsOf(issue, at));
  for (const { path, message } of crossProblems(parsed.data ?? raw)) {
    problems.push({ ...at(path), path: path.join('.'), message });
  }
  if (problems.length === 0 && parsed.success) return parsed.data;
  throw new FleetFileError(
    file,
    problems.sort((a, b) => a.line - b.line || a.column - b.column),
  );
}

/** @throws {FleetFileError} for an alias without its anchor, or aliases that multiply without end */
function valuesOf(file: string, document: Document.Parsed): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const message = `expected YAML whose aliases resolve: ${error.message}`;
    throw new FleetFileError(file, [{ line: 1, column: 1, path: '', message }]);
  }
}

function problemsOf(
  issue: z.core.$ZodIssue,
  at: (path: Path) => { line: number; column: number },
): FleetProblem[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const whole = [...path, key];
      return {
        ...at(whole),
        path: whole.join('.'),
        message: `unknown key "${key}"${suggestion(path, key)}`,
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

/** Names the known key that is nearest in spelling, or all that would be right. */
function suggestion(path: Path, key: string): string {
  const known = knownKeys(path);
  const nearest = known
    .map((candidate) => ({ candidate, distance: editDistance(candidate, key) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (nearest && nearest.distance <= Math.max(2, key.length / 3)) {
    return `; did you mean "${nearest.candidate}"?`;
  }
  return known.length > 0 ? `; expected one of ${known.join(', ')}` : '';
}

function knownKeys(path: Path): string[] {
  let schema: unknown = fleetSchema;
  for (const part of path) {
    const current = unwrapped(schema);
    schema = current?.shape?.[part] ?? current?.valueType ?? current?.element;
  }
  return Object.keys(unwrapped(schema)?.shape ?? {});
}

interface Shaped {
  readonly shape?: Record<string | number, unknown>;
  readonly valueType?: unknown;
  readonly element?: unknown;
  readonly unwrap?: () => unknown;
}

function unwrapped(schema: unknown): Shaped | undefined {
  let current = schema as Shaped | undefined;
  while (current?.unwrap && !current.shape && !current.element)
    current = current.unwrap() as Shaped;
  return current;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(
        row[j]! + 1,
        next[j - 1]! + 1,
        row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length]!;
}

function offsetOf(root: Node | null, path: Path): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => String((item.key as { value?: unknown })?.value) === String(part),
      );
      if (!pair) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else {
      node = (node as { items?: unknown[] } | null)?.items?.[Number(part)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    }
  }
  return offset;
}

function duplicateKeys(
  node: unknown,
  path: Path,
  position: (offset: number) => { line: number; column: number },
): FleetProblem[] {
  if (!isMap(node)) return [];
  const seen = new Map<string, number>();
  return (node as YAMLMap<Node, unknown>).items.flatMap(({ key, value }) => {
    const name = String((key as { value?: unknown }).value);
    const here = position(key.range?.[0] ?? 0);
    const first = seen.get(name);
    if (first === undefined) seen.set(name, here.line);
    const repeated =
      first === undefined
        ? []
        : [
            {
              ...here,
              path: [...path, name].join('.'),
              message: `named twice, first in line ${first}; keep one`,
            },
          ];
    return [...repeated, ...duplicateKeys(value, [...path, name], position)];
  });
}
