import { isMap, isPair, isScalar, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';

/**
 * A fleet file's text with a camera in another tier; comments, order and everything else stay as they are.
 * @returns null where this text does not name the camera
 */
export function setTier(text: string, camera: string, tier: string): string | null {
  const cameras = mapAt(parseDocument(text).contents, 'cameras');
  const pair = cameras && pairOf(cameras, camera);
  if (!pair) return null;
  const entry = pair.value as Node | null;
  if (isMap(entry)) {
    const known = pairOf(entry, 'tier')?.value as Node | null | undefined;
    if (known?.range) return splice(text, known.range[0], known.range[1], tier);
    return insertInto(text, entry, tier);
  }
  // `camera:` with nothing behind it.
  const [, end] = (pair.key as Node).range!;
  const colon = text.indexOf(':', end);
  return splice(text, colon + 1, entry?.range?.[1] ?? colon + 1, ` { tier: ${tier} }`);
}

function insertInto(text: string, entry: YAMLMap, tier: string): string {
  const [start] = entry.range!;
  if (entry.flow) {
    const isEmpty = entry.items.length === 0;
    const end = entry.range![1];
    if (isEmpty) return splice(text, start, end, `{ tier: ${tier} }`);
    const [first] = (entry.items[0]!.key as Node).range!;
    return splice(text, first, first, `tier: ${tier}, `);
  }
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const indent = text.slice(lineStart, start);
  return splice(text, start, start, `tier: ${tier}\n${indent}`);
}

function splice(text: string, from: number, to: number, replacement: string): string {
  return `${text.slice(0, from)}${replacement}${text.slice(to)}`;
}

function mapAt(node: unknown, name: string): YAMLMap | null {
  if (!isMap(node)) return null;
  const value = pairOf(node, name)?.value;
  return isMap(value) ? value : null;
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === name,
  );
}
