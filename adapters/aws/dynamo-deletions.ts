import { type DeletedDay, dayOf, deletedDays, reasonIn } from '../../core/deletions';
import { stableHash } from '../../core/hash';
import type { DeletedRecording, Deletion, DeletionLog, Recording } from '../../core/ports';
import { deletionKey, deletionPartition, epochSeconds } from './dynamo-keys';
import { DAY_MS, inGroups } from './dynamo-roll-ups';
import type { DynamoTable, TableRow } from './dynamo-table';
import { pack, unpack } from './packed-text';

/**
 * What retention has deleted: a row a camera, run and day of footage, known by what it says, so that a message that is
 * delivered again writes no second one. It lives as long as the items of that day may.
 */
export class DynamoDeletions implements DeletionLog {
  constructor(
    private readonly table: DynamoTable,
    private readonly life: { readonly evidenceDays: number },
  ) {}

  async note(camera: string, gone: readonly DeletedRecording[], at: string): Promise<void> {
    await inGroups(deletedDays(gone), ({ day, spans }) =>
      this.table.put({
        ...deletionKey(camera, { day, id: stableHash(spans) }),
        at,
        spans: pack(JSON.stringify(spans)),
        // Counted from the end of a recording that begins on that day.
        expiresAt: epochSeconds(Date.parse(day) + (this.life.evidenceDays + 2) * DAY_MS),
      }),
    );
  }

  async find(camera: string, asked: readonly Recording[]): Promise<ReadonlyMap<string, Deletion>> {
    const found = new Map<string, Deletion>();
    const days = [...new Set(asked.map(dayOf))].sort();
    if (days.length === 0) return found;
    const period = { from: `${days[0]}#`, to: `${days.at(-1)}#~` };
    for await (const row of this.table.query(deletionPartition(camera), period)) {
      const deleted = deletedDayOf(row);
      const at = String(row.at);
      for (const recording of asked) {
        const { objectKey } = recording;
        const reason = reasonIn(deleted, recording);
        const known = found.get(objectKey);
        if (reason !== null && (!known || known.at < at)) found.set(objectKey, { at, reason });
      }
    }
    return found;
  }
}

function deletedDayOf({ sk, spans }: TableRow): DeletedDay {
  return { day: String(sk).slice(0, 10), spans: JSON.parse(unpack(spans as Uint8Array)) };
}
