import type { Plan } from './review';

/** What a plan does to one component of the program. */
export interface ComponentChange {
  readonly component: string;
  /** `+ Queue tierwatch-dev-cpu`; several objects of a bucket are one line. */
  readonly lines: readonly string[];
  readonly unchanged: number;
}

const SIGNS: Readonly<Record<string, string>> = {
  create: '+',
  update: '~',
  delete: '-',
  replace: '±',
};
/** Steps that are a replacement's parts. */
const PARTS: readonly string[] = ['create-replacement', 'delete-replaced', 'discard-replaced'];

/** The resources of a plan by component, in the order of names. */
export function componentChanges({ steps }: Plan): ComponentChange[] {
  const ours = steps.filter(
    ({ op, urn }) => !PARTS.includes(op) && /^awsx?:/.test(typesOf(urn).at(-1) ?? ''),
  );
  return [...Map.groupBy(ours, ({ urn }) => componentOf(urn))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([component, all]) => {
      const changed = all.filter(({ op }) => op !== 'same');
      const counts = new Map<string, number>();
      for (const { op, urn } of changed) {
        const type = typesOf(urn).at(-1)!.split(':').at(-1)!;
        const name = type === 'BucketObjectv2' ? '' : ` ${urn.split('::').slice(3).join('::')}`;
        const line = `${SIGNS[op] ?? op} ${type}${name}`;
        counts.set(line, (counts.get(line) ?? 0) + 1);
      }
      const lines = [...counts].map(([line, count]) => (count > 1 ? `${line} (${count})` : line));
      return { component, lines, unchanged: all.length - changed.length };
    });
}

function typesOf(urn: string): string[] {
  return (urn.split('::')[2] ?? '').split('$');
}

/** The outermost component of ours; what stands alone is the platform's. */
function componentOf(urn: string): string {
  const own = typesOf(urn).find((type) => type.startsWith('tierwatch:'));
  return own?.split(':').at(-1) ?? 'platform';
}
