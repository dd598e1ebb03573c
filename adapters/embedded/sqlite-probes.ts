import type { LandedObject } from '../../core/identify-segment';
import type { Database } from './database';

/** Lengths of files whose keys do not tell them: each is probed once. */
export class SqliteProbes {
  constructor(private readonly database: Database) {}

  /** @returns the known length, else what `probe` finds, seconds */
  async secondsOf(object: LandedObject, probe: () => Promise<number>): Promise<number> {
    const { key, objectVersion } = object;
    const sql = 'SELECT seconds FROM probes WHERE key = ? AND object_version = ?';
    const known = this.database.get(sql, key, objectVersion)?.seconds;
    if (known !== undefined) return Number(known);
    const seconds = await probe();
    const insert = 'INSERT OR REPLACE INTO probes VALUES (?, ?, ?)';
    this.database.run(insert, key, objectVersion, seconds);
    return seconds;
  }
}
