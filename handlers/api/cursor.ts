import { Buffer } from 'node:buffer';
import * as z from 'zod';
import { stableHash } from '../../core/hash';
import { parseJson } from '../../core/parse-json';
import { BadRequestError } from './problem';

const cursorSchema = z.strictObject({
  /** Of the filters that it continues. */
  filters: z.string(),
  from: z.iso.datetime({ precision: 3 }).nullable(),
  to: z.iso.datetime({ precision: 3 }).nullable(),
  camera: z.string().max(200),
  /** Null: behind the camera's last. */
  at: z.iso.datetime({ precision: 3 }).nullable(),
  id: z.string().max(400),
});
type Cursor = z.infer<typeof cursorSchema>;
export type Position = Omit<Cursor, 'filters'>;

/** A position as opaque text that fits only the same list with the same filters. */
export function encodeCursor(position: Position, filters: unknown): string {
  const cursor: Cursor = { filters: stableHash(filters), ...position };
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** @throws {BadRequestError} for what `encodeCursor` did not make of these filters */
export function decodeCursor(text: string | undefined, filters: unknown): Position | null {
  if (text === undefined) return null;
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(text, 'base64url').toString('utf8')));
  if (!parsed.success || parsed.data.filters !== stableHash(filters)) {
    const message = 'expected a nextCursor of the same list and filters; start without one';
    throw new BadRequestError(`"cursor": ${message}`, [{ in: 'query', field: 'cursor', message }]);
  }
  const { filters: _, ...position } = parsed.data;
  return position;
}
