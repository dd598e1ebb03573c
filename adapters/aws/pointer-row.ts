import * as z from 'zod';
import { type RolledRow, SUMMED_FIELDS } from '../../core/roll-up';
import { SEGMENT_PREFIX } from './dynamo-keys';
import type { TableRow } from './dynamo-table';

/** Numbers of a row in the order in which a pointer holds them. */
const NUMBERS = ['lagSeconds', ...SUMMED_FIELDS] as const;
const rowSchema = z.tuple([
  z.string(),
  z.string(),
  z.array(z.number()),
  z.array(z.tuple([z.string(), z.number(), z.number()])),
]);

/** The analytics row of one range, as its pointer in the time index has it. */
export interface PointedRow {
  /** Segment and range: what counts once. */
  readonly id: string;
  /** When the range starts, ISO. */
  readonly at: string;
  readonly row: RolledRow;
}

/**
 * A pointer's attribute: when it was analysed, tier, numbers by their place, [class, presence seconds, peak] a class.
 * Some 150 bytes: the pointer stays below 1 KB with the longest names, so it costs no write unit more.
 */
export function rowAttribute({ tier, fields }: RolledRow, analysedAt: string): string {
  const classes = Object.entries(fields).flatMap(([name, seconds]) => {
    const className = /^presenceSeconds\.(.+)$/.exec(name)?.[1];
    return className === undefined ? [] : [[className, seconds, fields[`peakCount.${className}`]]];
  });
  return JSON.stringify([analysedAt, tier, NUMBERS.map((name) => fields[name] ?? 0), classes]);
}

/** Classes of the things that were there, as the pointer tells. */
export function classesIn({ row }: TableRow): readonly string[] {
  const [, , , classes] = rowSchema.parse(JSON.parse(String(row)));
  return classes.map(([className]) => className);
}

/**
 * The rows of a camera's pointers, one a range: of several versions of an object the one that was analysed last, as
 * `currentRowOf` has it. Pointers from before rows were kept in them have none.
 */
export function pointedRows(camera: string, pointers: readonly TableRow[]): PointedRow[] {
  const latest = new Map<string, PointedRow & { readonly order: string }>();
  for (const { pk, sk, timeSk, row: attribute } of pointers) {
    if (attribute === undefined) continue;
    const [, version = '', range = ''] = String(sk).split('#');
    const [analysedAt, tier, numbers, classes] = rowSchema.parse(JSON.parse(String(attribute)));
    const id = `${String(pk).slice(SEGMENT_PREFIX.length)}#${range}`;
    const order = `${analysedAt}#${version}`;
    const known = latest.get(id);
    if (known && known.order > order) continue;
    const fields = Object.fromEntries([
      ...NUMBERS.map((name, index) => [name, numbers[index] ?? 0] as const),
      ...classes.flatMap(([name, seconds, peak]) => [
        [`presenceSeconds.${name}`, seconds] as const,
        [`peakCount.${name}`, peak] as const,
      ]),
    ]);
    const at = String(timeSk).slice(camera.length + 1, camera.length + 1 + ISO_LENGTH);
    latest.set(id, { id, at, order, row: { camera, tier, fields } });
  }
  return [...latest.values()].map(({ id, at, row }) => ({ id, at, row }));
}

const ISO_LENGTH = '2026-11-20T08:00:00.000Z'.length;
