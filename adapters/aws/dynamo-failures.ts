import type { FailureNotes } from '../../core/ports';
import type { DynamoTable } from './dynamo-table';

/** As long as SQS keeps a message at all. */
const KEPT_DAYS = 14;
const MAX_CAUSE_CHARACTERS = 1000;

/** Why messages became dead letters: one small item for each, written with its last delivery. */
export class DynamoFailures implements FailureNotes {
  constructor(private readonly table: DynamoTable) {}

  async note({ messageId, cause, at }: Parameters<FailureNotes['note']>[0]): Promise<void> {
    const expiresAt = Math.ceil(Date.parse(at) / 1000) + KEPT_DAYS * 86_400;
    const text = cause.slice(0, MAX_CAUSE_CHARACTERS);
    await this.table.put({ ...keyOf(messageId), cause: text, at, expiresAt });
  }

  async find(messageId: string): Promise<{ cause: string; at: string } | null> {
    const row = await this.table.get(keyOf(messageId));
    return row && { cause: String(row.cause), at: String(row.at) };
  }
}

function keyOf(messageId: string) {
  return { pk: `failure#${messageId}`, sk: 'failure' };
}
