import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderConfigurationReference } from '../core/config-reference';
import { renderManifestSchema } from '../model-build/manifest-schema';

/** Writes docs/configuration.md and model-build/manifest.schema.json from the schemas. */
export function generateDocs(folder: string): void {
  writeFileSync(join(folder, 'configuration.md'), renderConfigurationReference());
  const schema = join(folder, '../model-build/manifest.schema.json');
  writeFileSync(schema, renderManifestSchema());
}

if (require.main === module) generateDocs(__dirname);
