import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asDataFolderError } from '../../adapters/embedded/errors';
import type { Fleet } from '../../core/fleet/schema';

const FILE = 'fleet.json';

/** Keeps, in the data folder, the fleet that `start` runs by. @throws {DataFolderError} */
export function keepFleet(data: string, fleet: Fleet): void {
  const file = join(data, FILE);
  try {
    writeFileSync(`${file}.part`, JSON.stringify(fleet));
    renameSync(`${file}.part`, file);
  } catch (error) {
    throw asDataFolderError(file, error);
  }
}

/** The fleet that `start` ran by last: written by nobody else, so trusted. Null before it was kept. */
export function usedFleet(data: string): Fleet | null {
  try {
    return JSON.parse(readFileSync(join(data, FILE), 'utf8')) as Fleet;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw asDataFolderError(join(data, FILE), error);
  }
}
