import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { Database } from '../../../adapters/embedded/database';
import { DataFolderError } from '../../../adapters/embedded/errors';
import { MIGRATIONS } from '../../../adapters/embedded/schema';
import { SqliteQueue } from '../../../adapters/embedded/sqlite-queue';
import { SqliteStore } from '../../../adapters/embedded/sqlite-store';
import { CAMERA, itemAt } from '../../contracts/records';
import { ManualClock } from '../../fakes/manual-clock';
import { killAfter, readLines, startScript } from './child-process';
import { cleanUpAfterEach, openDatabase, temporaryFolder } from './data-folder';

cleanUpAfterEach();

function faultOf(work: () => unknown): DataFolderError {
  try {
    work();
  } catch (error) {
    if (error instanceof DataFolderError) return error;
    throw error;
  }
  throw new Error('expected a DataFolderError, found none');
}

describe('a data folder and two processes', () => {
  it('refuses a second writer with one sentence that names the first', async () => {
    const folder = temporaryFolder();
    const holder = startScript('hold-folder.ts', folder);
    await readLines(holder, 1);
    const { fault, code, message } = faultOf(() => Database.open(folder));
    expect({ fault, code, message }).toEqual({
      fault: 'in-use',
      code: 'data-folder',
      message: `"${folder}": expected to write alone, found it in use by process ${holder.pid}; stop that one or name another --data`,
    });
    const reader = Database.openReadOnly(folder);
    expect(await new SqliteStore(reader).cameras()).toEqual([]);
    reader.close();
    holder.stdin.end();
    await once(holder, 'exit');
    expect(openDatabase(folder).get('SELECT pid FROM owner')).toEqual({ pid: process.pid });
  });

  it('is free again after its owner was killed', async () => {
    const folder = temporaryFolder();
    const holder = startScript('hold-folder.ts', folder);
    await killAfter(holder, 1);
    expect(openDatabase(folder).get('SELECT pid FROM owner')).toEqual({ pid: process.pid });
  });

  it('is free again after an opening that failed', () => {
    const folder = temporaryFolder();
    expect(() => Database.open(folder, { migrations: ['no SQL'] })).toThrow('syntax error');
    expect(openDatabase(folder).all('SELECT * FROM messages')).toEqual([]);
  });

  it('shows a reader what the writer commits meanwhile, and lets it write nothing', async () => {
    const folder = temporaryFolder();
    const store = new SqliteStore(openDatabase(folder));
    const reader = Database.openReadOnly(folder);
    await store.putItem(itemAt(0));
    await store.setCurrent(itemAt(0), { onlyIfAbsent: true });
    expect(await new SqliteStore(reader).cameras()).toEqual([CAMERA]);
    expect(faultOf(() => reader.run('DELETE FROM items')).fault).toBe('not-usable');
    reader.close();
  });
});

describe('a process killed in the middle of its writes', () => {
  it.each([1, 7, 40, 133])(
    'loses nothing that was acknowledged: killed after %i rows',
    async (count) => {
      const folder = temporaryFolder();
      const acknowledged = await killAfter(startScript('write-rows.ts', folder, '0'), count);
      const database = openDatabase(folder);
      expect(database.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' });
      const items = await Array.fromAsync(new SqliteStore(database).itemsOfCamera(CAMERA, {}));
      const messages = await new SqliteQueue<number>(database, 'cpu', new ManualClock()).waiting();
      expect(acknowledged.length).toBeGreaterThanOrEqual(count);
      expect(items.slice(0, acknowledged.length)).toEqual(
        acknowledged.map((line) => itemAt(Number(line))),
      );
      expect(messages.slice(0, acknowledged.length)).toEqual(acknowledged.map(Number));
      // At most the one that it was at when it died.
      expect(items.length - acknowledged.length).toBeLessThanOrEqual(1);
      expect(messages.length - acknowledged.length).toBeLessThanOrEqual(1);
    },
  );

  it('leaves data that a reader can open before anybody writes again', async () => {
    const folder = temporaryFolder();
    const acknowledged = await killAfter(startScript('write-rows.ts', folder, '0'), 20);
    const reader = Database.openReadOnly(folder);
    const items = await Array.fromAsync(new SqliteStore(reader).itemsOfCamera(CAMERA, {}));
    reader.close();
    expect(items.slice(0, acknowledged.length)).toEqual(
      acknowledged.map((line) => itemAt(Number(line))),
    );
  });

  it('goes on where it was after three kills, with each row once', async () => {
    const folder = temporaryFolder();
    let next = 0;
    for (const count of [5, 9, 3]) {
      await killAfter(startScript('write-rows.ts', folder, String(next)), count);
      const reader = openDatabase(folder);
      next = (await new SqliteQueue<number>(reader, 'cpu', new ManualClock()).waiting()).length;
      reader.close();
    }
    const database = openDatabase(folder);
    const messages = await new SqliteQueue<number>(database, 'cpu', new ManualClock()).waiting();
    expect(messages).toEqual(Array.from({ length: next }, (_, index) => index));
  });
});

describe('a database that can not be used', () => {
  it('says that the disk is full, keeps what was committed and takes rows again', async () => {
    const database = openDatabase();
    const store = new SqliteStore(database);
    await store.putItem(itemAt(0));
    const { page_count: pages } = database.get('PRAGMA page_count') as { page_count: number };
    database.get(`PRAGMA max_page_count = ${pages + 2}`);
    const big = itemAt(1, { partialReason: 'x'.repeat(100_000) });
    await expect(store.putItem(big)).rejects.toMatchObject({
      fault: 'disk-full',
      code: 'data-folder',
      retryable: true,
    });
    const error = faultOf(() =>
      database.transaction(() => {
        database.run("INSERT INTO deduplication VALUES ('cpu', 'rolled back')");
        database.run(
          'INSERT INTO messages (queue, body, visible_ms) VALUES (?, ?, 0)',
          'cpu',
          'x'.repeat(100_000),
        );
      }),
    );
    expect(error.message).toBe(
      `"${database.file}": expected free space, found none; make room and start again: nothing that was finished is lost`,
    );
    expect(await store.getItem(itemAt(0))).toEqual(itemAt(0));
    expect(database.all('SELECT * FROM deduplication')).toEqual([]);
    database.get('PRAGMA max_page_count = 1000000');
    expect(await store.putItem(big)).toBe(true);
  });

  it('says that another program holds the database locked', () => {
    const folder = temporaryFolder();
    const database = openDatabase(folder, { busyTimeoutMs: 10 });
    const other = new DatabaseSync(database.file);
    other.exec('BEGIN IMMEDIATE');
    const { fault, retryable } = faultOf(() =>
      database.run("INSERT INTO deduplication VALUES ('cpu', 'a')"),
    );
    expect({ fault, retryable }).toEqual({ fault: 'locked', retryable: true });
    other.exec('ROLLBACK');
    expect(database.run("INSERT INTO deduplication VALUES ('cpu', 'a')")).toBe(1);
    other.close();
  });

  it('says that a folder is none', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, 'no folder');
    expect(faultOf(() => Database.open(file)).fault).toBe('not-usable');
    expect(faultOf(() => Database.open(join(file, 'below'))).fault).toBe('not-usable');
  });

  it('says to a reader that nothing was started yet', () => {
    const folder = temporaryFolder();
    expect(faultOf(() => Database.openReadOnly(folder)).fault).toBe('missing');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves a file alone that is no database, and a database of others', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'tierwatch.sqlite');
    writeFileSync(file, 'These are the notes of somebody else, kept here for years.'.repeat(50));
    expect(faultOf(() => Database.open(folder)).fault).toBe('not-a-database');
    expect(faultOf(() => Database.openReadOnly(folder)).fault).toBe('not-a-database');
    const foreign = temporaryFolder();
    const other = new DatabaseSync(join(foreign, 'tierwatch.sqlite'));
    other.exec('CREATE TABLE notes (text)');
    other.close();
    expect(faultOf(() => Database.open(foreign)).fault).toBe('not-a-database');
  });
});

describe('the schema', () => {
  const steps = ['CREATE TABLE one (a TEXT) STRICT', 'ALTER TABLE one ADD COLUMN b TEXT'];

  it('takes an earlier version on step by step and keeps its rows', () => {
    const folder = temporaryFolder();
    const setup = 'CREATE TABLE owner (pid INTEGER) STRICT';
    const first = Database.open(folder, { migrations: [`${setup}; ${steps[0]}`] });
    first.run("INSERT INTO one VALUES ('kept')");
    first.close();
    const second = openDatabase(folder, { migrations: [`${setup}; ${steps[0]}`, steps[1]!] });
    expect(second.all('SELECT * FROM one')).toEqual([{ a: 'kept', b: null }]);
    expect(second.get('PRAGMA user_version')).toEqual({ user_version: 2 });
  });

  it('stays at the last whole step where one fails', () => {
    const folder = temporaryFolder();
    const broken = ['CREATE TABLE owner (pid INTEGER) STRICT', `${steps[0]}; no SQL`];
    expect(() => Database.open(folder, { migrations: broken })).toThrow('syntax error');
    const repaired = openDatabase(folder, { migrations: [broken[0]!, steps[0]!] });
    expect(repaired.all('SELECT * FROM one')).toEqual([]);
  });

  it('refuses the data of a newer Tierwatch, to writers and readers', () => {
    const folder = temporaryFolder();
    Database.open(folder, { migrations: [...MIGRATIONS, 'CREATE TABLE newer (a)'] }).close();
    for (const open of [Database.open, Database.openReadOnly]) {
      const { fault, message } = faultOf(() => open(folder));
      expect(fault).toBe('schema-version');
      expect(message).toContain(
        `expected schema version ${MIGRATIONS.length}, found ${MIGRATIONS.length + 1}; update this Tierwatch`,
      );
    }
  });

  it('asks a reader of older data to start once', () => {
    const folder = temporaryFolder();
    openDatabase(folder);
    const newer = { migrations: [...MIGRATIONS, 'CREATE TABLE newer (a)'] };
    expect(faultOf(() => Database.openReadOnly(folder, newer)).message).toContain(
      'run "tierwatch start" once',
    );
  });
});
