import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { asDataFolderError, DataFolderError } from './errors';
import { APPLICATION_ID, MIGRATIONS } from './schema';

export type Row = Record<string, string | number | bigint | null | Uint8Array>;
export type Value = string | number | null | Uint8Array;

export interface DatabaseOptions {
  /** Longest wait for another program's write, ms. @default 5000 */
  readonly busyTimeoutMs?: number;
  /** Schema steps. @default those of this version */
  readonly migrations?: readonly string[];
}

const FILE = 'tierwatch.sqlite';
/** Pages that a reader keeps: lists go over indexes again and again (KiB). */
const READER_CACHE_KIB = 65_536;

/**
 * The one SQLite file of a data folder. WAL with synchronous=NORMAL: what was committed is with the system
 * and survives the death of the process at any moment (kill -9); only a loss of power can take the last
 * commits since a checkpoint, and leaves the file sound (sqlite.org/pragma.html#pragma_synchronous).
 */
export class Database {
  private readonly statements = new Map<string, StatementSync>();

  private constructor(
    readonly file: string,
    private readonly sqlite: DatabaseSync,
    private readonly lock: DatabaseSync | null,
  ) {}

  /**
   * Opens for writing, alone: a second writer gets one clear sentence. Readers use `openReadOnly`.
   * @throws {DataFolderError}
   */
  static open(folder: string, options: DatabaseOptions = {}): Database {
    const { busyTimeoutMs = 5000, migrations = MIGRATIONS } = options;
    const file = join(folder, FILE);
    return opening(file, (opened) => {
      mkdirSync(folder, { recursive: true });
      const lock = opened(takeLock(folder));
      const sqlite = opened(new DatabaseSync(file, { timeout: busyTimeoutMs }));
      requireOurs(file, sqlite);
      sqlite.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864;',
      );
      const database = new Database(file, sqlite, lock);
      database.migrate(migrations);
      database.transaction(() => {
        database.run('DELETE FROM owner');
        database.run('INSERT INTO owner VALUES (?)', process.pid);
      });
      return database;
    });
  }

  /** As `open`, but makes nothing. @throws {DataFolderError} where there is none */
  static openExisting(folder: string, options: DatabaseOptions = {}): Database {
    if (!existsSync(join(folder, FILE))) throw missing(folder);
    return Database.open(folder, options);
  }

  /** Opens for reading beside a running writer. @throws {DataFolderError} where there is none */
  static openReadOnly(folder: string, options: DatabaseOptions = {}): Database {
    const { busyTimeoutMs = 5000, migrations = MIGRATIONS } = options;
    const file = join(folder, FILE);
    return opening(file, (opened) => {
      const sqlite = opened(openToRead(folder, file, busyTimeoutMs));
      requireOurs(file, sqlite);
      sqlite.exec(`PRAGMA cache_size = -${READER_CACHE_KIB}`);
      const database = new Database(file, sqlite, null);
      if (database.version() !== migrations.length) database.refuseVersion(migrations.length);
      return database;
    });
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.guarded(() => this.statement(sql).all(...values) as Row[]);
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.guarded(() => this.statement(sql).get(...values) as Row | undefined);
  }

  /** @returns rows changed */
  run(sql: string, ...values: Value[]): number {
    return this.guarded(() => Number(this.statement(sql).run(...values).changes));
  }

  /** All or nothing; inside another transaction it becomes part of that one. `work` must not await. */
  transaction<T>(work: () => T): T {
    if (this.sqlite.isTransaction) return work();
    this.guarded(() => this.sqlite.exec('BEGIN IMMEDIATE'));
    try {
      const answer = work();
      this.guarded(() => this.sqlite.exec('COMMIT'));
      return answer;
    } catch (error) {
      // A full disk has rolled back already.
      if (this.sqlite.isTransaction) this.sqlite.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    if (!this.sqlite.isOpen) return;
    this.sqlite.close();
    this.lock?.close();
  }

  private statement(sql: string): StatementSync {
    const known = this.statements.get(sql);
    if (known) return known;
    const statement = this.sqlite.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }

  /** Each step is one transaction with its version: killed in between, it goes on where it stood. */
  private migrate(migrations: readonly string[]): void {
    if (this.version() > migrations.length) this.refuseVersion(migrations.length);
    for (let version = this.version(); version < migrations.length; version++) {
      this.transaction(() =>
        this.sqlite.exec(
          `${migrations[version]}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version + 1};`,
        ),
      );
    }
  }

  private refuseVersion(expected: number): never {
    const found = this.version();
    const remedy =
      found > expected
        ? 'update this Tierwatch or name another --data'
        : 'run "tierwatch start" once: it brings it up to date';
    throw new DataFolderError(
      'schema-version',
      `"${this.file}": expected schema version ${expected}, found ${found}; ${remedy}`,
    );
  }

  private version(): number {
    return pragma(this.sqlite, 'user_version');
  }

  private guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw asDataFolderError(this.file, error);
    }
  }
}

/** Opens several connections, or none: a failure closes those already open. */
function opening<T>(file: string, open: (opened: (one: DatabaseSync) => DatabaseSync) => T): T {
  const connections: DatabaseSync[] = [];
  try {
    return open((one) => {
      connections.push(one);
      return one;
    });
  } catch (error) {
    for (const one of connections) one.close();
    throw asDataFolderError(file, error);
  }
}

/**
 * Node has no file locks; SQLite does. A second file, locked for as long as its connection lives, leaves
 * readers of the first alone; the system frees it when the process dies, however that happens.
 */
function takeLock(folder: string): DatabaseSync {
  const lock = new DatabaseSync(join(folder, 'writer.lock'), { timeout: 0 });
  try {
    lock.exec(
      'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (x); COMMIT;',
    );
    return lock;
  } catch (error) {
    lock.close();
    const known = asDataFolderError(join(folder, 'writer.lock'), error);
    if (!(known instanceof DataFolderError && known.fault === 'locked')) throw known;
    throw new DataFolderError(
      'in-use',
      `"${folder}": expected to write alone, found it in use by ${ownerOf(folder)}; stop that one or name another --data`,
      error,
    );
  }
}

function ownerOf(folder: string): string {
  try {
    const reader = Database.openReadOnly(folder);
    const pid = reader.get('SELECT pid FROM owner')?.pid;
    reader.close();
    return pid === undefined ? 'another process' : `process ${pid}`;
  } catch {
    // It has just started: there is nothing to read yet.
    return 'another process';
  }
}

function openToRead(folder: string, file: string, timeout: number): DatabaseSync {
  try {
    return new DatabaseSync(file, { readOnly: true, timeout });
  } catch (error) {
    if (existsSync(file)) throw error;
    throw missing(folder, error);
  }
}

function missing(folder: string, cause?: unknown): DataFolderError {
  return new DataFolderError(
    'missing',
    `"${folder}": expected the data of an earlier "tierwatch start", found none; start it once or name its --data`,
    cause,
  );
}

function requireOurs(file: string, sqlite: DatabaseSync): void {
  const applicationId = pragma(sqlite, 'application_id');
  const { tables } = sqlite.prepare('SELECT COUNT(*) AS tables FROM sqlite_schema').get() as Row;
  if (applicationId === APPLICATION_ID || (applicationId === 0 && tables === 0)) return;
  throw asDataFolderError(file, { code: 'ERR_SQLITE_ERROR', errcode: 26 });
}

function pragma(sqlite: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number((sqlite.prepare(`PRAGMA ${name}`).get() as Row)[name]);
}
