import type * as z from 'zod';
import { TierwatchError } from '../core/errors';
import { parseJson } from '../core/parse-json';

/** A message has fields that this version does not know: while a deployment goes on, the functions' versions differ. */
export class NewerMessageError extends TierwatchError {
  override readonly name = 'NewerMessageError';
  constructor(fields: readonly string[]) {
    super(
      `"${fields.join('", "').slice(0, 200)}": expected the fields of this version, found others too; it is tried again, by then perhaps with the version that sent it`,
      { code: 'newer-message', retryable: true },
    );
  }
}

/**
 * A queue's message. Anybody who may send may send anything: what has another form is nobody's, and dropped by the
 * caller; what only knows more than we do is somebody's, and kept.
 * @returns null: another form
 * @throws {NewerMessageError}
 */
export function readMessage<Schema extends z.ZodType>(
  schema: Schema,
  body: string,
): z.infer<Schema> | null {
  const parsed = schema.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  if (!issues.every(({ code }) => code === 'unrecognized_keys')) return null;
  throw new NewerMessageError(
    issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])),
  );
}
