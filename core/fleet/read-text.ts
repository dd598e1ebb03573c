import { CORE_SCHEMA, defineMappingTag, load, mapTag, YAMLException } from 'js-yaml';
import { type Document, isMap, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import type { Path } from './cross-problems';
import { yamlSentence } from './yaml-sentence';

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
  /** The file with an earlier entry of all that is named twice; `raw` has the last. */
  readonly earlier: readonly Pick<ReadFile, 'raw' | 'at'>[];
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
  return { raw: values ?? {}, at, problems: [], earlier: [] };
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
  const atIn =
    ({ contents }: Document.Parsed): PositionOf =>
    (path) =>
      position(offsetOf(contents, path));
  const at = atIn(document);
  const refuse = (where: Position, message: string): ReadFile => ({
    raw: {},
    at,
    problems: [{ ...where, path: '', message }],
    earlier: [],
  });
  const [broken] = document.errors;
  if (broken) {
    const problems = document.errors.map((error) => ({
      ...position(error.pos[0]),
      path: '',
      message: yamlSentence(error.code),
    }));
    return { raw: {}, at, problems, earlier: [] };
  }
  const raw = valuesOf(document);
  if (raw instanceof ReferenceError) {
    const message =
      'expected YAML whose aliases resolve, found one (*name) without its anchor (&name) before it, or too many';
    return refuse(position(0), message);
  }
  const problems = duplicateKeys(document.contents, [], position);
  if (problems.length === 0) return { raw, at, problems, earlier: [] };
  const earlier = Array.from({ length: mostRepeats(document.contents) - 1 }, (_, turn) => {
    const chosen = withEntries(document, (entries) => entries[Math.min(turn, entries.length - 1)]!);
    return { raw: valuesOf(chosen), at: atIn(chosen) };
  }).filter(({ raw }) => !(raw instanceof ReferenceError));
  const last = withEntries(document, (entries) => entries.at(-1)!);
  return { raw, at: atIn(last), problems, earlier };
}

type Entry = YAMLMap<Node, unknown>['items'][number];
/** Entries of one name that are looked into: to be told of eight is enough. */
const MOST_REPEATS = 8;

/** A copy in which each key stands once. */
function withEntries(
  document: Document.Parsed,
  choose: (entries: readonly Entry[]) => Entry,
): Document.Parsed {
  const copy = document.clone() as Document.Parsed;
  const thin = (node: unknown): void => {
    if (!isMap(node)) return;
    const map = node as YAMLMap<Node, unknown>;
    map.items = [...Map.groupBy(map.items, nameOf).values()].map(choose);
    for (const { value } of map.items) thin(value);
  };
  thin(copy.contents);
  return copy;
}

function mostRepeats(node: unknown): number {
  if (!isMap(node)) return 1;
  const items = (node as YAMLMap<Node, unknown>).items;
  const counts = Map.groupBy(items, nameOf)
    .values()
    .map(({ length }) => length);
  const most = [...counts, ...items.map(({ value }) => mostRepeats(value))].reduce(
    (one, other) => Math.max(one, other),
    1,
  );
  return Math.min(most, MOST_REPEATS);
}

function nameOf({ key }: Entry): string {
  return String((key as { value?: unknown }).value);
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
  return (node as YAMLMap<Node, unknown>).items.flatMap((entry) => {
    const { key, value } = entry;
    const name = nameOf(entry);
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
