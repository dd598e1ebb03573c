import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of real footage, models and labelled images beside the project, or null where it is absent. */
export function sharedFolder(): string | null {
  const folder = resolve(process.env.TIERWATCH_SHARED ?? join(__dirname, '../../../shared'));
  return existsSync(join(folder, 'footage')) ? folder : null;
}
