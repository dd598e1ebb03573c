import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asDataFolderError, DataFolderError } from './errors';

export type Row = Record<string, string | number | bigint | null | Uint8Array>;

const SCHEMA_VERSION = 1;
const SCHEMA = `
CREATE TABLE messages (
  id INTEGER PRIMARY KEY, queue TEXT NOT NULL, body TEXT NOT NULL, deduplication_key TEXT,
  visible_ms INTEGER NOT NULL, receive_count INTEGER NOT NULL DEFAULT 0, receipt TEXT,
  cause TEXT NOT NULL DEFAULT '', dead_at TEXT
) STRICT;
CREATE UNIQUE INDEX messages_by_deduplication ON messages (queue, deduplication_key) WHERE deduplication_key IS NOT NULL;
CREATE INDEX messages_by_visibility ON messages (queue, visible_ms) WHERE dead_at IS NULL;
CREATE TABLE items (
  segment_key TEXT NOT NULL, object_version TEXT NOT NULL, range TEXT NOT NULL, analysis_id TEXT NOT NULL,
  camera TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT NOT NULL, item TEXT NOT NULL,
  PRIMARY KEY (segment_key, object_version, range, analysis_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE current (
  segment_key TEXT NOT NULL, object_version TEXT NOT NULL, range TEXT NOT NULL, analysis_id TEXT NOT NULL,
  camera TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT NOT NULL,
  PRIMARY KEY (segment_key, object_version, range)
) STRICT, WITHOUT ROWID;
CREATE INDEX current_by_camera ON current (camera, started_at);
CREATE TABLE alerts (
  id TEXT PRIMARY KEY, camera TEXT NOT NULL, segment_key TEXT NOT NULL, status TEXT NOT NULL,
  created_at TEXT NOT NULL, alert TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_pending ON alerts (segment_key) WHERE status = 'pending';
CREATE TABLE floors (camera TEXT NOT NULL, hour TEXT NOT NULL, floor_id TEXT NOT NULL, floor TEXT NOT NULL, PRIMARY KEY (camera, hour)) STRICT, WITHOUT ROWID;
CREATE TABLE rejections (key TEXT NOT NULL, object_version TEXT NOT NULL, at TEXT NOT NULL, rejection TEXT NOT NULL, PRIMARY KEY (key, object_version)) STRICT, WITHOUT ROWID;
`;

/**
 * The one SQLite file of a data folder. WAL with synchronous=NORMAL: what was committed survives the death
 * of the process at any moment (not the loss of power in the last moments).
 */
export class Database {
  private constructor(
    readonly file: string,
    private readonly sqlite: DatabaseSync,
  ) {}

  /**
   * Opens for writing, alone: a second writer gets one clear sentence. Readers use `openReadOnly`.
   * @throws {DataFolderError}
   */
  static open(folder: string): Database {
    const file = join(folder, 'tierwatch.sqlite');
    try {
      mkdirSync(folder, { recursive: true });
      const lock = new DatabaseSync(join(folder, 'writer.lock'));
      lock.exec(
        'PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (x); COMMIT;',
      );
      heldLocks.set(file, lock);
      const sqlite = new DatabaseSync(file);
      sqlite.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;',
      );
      const database = new Database(file, sqlite);
      database.migrate();
      return database;
    } catch (error) {
      throw asDataFolderError(file, error);
    }
  }

  /** Opens for reading beside a running writer. @throws {DataFolderError} where there is none */
  static openReadOnly(folder: string): Database {
    const file = join(folder, 'tierwatch.sqlite');
    try {
      const sqlite = new DatabaseSync(file, { readOnly: true });
      sqlite.exec('PRAGMA busy_timeout = 5000;');
      const database = new Database(file, sqlite);
      database.requireVersion();
      return database;
    } catch (error) {
      if (error instanceof DataFolderError) throw error;
      throw new DataFolderError(
        `"${folder}": expected the data of an earlier "tierwatch start", found none; start it once or name its --data`,
        error,
      );
    }
  }

  all(sql: string, ...values: (string | number | null)[]): Row[] {
    return this.guarded(() => this.sqlite.prepare(sql).all(...values) as Row[]);
  }

  get(sql: string, ...values: (string | number | null)[]): Row | undefined {
    return this.guarded(() => this.sqlite.prepare(sql).get(...values) as Row | undefined);
  }

  /** @returns rows changed */
  run(sql: string, ...values: (string | number | null)[]): number {
    return this.guarded(() => Number(this.sqlite.prepare(sql).run(...values).changes));
  }

  /** All or nothing. */
  transaction<T>(work: () => T): T {
    this.guarded(() => this.sqlite.exec('BEGIN IMMEDIATE'));
    try {
      const answer = work();
      this.guarded(() => this.sqlite.exec('COMMIT'));
      return answer;
    } catch (error) {
      this.sqlite.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.sqlite.close();
    heldLocks.get(this.file)?.close();
    heldLocks.delete(this.file);
  }

  private migrate(): void {
    const version = this.version();
    if (version === SCHEMA_VERSION) return;
    this.requireVersion(0);
    this.transaction(() => this.sqlite.exec(`${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION};`));
  }

  private requireVersion(also = SCHEMA_VERSION): void {
    const version = this.version();
    if (version === SCHEMA_VERSION || version === also) return;
    throw new DataFolderError(
      `"${this.file}": expected schema version ${SCHEMA_VERSION}, found ${version}: written by another Tierwatch; update this one or name another --data`,
    );
  }

  private version(): number {
    return Number((this.sqlite.prepare('PRAGMA user_version').get() as Row).user_version);
  }

  private guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw asDataFolderError(this.file, error);
    }
  }
}

/** The lock's connection lives as long as the writer; the system frees it when the process dies. */
const heldLocks = new Map<string, DatabaseSync>();
