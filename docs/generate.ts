import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderConfigurationReference } from '../core/config-reference';

/** Writes docs/configuration.md from the schemas. */
export function generateDocs(folder: string): void {
  writeFileSync(join(folder, 'configuration.md'), renderConfigurationReference());
}

if (require.main === module) generateDocs(__dirname);
