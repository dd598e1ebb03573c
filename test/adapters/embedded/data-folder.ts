import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { Database, type DatabaseOptions } from '../../../adapters/embedded/database';

const folders: string[] = [];
const databases: Database[] = [];

/** An empty folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tierwatch-embedded-')));
  folders.push(folder);
  return folder;
}

/** A database that is closed when the test ends. */
export function openDatabase(folder = temporaryFolder(), options: DatabaseOptions = {}): Database {
  const database = Database.open(folder, options);
  databases.push(database);
  return database;
}

/** To be called once at the top of a test file. */
export function cleanUpAfterEach(): void {
  afterEach(() => {
    for (const database of databases.splice(0)) database.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
}
