import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderConfigurationReference } from '../core/config-reference';
import { renderPermissions } from '../core/permissions-reference';
import { FUNCTION_ACCESS } from '../handlers/all.permissions';
import { renderOpenApi } from '../handlers/api/document';
import { renderManifestSchema } from '../model-build/manifest-schema';

/** Writes docs/configuration.md, docs/permissions.md, docs/openapi.json and model-build/manifest.schema.json from the schemas. */
export function generateDocs(folder: string): void {
  writeFileSync(join(folder, 'configuration.md'), renderConfigurationReference());
  writeFileSync(join(folder, 'permissions.md'), renderPermissions(FUNCTION_ACCESS));
  writeFileSync(join(folder, 'openapi.json'), renderOpenApi());
  const schema = join(folder, '../model-build/manifest.schema.json');
  writeFileSync(schema, renderManifestSchema());
}

if (require.main === module) generateDocs(__dirname);
