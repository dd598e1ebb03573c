import type { DeletedRecording, Deletion, DeletionLog, Recording } from '../../core/ports';
import type { Database } from './database';

/** What retention has deleted: a row a file, the last time that it went. */
export class SqliteDeletions implements DeletionLog {
  constructor(private readonly database: Database) {}

  async note(_camera: string, gone: readonly DeletedRecording[], at: string): Promise<void> {
    for (const one of gone) this.noteFile(one, at);
  }

  noteFile(
    { objectKey, reason }: Pick<DeletedRecording, 'objectKey' | 'reason'>,
    at: string,
  ): void {
    const sql = 'INSERT OR REPLACE INTO expirations VALUES (?, ?, ?)';
    this.database.run(sql, objectKey, Date.parse(at), reason);
  }

  async find(_camera: string, asked: readonly Recording[]): Promise<ReadonlyMap<string, Deletion>> {
    const sql = 'SELECT at_ms, reason FROM expirations WHERE object_key = ?';
    return new Map(
      asked.flatMap(({ objectKey }) => {
        const row = this.database.get(sql, objectKey);
        if (!row) return [];
        const at = new Date(Number(row.at_ms)).toISOString();
        return [[objectKey, { at, reason: String(row.reason) }] as const];
      }),
    );
  }
}
