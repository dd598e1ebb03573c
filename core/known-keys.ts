type Path = readonly PropertyKey[];

/** Names the known key that is nearest in spelling, or all that would be right. */
export function keySuggestion(schema: unknown, path: Path, key: string): string {
  const known = knownKeys(schema, path);
  const nearest = known
    .map((candidate) => ({ candidate, distance: editDistance(candidate, key) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (nearest && nearest.distance <= Math.max(2, key.length / 3)) {
    return `; did you mean "${nearest.candidate}"?`;
  }
  return known.length > 0 ? `; expected one of ${known.join(', ')}` : '';
}

function knownKeys(root: unknown, path: Path): string[] {
  let schema = root;
  for (const part of path) {
    const current = unwrapped(schema);
    schema = current?.shape?.[part] ?? current?.valueType ?? current?.element;
  }
  return Object.keys(unwrapped(schema)?.shape ?? {});
}

interface Shaped {
  readonly shape?: Record<PropertyKey, unknown>;
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
