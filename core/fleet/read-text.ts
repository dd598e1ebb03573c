import { CORE_SCHEMA, defineMappingTag, load, mapTag, YAMLException } from 'js-yaml';
import { type Document, isMap, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import type { Path } from './cross-problems';

export interface FleetProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Dotted path, such as `cameras.north-mall/entrance.zones.door.0`. */
  readonly path: string;
  readonly message: string;
}

export interface FleetText {
  readonly file: string;
  readonly text: string;
}

type Position = Pick<FleetProblem, 'file' | 'line' | 'column'>;
export type PositionOf = (path: Path) => Position;

export interface ReadFile {
  readonly raw: unknown;
  readonly at: PositionOf;
  readonly problems: readonly FleetProblem[];
}

/**
 * Reads a file's values. Only a file in which something is amiss is read with positions too, for they take
 * twelve times as long and three times the memory (docs/benchmarks.md).
 */
export function readFleetText(given: FleetText): ReadFile {
  const values = valuesWithoutPositions(given.text);
  if (values === undefined) return readWithPositions(given);
  let located: ReadFile | undefined;
  const at: PositionOf = (path) => {
    located ??= readWithPositions(given);
    return located.at(path);
  };
  return { raw: values ?? {}, at, problems: [] };
}

/** Keys are texts alone: of others parsers make different texts. */
const TEXT_KEYS = CORE_SCHEMA.withTags(
  defineMappingTag('tag:yaml.org,2002:map', {
    ...mapTag,
    addPair: (map, key, value) =>
      typeof key === 'string' ? mapTag.addPair(map, key, value) : 'expected a text as key',
  }),
);
/** What parsers differ about, or what changes the meaning of the rest: read the slow way. */
const RARE = [
  /[!&]/, // tags, anchors
  /^(%| *(---|\.\.\.))/m, // directives, further documents
  /[|>][+-]?\d/, // block texts of a given indentation
  /\r(?!\n)|[^\n\r\x20-\x7e\xa0-\u{10ffff}]|[\u2028\u2029\ufeff]/u, // odd line ends, tabs, control characters
  /\d[eE]\+?\d{3}|\d{300}/, // numbers beyond a double's
];

/** A file's values as YAML 1.2 has them; undefined for what is broken, repeats a key, is empty, or rare. */
export function valuesWithoutPositions(text: string): unknown {
  const body = text.replace(/^---\n/, '');
  if (RARE.some((pattern) => pattern.test(body))) return undefined;
  try {
    return load(body, { schema: TEXT_KEYS, maxAliases: 0 });
  } catch (error) {
    if (error instanceof YAMLException) return undefined;
    throw error;
  }
}

/** Reads a file with the line and column of everything in it. */
export function readWithPositions({ file, text }: FleetText): ReadFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const at: PositionOf = (path) => position(offsetOf(document.contents, path));
  const refuse = (where: Position, message: string): ReadFile => ({
    raw: {},
    at,
    problems: [{ ...where, path: '', message }],
  });
  const [broken] = document.errors;
  if (broken) {
    const problems = document.errors.map((error) => ({
      ...position(error.pos[0]),
      path: '',
      message: `expected YAML: ${error.message.split('\n')[0]}`,
    }));
    return { raw: {}, at, problems };
  }
  const raw = valuesOf(document);
  if (raw instanceof ReferenceError) {
    return refuse(position(0), `expected YAML whose aliases resolve: ${raw.message}`);
  }
  return { raw, at, problems: duplicateKeys(document.contents, [], position) };
}

/** @returns a ReferenceError for an alias without its anchor, or aliases that multiply without end */
function valuesOf(document: Document.Parsed): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    if (error instanceof ReferenceError) return error;
    throw error;
  }
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
  position: (offset: number) => Position,
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
